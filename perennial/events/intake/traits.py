"""What identify and group calls say of people and customers: kept as said, the newest per source.

A server's word may also fill typed fields (`customers.said`); a browser's is only claimed.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pyarrow as pa

from perennial.customers.said import Said, record_said_of_customers, record_said_of_people
from perennial.customers.upsert import chunks
from perennial.events.models import Source, Trait
from perennial.events.rules.kinds import Kind

NAME_AT_MOST: Final = 200
ID_AT_MOST: Final = 500
_ONCE: Final = "$set_once"  # of PostHog: values that hold only where none is known
_ROWS_AT_ONCE: Final = 2_000

Key = tuple[str, str, str, int]  # about, external id, name, source


@dataclass(frozen=True, slots=True)
class _Word:
    value: object
    claimed: bool
    said_at: datetime
    received_at: datetime
    once: bool


def keep_traits(rows: pa.Table) -> None:
    """Keep what a load's rows say (columns as `intake.counting` gathers them); runs in its
    transaction. Doing it again changes nothing."""
    sources = dict(Source.objects.values_list("name", "pk"))
    words: dict[Key, _Word] = {}
    groups: dict[str, tuple[str, datetime]] = {}  # customer → its server's name, when
    for row in sorted(rows.to_pylist(), key=lambda it: (it["ts"], it["position"])):
        is_group = row["kind"] == Kind.GROUP
        about = Trait.About.CUSTOMER if is_group else Trait.About.PERSON
        who = row["customer"] if is_group else row["person"]
        if not who or len(who) > ID_AT_MOST or row["source"] not in sources:
            continue
        if is_group and not row["claimed"]:
            groups[who] = (row["source"], row["received_at"])
        for name, value, once in _said(row["traits"]):
            key = (about.value, who, name, sources[row["source"]])
            if not (once and key in words):
                said = (value, row["claimed"], row["ts"], row["received_at"], once)
                words[key] = _Word(*said)
    known = _known(words)
    news = {key: word for key, word in words.items() if _is_news(word, known.get(key))}
    _write(news)
    _fill(news, known, groups, {pk: name for name, pk in sources.items()})


def _said(text: str | None) -> Iterable[tuple[str, object, bool]]:
    """Name, value, and whether it holds only where none is known."""
    try:
        traits = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return
    once = traits.pop(_ONCE, None)
    for said, is_once in ((once, True), (traits, False)):
        if isinstance(said, dict):
            for name, value in said.items():
                if 0 < len(name) <= NAME_AT_MOST:
                    yield name, value, is_once


def _known(words: Mapping[Key, _Word]) -> dict[Key, tuple[object, datetime]]:
    found: dict[Key, tuple[object, datetime]] = {}
    for about in Trait.About.values:
        ids = sorted({key[1] for key in words if key[0] == about})
        for part in chunks(ids):
            rows = Trait.objects.filter(about=about, external_id__in=part)
            columns = ("about", "external_id", "name", "source", "value", "said_at")
            for *key, value, said_at in rows.values_list(*columns):
                found[key[0], key[1], key[2], key[3]] = (value, said_at)
    return found


def _is_news(word: _Word, known: tuple[object, datetime] | None) -> bool:
    if known is None:
        return True
    value, said_at = known
    return not word.once and word.said_at >= said_at and word.value != value


def _write(news: Mapping[Key, _Word]) -> None:
    Trait.objects.bulk_create(
        [
            Trait(
                about=about,
                external_id=who,
                name=name,
                source_id=source,
                value=word.value,
                claimed=word.claimed,
                said_at=word.said_at,
                received_at=word.received_at,
            )
            for (about, who, name, source), word in news.items()
        ],
        batch_size=_ROWS_AT_ONCE,
        update_conflicts=True,
        unique_fields=["about", "external_id", "name", "source"],
        update_fields=["value", "claimed", "said_at", "received_at"],
    )


def _fill(
    news: Mapping[Key, _Word],
    known: Mapping[Key, tuple[object, datetime]],
    groups: Mapping[str, tuple[str, datetime]],
    names: Mapping[int, str],
) -> None:
    """Let servers' words fill fields, and their group calls make customers."""
    said: dict[tuple[str, str, int], dict[str, Any]] = defaultdict(dict)
    at: datetime | None = max((when for _, when in groups.values()), default=None)
    for (about, who, name, source), word in news.items():
        if not word.claimed:
            said[about, who, source][name] = word.value
            at = max(at, word.received_at) if at else word.received_at
    if at is None:
        return
    found: dict[str, list[Said]] = {about: [] for about in Trait.About.values}
    for (about, who, source), traits in said.items():
        before = {
            name: known[about, who, name, source][0]
            for name in traits
            if (about, who, name, source) in known
        }
        found[about].append(Said(who, names[source], traits, before))
    told = {one.external_id for one in found[Trait.About.CUSTOMER]}
    found[Trait.About.CUSTOMER] += [
        Said(who, source, {}, {}) for who, (source, _) in groups.items() if who not in told
    ]
    record_said_of_customers(found[Trait.About.CUSTOMER], at=at)
    record_said_of_people(found[Trait.About.PERSON], at=at)

"""Keep what was judged: only what changed, closing the old class and opening the new one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from perennial.customers.models import Classification, Customer
from perennial.customers.queries import classes_on
from perennial.customers.upsert import chunks
from perennial.health.classes.facts import Facts
from perennial.health.classes.queries import Said, Verdicts
from perennial.health.classes.rules.definition import ORDER, STAGE

BATCH = 500


@dataclass(frozen=True, slots=True)
class Open:
    """The class that holds of a customer."""

    pk: int
    value: str
    said_by: str
    rule: str
    from_on: date

    def says(self, said: Said) -> bool:
        return (self.value, self.said_by, self.rule) == (said.value, said.said_by, said.rule)


def open_classes(kind: str, customers: Iterable[int] | None = None) -> dict[int, Open]:
    """What holds now of everybody (None) or these; whoever was never classed is absent."""
    rows = Classification.objects.filter(kind=kind, until_on__isnull=True)
    if customers is not None:
        rows = rows.filter(customer__in=list(customers))
    names = ("customer_id", "pk", "value", "said_by", "rule", "from_on")
    return {row[0]: Open(*row[1:]) for row in rows.values_list(*names)}


@transaction.atomic
def keep(
    facts: Facts,
    found: Verdicts,
    *,
    on: date,
    at: datetime,
    began: Mapping[int, date] | None = None,
) -> int:
    """Let the classes of `found` hold from `on` on; how many changed. What began later stays.

    `began`: since when the stage of customers without any history is what it is.
    """
    written = 0
    shown: dict[tuple[str, Any], list[int]] = defaultdict(list)
    for kind in ORDER:
        since = began if began and kind == STAGE else {}
        held = open_classes(kind)
        fresh: list[Classification] = []
        closed: list[int] = []
        for place, (pk, said) in enumerate(zip(facts.pks.tolist(), found.said[kind], strict=True)):
            row = held.get(pk)
            if row is not None and row.from_on > on:
                continue
            if said.value != facts.now[kind][place]:
                shown[kind, said.value].append(pk)
            if (row is None and not said.value) or (row is not None and row.says(said)):
                continue
            from_on = since.get(pk, on) if row is None else on
            if row is not None:
                closed.append(row.pk)
            if kind == STAGE and (row is None or row.value != said.value):
                shown["stage_since_on", from_on].append(pk)
            fresh.append(_row(kind, pk, said, from_on, found, found.reason(kind, place, facts), at))
        _close(closed, on=on, at=at)
        Classification.objects.bulk_create(fresh, batch_size=BATCH)
        written += len(fresh)
    _show(shown)
    return written


def _row(
    kind: str,
    pk: int,
    said: Said,
    from_on: date,
    found: Verdicts,
    reason: dict[str, Any],
    at: datetime,
) -> Classification:
    return Classification(
        customer_id=pk,
        kind=kind,
        value=said.value,
        from_on=from_on,
        said_by=said.said_by,
        rule=said.rule,
        version=found.rules[kind].version,
        reason=reason,
        recorded_at=at,
    )


def _close(rows: list[int], *, on: date, at: datetime) -> None:
    for part in chunks(rows):
        Classification.objects.filter(pk__in=part).update(until_on=on, closed_at=at)


def _show(wanted: Mapping[tuple[str, Any], list[int]]) -> None:
    """Let the customers carry what holds: a query per new value, none where all is as it was."""
    for (name, value), pks in wanted.items():
        for part in chunks(pks):
            Customer.objects.filter(pk__in=part).update(**{name: value})


def adopt(facts: Facts) -> list[str]:
    """The imported tier of each customer. A tier that stands without any history was imported
    before there was one: it is kept as such."""
    held = open_classes("tier")
    found = list(facts.now["imported_tier"])
    fresh: dict[tuple[str, Any], list[int]] = defaultdict(list)
    for place, pk in enumerate(facts.pks.tolist()):
        tier = facts.now["tier"][place]
        if tier and not found[place] and pk not in held:
            found[place] = tier
            fresh["imported_tier", tier].append(pk)
    _show(fresh)
    return found


@transaction.atomic
def keep_past_day(facts: Facts, found: Verdicts, *, at: datetime) -> int:
    """An older day: only customers of whom nothing is known for it get a row, of that one day."""
    fresh = []
    days = facts.as_of
    for kind in ORDER:
        known = classes_on(kind, facts.pks, days)
        for place, (pk, said) in enumerate(zip(facts.pks.tolist(), found.said[kind], strict=True)):
            if known[place] is None and said.value:
                row = _row(kind, pk, said, facts.day, found, found.reason(kind, place, facts), at)
                row.until_on, row.closed_at = facts.day + timedelta(days=1), at
                fresh.append(row)
    Classification.objects.bulk_create(fresh, batch_size=BATCH)
    return len(fresh)

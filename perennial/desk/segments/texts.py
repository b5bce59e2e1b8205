"""Everybody's segments as text: the section `segments`. What a text leaves out is retired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from perennial.customers.filters import Field as Asked
from perennial.customers.filters import FilterRefused, compile_filter, parse
from perennial.customers.filters import Kind as AskedKind
from perennial.customers.models import Segment
from perennial.customers.segments import actions
from perennial.customers.segments.actions import Wanted
from perennial.customers.segments.queries import texts as texts_of_home
from perennial.desk.fields import FIELDS
from perennial.team.models import User
from perennial.units.definitions import Field, Kind, Plain, both, text
from perennial.units.errors import RowError

_A_DAY = date(2000, 1, 1)


def _make(values: Any) -> Wanted:
    title = values["title"]
    return Wanted(values["name"], title["zh"], title["en"], values["filter"], values["meaning"])


def _plain(it: Wanted) -> Plain:
    return {
        "name": it.name,
        "title": {"zh": it.title_zh, "en": it.title_en},
        "filter": it.filter,
        "meaning": it.meaning,
    }


def _faults(it: Wanted, sections: Mapping[str, Sequence[Any]]) -> list[RowError]:
    others = texts_of_home() | {one.name: one.filter for one in sections.get("segments", ())}
    found = list(actions.faults_of(it, others))
    if found:
        return found
    offered = tuple((name, name) for name in others)
    fields = (*FIELDS, Asked("segment", "", AskedKind.SEGMENT, "pk", offered))
    try:
        compile_filter(parse(it.filter), fields, as_of=_A_DAY, user_id=None)
    except FilterRefused as wrong:
        return [RowError(wrong.code, wrong.message, column="filter", params=wrong.params)]
    return []


def _drop(it: Wanted, by: User | None, at: datetime) -> None:
    actions.retire_segment(Segment.objects.get(name=it.name), by=by, at=at)


SEGMENTS: Kind[Wanted] = Kind(
    name="segments",
    fields=(
        Field("name", text),
        Field("title", both),
        Field("filter", text),
        Field("meaning", text, ""),
    ),
    make=_make,
    plain=_plain,
    known=actions.defined,
    faults=_faults,
    keep=lambda it, by, at: actions.define_segment(it, by=by, at=at),
    drop=_drop,
    rank=-1,  # profiles and rules of the same text may name them
)
KINDS: tuple[Kind[Any], ...] = (SEGMENTS,)

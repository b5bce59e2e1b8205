"""Who stands in every segment at the end of a day, asked of all figures as columns at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import F
from numpy.typing import NDArray

from perennial.customers.filters import Field, FilterRefused, Kind, parse
from perennial.customers.matching import matches
from perennial.customers.models import Segment, SegmentMember
from perennial.customers.segments.actions import fill_members
from perennial.customers.segments.queries import SEGMENT_FIELD
from perennial.customers.segments.reading import SEGMENT, fields_behind, in_order, segments_behind
from perennial.desk.fields import FIELDS
from perennial.desk.models import CustomerFigures

READABLE: tuple[Field, ...] = (*FIELDS, SEGMENT_FIELD)
_UNKNOWN: dict[Kind, Any] = {Kind.NUMBER: np.nan, Kind.DATE: None, Kind.USER: -1}


@transaction.atomic
def fill(day: date, *, only: Collection[str] | None = None) -> dict[str, int]:
    """Let the rows of members say what the figures say; how many segments and changes.

    `only`: these and all that are made of them. Run again, the second time changes nothing.
    """
    known = {it.name: it for it in Segment.objects.select_for_update()}
    texts = {name: it.filter for name, it in known.items()}
    wanted = [name for name in in_order(texts) if only is None or _hangs_on(name, only, texts)]
    if not wanted:
        return {"segments": 0, "segment_changes": 0}
    names = {field for name in wanted for field in fields_behind(parse(texts[name]), texts)}
    pks, columns = columns_of([it for it in FIELDS if it.name in names])
    changes = 0
    standing = _standing()
    inside = {name: standing.get(it.pk, set()) for name, it in known.items()}
    for name in wanted:
        found = _ids(texts[name], pks, columns, inside, day)
        changes += fill_members(known[name], found, day=day, standing=inside[name])
        inside[name] = found
    return {"segments": len(wanted), "segment_changes": changes}


def refill(day: date, *, touched: Collection[str]) -> None:
    """After a change by hand of some fields: fill the segments that read them."""
    texts = dict(Segment.objects.values_list("name", "filter"))
    reading = {
        name for name, text in texts.items() if fields_behind(parse(text), texts) & {*touched}
    }
    if reading:
        fill(day, only=reading)


def _hangs_on(name: str, only: Collection[str], texts: Mapping[str, str]) -> bool:
    return name in only or bool(segments_behind(parse(texts[name]), texts) & {*only})


def _standing() -> dict[int, set[int]]:
    """Who stands in which segment now, by primary keys."""
    found: dict[int, set[int]] = {}
    rows = SegmentMember.objects.filter(until_on__isnull=True).order_by()
    for segment, customer in rows.values_list("segment_id", "customer_id"):
        found.setdefault(segment, set()).add(customer)
    return found


def _ids(
    text: str,
    pks: NDArray[np.int64],
    columns: Mapping[str, NDArray[Any]],
    inside: Mapping[str, set[int]],
    day: date,
) -> set[int]:
    """Whom a filter means; nobody when it reads a field that is gone."""
    tree = parse(text)
    asked = {it for part in tree.conditions() if part.field == SEGMENT for it in part.values}
    full = dict(columns)
    if asked:
        names = np.empty(len(pks), object)
        names[:] = [tuple(one for one in asked if pk in inside.get(one, ())) for pk in pks.tolist()]
        full[SEGMENT] = names
    offered = tuple((name, name) for name in inside) or (("-", "-"),)
    fields = (*FIELDS, Field(SEGMENT, "", Kind.SEGMENT, "pk", offered))
    try:
        found = matches(tree, fields, full, as_of=np.full(len(pks), np.datetime64(day, "D")))
    except FilterRefused:
        return set()
    return set(pks[found].tolist())


def columns_of(fields: Sequence[Field]) -> tuple[NDArray[np.int64], dict[str, NDArray[Any]]]:
    """These fields of every customer that is not merged into another, as `matching` reads them."""
    rows = CustomerFigures.objects.filter(customer__merged_into__isnull=True).order_by("pk")
    rows = rows.annotate(day_change=F("score") - F("score_before"))
    read = list(rows.values_list("pk", *(field.path for field in fields)))
    whole: list[Any] = list(zip(*read, strict=True)) or [()] * (len(fields) + 1)
    columns = {it.name: _column(it.kind, whole[at]) for at, it in enumerate(fields, start=1)}
    return np.array(whole[0], np.int64), columns


def _column(kind: Kind, values: Sequence[Any]) -> NDArray[Any]:
    if kind in _UNKNOWN:
        known = [_UNKNOWN[kind] if value is None else value for value in values]
        types = {Kind.NUMBER: "float64", Kind.DATE: "datetime64[D]", Kind.USER: "int64"}
        return np.array(known, types[kind])
    if kind is Kind.FLAG:
        return np.array(values, np.bool_)
    found = np.empty(len(values), object)
    found[:] = [tuple(it) if kind is Kind.SEVERAL else it or "" for it in values]
    return found

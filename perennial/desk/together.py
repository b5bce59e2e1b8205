"""What stands under customers that were merged counts for the one they stand under now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from perennial.customers.models import Customer

if TYPE_CHECKING:
    from perennial.desk.figures import Sources

V = TypeVar("V")


def together(sources: Sources) -> Sources:
    """The figures with those of merged customers at their survivors, and nowhere else."""
    rows = Customer.objects.filter(merged_into__isnull=False)
    under: dict[int, int] = dict(rows.values_list("pk", "merged_into_id"))
    if not under:
        return sources
    return replace(
        sources,
        mrr=_folded(sources.mrr, under, lambda a, b: None if a is None or b is None else a + b),
        first_order_on=_folded(sources.first_order_on, under, min),
        seats=_folded(sources.seats, under, lambda a, b: a + b),
        due=_folded(sources.due, under, lambda a, b: min(a, b, key=lambda it: it.due_on)),
        nps=_folded(sources.nps, under, min),
        tickets=_folded(sources.tickets, under, lambda a, b: a + b),
        alerts=_folded(sources.alerts, under, lambda a, b: a + b),
        at_risk=_folded(sources.at_risk, under, max),
        touched_on=_folded(sources.touched_on, under, max),
    )


def _folded(
    values: Mapping[int, V], under: Mapping[int, int], both: Callable[[V, V], V]
) -> dict[int, V]:
    found: dict[int, V] = {}
    for pk, value in values.items():
        at = under.get(pk, pk)
        found[at] = both(found[at], value) if at in found else value
    return found

"""What the ranking believes of each reason: what we ship, what the company says, what happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet

from perennial.work.models import Outcome, State, WorkDefinition, WorkItem
from perennial.work.rules import ASSUMPTIONS, NO_CASES, Assumption, Basis, Tally, Terms, basis

KIND = WorkDefinition.Kind.ASSUMPTIONS


def said() -> dict[str, WorkDefinition]:
    """What the company says in place of what we ship, by reason: the newest version of each."""
    found = WorkDefinition.objects.filter(kind=KIND, retired_at__isnull=True)
    return {row.name: row for row in found.order_by("version").select_related("by")}


def versions(reason: str) -> QuerySet[WorkDefinition]:
    """Everything the company ever said of a reason, the newest first."""
    return WorkDefinition.objects.filter(kind=KIND, name=reason).order_by("-version")


def assumptions() -> dict[str, Assumption]:
    """What is assumed of each reason now."""
    own = said()
    return {
        reason: stated(reason, own[reason]) if reason in own else shipped
        for reason, shipped in ASSUMPTIONS.items()
    }


def stated(reason: str, row: WorkDefinition) -> Assumption:
    """One version as the rules read it; the lane is not a company's to choose."""
    return replace(
        ASSUMPTIONS[reason],
        chance_rate=float(row.definition["chance_rate"]),
        effort_hours=float(row.definition["effort_hours"]),
        cool_down_days=int(row.definition["cool_down_days"]),
    )


def tallies() -> dict[str, Tally]:
    """How the items that people closed ended: with success or failed. Those that settled by
    themselves or needed no action say nothing about acting."""
    closed = WorkItem.objects.filter(
        state=State.DONE, closed_by__isnull=False, outcome__in=(Outcome.SUCCESS, Outcome.FAILED)
    )
    rows: Iterable[tuple[str, int, int]] = (
        closed.order_by()
        .values_list("reason")
        .annotate(cases=Count("pk"), helped=Count("pk", filter=Q(outcome=Outcome.SUCCESS)))
    )
    return {reason: Tally(cases, successes) for reason, cases, successes in rows}


def bases() -> dict[str, Basis]:
    """What each reason is ranked by: the company's or our assumption, or what was measured."""
    measured = tallies()
    return {
        reason: basis(assumed, measured.get(reason, NO_CASES))
        for reason, assumed in assumptions().items()
    }


def terms_of(it: Basis) -> dict[str, float | int | None]:
    """The part of an item's terms that does not depend on its customer."""
    return {
        "chance_rate": it.chance.rate,
        "effort_hours": it.effort_hours,
        "chance_cases": it.chance.cases,
        "chance_low": it.chance.low,
        "chance_high": it.chance.high,
    }


def read(kept: Mapping[str, Any]) -> Terms:
    """Terms as an item's row keeps them."""
    amounts = {it: Decimal(kept[it]) if kept.get(it) else None for it in ("stake", "stand_in")}
    return Terms(**{**kept, **amounts})

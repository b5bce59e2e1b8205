"""What changed since the day before, and what moved it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Abs

from perennial.customers.models import Customer
from perennial.desk.models import CustomerFigures
from perennial.desk.rows import change_cell, display_name, rows
from perennial.health import wording
from perennial.health.models import CurrentHealth
from perennial.health.queries import explained, judged_now, judged_on
from perennial.health.queries.profiles import ReadProfile, profile_of
from perennial.health.rules import Judged
from perennial.web import formats
from perennial.web.templatetags.ui import band_of

FEW = 6
MOVED_POINTS = 3


@dataclass(frozen=True, slots=True)
class Move:
    """A score that moved since the day before, and what moved it most."""

    customer_id: int
    name: str
    score: float
    band: str
    change: float
    why: str
    score_before: float
    band_before: str  # empty: the colour is the same


def moves(figures: QuerySet[CustomerFigures], *, on: date) -> list[Move]:
    """The largest moves of the score, falls first; one read of the store explains them all."""
    moved = (
        figures.filter(score__isnull=False, score_before__isnull=False)
        .annotate(change=F("score") - F("score_before"), size=Abs(F("score") - F("score_before")))
        .filter(size__gte=MOVED_POINTS)
        .select_related("customer")
        .order_by("-size", "pk")[:FEW]
    )
    found = list(moved)
    if not found:
        return []
    why = causes([row.customer for row in found], on=on)
    return sorted(
        (
            Move(
                row.pk,
                display_name(row.customer.name, row.customer.name_en),
                row.score or 0.0,
                row.band,
                row.change,
                why.get(row.pk, ""),
                row.score_before or 0.0,
                _other_band(row.score_before, row.score),
            )
            for row in found
        ),
        key=lambda move: move.change,
    )


def _other_band(before: float | None, now: float | None) -> str:
    """The colour of the score before, where the usual edges lie between the two."""
    return band_of(before) if band_of(before) != band_of(now) else ""


def rows_of_the_day(found: QuerySet[CustomerFigures], *, on: date) -> list[dict[str, Any]]:
    """Rows of the list with the change since yesterday, what moved it most, and the address
    where all of it is explained."""
    shown = list(found.select_related("customer"))
    why = causes([row.customer for row in shown], on=on)
    since = f"?health_since={on - timedelta(days=1)}&health_until={on}#health"
    changed = {
        row.pk: change_cell(row.score - row.score_before)
        for row in shown
        if row.score is not None and row.score_before is not None
    }
    return [
        {
            **row,
            **changed.get(row["pk"], {"change": ""}),
            "why": why.get(row["pk"], ""),
            "why_url": f"{row['url']}{since}",
        }
        for row in rows(found, on=on)
    ]


def causes(customers: Sequence[Customer], *, on: date) -> dict[int, str]:
    """The largest effect since the day before, in words, by customer id."""
    by_external = {customer.external_id: customer.pk for customer in customers}
    now = CurrentHealth.objects.in_bulk(list(by_external.values()))
    before = judged_on(list(by_external), on - timedelta(days=1))
    read = cache(profile_of)  # few profiles judge many customers
    return {
        by_external[name]: _cause(judged, now[by_external[name]], read)
        for name, (_day, judged) in before.items()
        if by_external[name] in now
    }


def _cause(before: Judged, health: CurrentHealth, read: ReadProfile) -> str:
    told = explained(before, judged_now(health), read=read)
    largest = max(told, key=lambda it: abs(it.effect.points), default=None)
    if largest is None:
        return ""
    profile = read(health.profile, health.version)
    title = wording.cause_title(largest, profile)
    why = f" · {wording.reason(largest.part)}" if largest.part else ""
    return f"{title} {formats.signed(largest.effect.points)}{why}"

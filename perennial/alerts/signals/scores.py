"""A score that the money contradicts: green and shrinking, late or leaving; red and growing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

from perennial.alerts.candidates import Candidate
from perennial.alerts.models import Rule
from perennial.alerts.rules.signals import (
    MONEY_DAYS,
    MONEY_FALL_RATE,
    MONEY_GROWTH_RATE,
    OVERDUE_DAYS,
)
from perennial.alerts.signals.facts import Facts
from perennial.contracts.queries import overdue_invoices
from perennial.health.models import Band, CurrentHealth
from perennial.revenue.models import MrrChange
from perennial.revenue.queries import mrr_on


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What of the money contradicts a score, and its numbers for the sentence."""

    way: str
    severity: float
    enters: bool
    params: dict[str, Any]


def scores_against_money(facts: Facts) -> list[Candidate] | None:
    """Judged by the recurring revenue now against 90 days ago, invoices and notices."""
    if not MrrChange.objects.exists():
        return None
    now = mrr_on(None, facts.day)
    before = mrr_on(None, facts.day - timedelta(days=MONEY_DAYS))
    late = {
        pk: (facts.day - bill.oldest_due_on).days
        for pk, bill in overdue_invoices(None, facts.day).items()
    }
    judged = CurrentHealth.objects.filter(band__in=(Band.GREEN, Band.RED))
    found = []
    for pk, band, score in judged.values_list("pk", "band", "score"):
        if pk not in facts.customers or score is None:
            continue
        change = _change(before.get(pk), now.get(pk))
        it = (
            _red_but_grows(change)
            if band == Band.RED
            else _green_but(facts, pk, change=change, late=late.get(pk, 0))
        )
        if it is not None:
            found.append(_candidate(pk, it, score=float(score), facts=facts))
    return found


def _candidate(pk: int, it: Contradiction, *, score: float, facts: Facts) -> Candidate:
    return Candidate(
        pk,
        Rule.SCORE_AGAINST_MONEY,
        "score",
        it.severity,
        facts.day,
        observed=score,
        params={"way": it.way, "score": int(score), **it.params},
        enters=it.enters,
    )


def _change(before: Fraction | None, now: Fraction | None) -> float | None:
    """The share won or lost; None without a past. What ended altogether is no contradiction."""
    return round(float(now / before - 1), 4) if before and now else None


def _red_but_grows(change: float | None) -> Contradiction | None:
    if change is None or not MONEY_GROWTH_RATE.holds(change):
        return None
    return Contradiction(
        "red_grows", 0.3, MONEY_GROWTH_RATE.enters(change), {"change_rate": change}
    )


def _green_but(facts: Facts, pk: int, *, change: float | None, late: int) -> Contradiction | None:
    due = facts.customers[pk].due
    if due and due.notice_on and not due.renewed:
        return Contradiction("green_notice", 0.9, True, {"due_on": due.due_on.isoformat()})
    if change is not None and MONEY_FALL_RATE.holds(-change):
        enters, severity = MONEY_FALL_RATE.enters(-change), round(min(0.4 - change, 1.0), 4)
        return Contradiction("green_shrinks", severity, enters, {"change_rate": -change})
    if OVERDUE_DAYS.holds(late):
        return Contradiction("green_late", 0.4, OVERDUE_DAYS.enters(late), {"days": late})
    return None

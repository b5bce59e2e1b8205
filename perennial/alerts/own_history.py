"""How the detector of drops did on this company's own past: replayed on the first day, and once
every four weeks; on a sample of the customers, so that the day stays short."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.alerts.models import Kind, OwnHistory
from perennial.alerts.replay import Raised, replay
from perennial.alerts.rules.arl import weeks_between_false
from perennial.alerts.rules.drops import CUSUM_LIMIT, CUSUM_SHIFT, SUDDEN_PROBABILITY
from perennial.customers.models import Customer
from perennial.units.progress import Progress, silent

EVERY_DAYS: Final = 28
PAST_DAYS: Final = 365
SAMPLE: Final = 250
QUICK_DAYS: Final = 28  # over by itself so soon: what a false alarm looks like from inside
LEAST_YEARS: Final = 10.0  # customer-years; below it a rate is a guess
WEEKS_A_YEAR: Final = 365.25 / 7
USUAL_WEEK, USUAL_SCATTER = 25.0, 0.125  # a middling customer, for what theory says


@dataclass(frozen=True, slots=True)
class OwnRate:
    """Alerts of one kind per customer-year in the replayed past; None: `reason` says why not.

    `recovered_per_year`: those that were over within four weeks without anybody's help, the
    nearest to a false alarm that a past without known outcomes can tell. `theory_per_year`: by
    chance alone, with usual and scatter exactly known, looked at once a week.
    """

    alerts_per_year: float | None
    recovered_per_year: float | None
    theory_per_year: float | None
    customer_years: float
    from_on: date | None
    to_on: date | None
    reason: str | Promise


def own_rate(kind: str) -> OwnRate:
    """What the newest replay found for a kind of drop."""
    newest = OwnHistory.objects.order_by("-replayed_at", "-pk").first()
    theory = by_theory(kind)
    if newest is None:
        reason = _("the past was not replayed yet")
        return OwnRate(None, None, theory, 0.0, None, None, reason)
    years, span = newest.customer_years, (newest.from_on, newest.to_on)
    if years < LEAST_YEARS:
        reason = _("too few customers and days of history to tell")
        return OwnRate(None, None, theory, years, *span, reason)
    found = newest.counts.get(kind, {})
    alerts, recovered = found.get("alerts", 0), found.get("recovered", 0)
    return OwnRate(alerts / years, recovered / years, theory, years, *span, "")


def by_theory(kind: str) -> float | None:
    """False alarms of a customer-year if nothing were estimated; None where no formula tells."""
    if kind == Kind.SUDDEN:
        return SUDDEN_PROBABILITY * WEEKS_A_YEAR
    if kind == Kind.SLOW:
        weeks = weeks_between_false(
            CUSUM_LIMIT, shift=CUSUM_SHIFT, usual=USUAL_WEEK, scatter=USUAL_SCATTER
        )
        return WEEKS_A_YEAR / weeks
    return None


def keep_own_history(*, day: date, at: datetime | None = None, progress: Progress = silent) -> bool:
    """Replay the year up to `day` unless that was done lately; whether it was done."""
    newest = OwnHistory.objects.order_by("-to_on").values_list("to_on", flat=True).first()
    if newest is not None and (day - newest).days < EVERY_DAYS:
        return False
    chosen = _sample()
    if not chosen:
        return False
    from_on = day - timedelta(days=PAST_DAYS - 1)
    found = replay(from_on=from_on, to_on=day, customers=chosen, progress=progress)
    OwnHistory.objects.create(
        replayed_at=at or datetime.now(UTC),
        from_on=from_on,
        to_on=day,
        customer_years=round(found.customer_years, 4),
        counts=_counted(found.alerts),
    )
    return True


def _sample() -> list[str]:
    """Every n-th customer by id, at most SAMPLE: the same ones as long as nobody comes."""
    ids = list(
        Customer.objects.filter(merged_into=None)
        .order_by("external_id")
        .values_list("external_id", flat=True)
    )
    return ids[:: max(1, -(-len(ids) // SAMPLE))]


def _counted(alerts: list[Raised]) -> dict[str, dict[str, int]]:
    raised = Counter(it.kind.value for it in alerts)
    quick = Counter(
        it.kind.value
        for it in alerts
        if it.by_itself and it.resolved_on and (it.resolved_on - it.raised_on).days <= QUICK_DAYS
    )
    return {kind: {"alerts": raised[kind], "recovered": quick[kind]} for kind in sorted(raised)}

"""Every reason to act today, from the slices below, for all customers at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Max

from perennial.alerts.models import Rule
from perennial.alerts.queries import LONG_SILENT_DAYS, open_causes
from perennial.contracts.queries import Due
from perennial.customers.models import Customer, Touch
from perennial.customers.queries import STANDS_AT, standing
from perennial.events.queries.quality import feed_state
from perennial.health.inputs import served
from perennial.health.models import CurrentHealth
from perennial.health.queries import parts_of
from perennial.health.rules.defaults import FEED_SILENT_DAYS
from perennial.metrics.queries import UsageRow, customer_metrics
from perennial.revenue.queries import contracted_mrr_on
from perennial.revenue.queries.exchange import Exchange, exchange
from perennial.surveys.models import Answer, SurveyKind
from perennial.units.moment import day_end, day_start
from perennial.units.money import round_half_up
from perennial.work.cause import Cause
from perennial.work.models import Reason
from perennial.work.promised import promised
from perennial.work.reasons import REASONS, TOLD_BY_RENEWAL
from perennial.work.rules import (
    BAND_SEVERITY,
    CADENCE_DAYS,
    NEAR_DAYS,
    health_severity,
    overdue_severity,
)

STUCK_FROM_DAYS, STUCK_UNTIL_DAYS, STUCK_QUIET_DAYS = 7, 60, 7
GROWTH_RATE, GROWTH_EVENTS, SEATS_FULL_RATE = 0.5, 50, 0.95
PROMOTER_SCORE, PROMOTER_DAYS = 9, 30


@dataclass(frozen=True, slots=True)
class Book:
    """All causes of the day, and what each customer is worth, in the company's currency. Unknown
    amounts are absent."""

    causes: list[Cause]
    yearly: dict[int, Decimal]
    due: dict[int, Due]
    exchange: Exchange


def gather(day: date) -> Book:
    """Read the slices below: about a dozen queries, whatever the number of customers."""
    customers = {it.pk: it for it in served(day)}
    exchanged = exchange(day)
    due = exchanged.dues({pk: it.due for pk, it in customers.items() if it.due})
    seats = {pk: it.seats for pk, it in customers.items() if it.seats}
    alive = CurrentHealth.objects.filter(customer__merged_into=None)
    health = {row[0]: row[1:] for row in alive.values_list("pk", "band", "score", "changed_on")}
    usage = _fresh_usage(day)
    touched = _touched(day)
    rows = {pk: usage[it.external_id] for pk, it in customers.items() if it.external_id in usage}
    alerts = [it for it in _alerts(day) if it.customer_id in customers]
    silent = {it.customer_id for it in alerts if it.reason == Reason.SILENT}
    fallen = {it.customer_id for it in alerts if it.reason == Reason.USAGE_DROP}
    long_silent = {it.customer_id for it in alerts if (day - it.since_on).days >= LONG_SILENT_DAYS}
    starts = {pk: it.started_on for pk, it in customers.items() if it.started_on}
    found = [
        *(it for it in alerts if it.customer_id not in long_silent or it.customer_id in due),
        *_low_health(health, silent),
        *_renewals(due, health, touched, day=day),
        *_stuck(starts, rows, day=day, connected=bool(usage)),
        *_contact_overdue(starts, touched, silent, day=day),
        *_growth(rows, health, seats, fallen, day=day),
        *(it for it in _promoters(day) if it.customer_id in customers),
        *promised(day),
    ]
    monthly = contracted_mrr_on(None, day)
    yearly = {pk: round_half_up(mrr * 12) for pk, mrr in monthly.items() if mrr}
    return Book(found, yearly, due, exchanged)


def _fresh_usage(day: date) -> dict[str, UsageRow]:
    """Usage, unless the feed itself is silent: then it says nothing."""
    rows = customer_metrics(as_of=day)
    seen = max((row.last_seen_on for row in rows.values()), default=None)
    if seen is None or (day - seen).days > FEED_SILENT_DAYS:
        return {}
    feeds = feed_state(as_of=day)
    return {name: row for name, row in rows.items() if not feeds.is_silent(name)}


def _touched(day: date) -> dict[int, date]:
    end = day_end(day, settings.PERENNIAL_TIME_ZONE)
    last = Touch.objects.filter(happened_at__lt=end).order_by()
    placed = last.annotate(place=STANDS_AT).values_list("place")
    return {
        pk: at.astimezone(settings.PERENNIAL_TIME_ZONE).date()
        for pk, at in placed.annotate(Max("happened_at"))
    }


def _alerts(day: date) -> list[Cause]:
    under = standing()
    return [
        Cause(
            under.get(it.customer_id, it.customer_id),
            REASONS[Rule(it.rule)],
            it.severity,
            it.since_on if it.rule == Rule.SILENT else it.raised_on,
            it.kind,
            date.fromisoformat(it.params["until_on"]) if it.rule == Rule.NOTICE_NEAR else None,
            it.params,
            it.about,
        )
        for it in open_causes()
        if it.rule not in TOLD_BY_RENEWAL and it.raised_on <= day
    ]


Health = dict[int, tuple[str, Decimal | None, date]]


def _low_health(health: Health, silent: set[int]) -> list[Cause]:
    """Red customers; the silent ones have their own reason."""
    parts = dict(CurrentHealth.objects.filter(band="red").values_list("pk", "parts"))
    return [
        Cause(
            pk,
            Reason.LOW_HEALTH,
            health_severity(float(score)),
            changed_on,
            params={
                "score": int(score),  # as shown: never above its colour
                "since_on": changed_on.isoformat(),
                "weakest": _weakest(parts[pk]),
            },
        )
        for pk, (band, score, changed_on) in health.items()
        if band == "red" and score is not None and pk not in silent
    ]


def _weakest(record: Any) -> dict[str, Any] | None:
    """The measure that takes most from the score, as its sentence needs it."""
    present = [(part, part.points) for part in parts_of(record) if part.points is not None]
    worst = max(present, key=lambda it: it[0].weight * (10_000 - it[1]), default=None)
    if worst is None:
        return None
    part, points = worst
    return {
        "source": part.source,
        "value": part.value,
        "points": points,
        "params": dict(part.params),
    }


def _renewals(
    due: dict[int, Due], health: Health, touched: dict[int, date], *, day: date
) -> list[Cause]:
    """What falls due within 90 days, or fell due and is not renewed."""
    return [
        Cause(
            pk,
            Reason.RENEWAL_DUE,
            1.0 if it.notice_on else BAND_SEVERITY[health[pk][0] if pk in health else "unknown"],
            max(it.due_on - timedelta(days=NEAR_DAYS), date.min),
            "notice" if it.notice_on else "late" if it.due_on < day else "",
            it.due_on,
            {
                "days": abs((it.due_on - day).days),
                "due_on": it.due_on.isoformat(),
                "amount": None if it.amount is None else str(it.amount),
                "currency": it.currency,
                "quiet": (day - touched[pk]).days if pk in touched else None,
            },
        )
        for pk, it in due.items()
        if not it.renewed and (it.due_on - day).days <= NEAR_DAYS
    ]


def _stuck(
    starts: dict[int, date], rows: dict[int, UsageRow], *, day: date, connected: bool
) -> list[Cause]:
    """Started between one week and two months ago, and nobody uses it."""
    found = []
    for pk, start in starts.items():
        age = (day - start).days
        if not connected or not STUCK_FROM_DAYS <= age <= STUCK_UNTIL_DAYS:
            continue
        row = rows.get(pk)
        seen_on = row.last_seen_on if row else None
        quiet = (day - max(seen_on, start)).days if seen_on else age
        if quiet >= STUCK_QUIET_DAYS:
            kind = "" if seen_on else "never"
            params = {"days": age, "quiet": quiet}
            found.append(
                Cause(
                    pk,
                    Reason.ONBOARDING_STUCK,
                    0.7,
                    day - timedelta(days=quiet),
                    kind,
                    None,
                    params,
                )
            )
    return found


def _contact_overdue(
    starts: dict[int, date], touched: dict[int, date], silent: set[int], *, day: date
) -> list[Cause]:
    """Longer without contact than the tier's cadence; only where contacts are logged."""
    if not touched:
        return []
    found = []
    tiers = Customer.objects.exclude(tier="").values_list("pk", "tier")
    for pk, tier in tiers:
        since = touched.get(pk) or starts.get(pk)
        if since is None or pk not in starts or pk in silent:
            continue
        days, cadence = (day - since).days, CADENCE_DAYS[tier]
        if days > cadence:
            late_on = since + timedelta(days=cadence)
            severity = overdue_severity(days, cadence_days=cadence)
            params = {"days": days, "cadence": cadence, "tier": tier}
            found.append(Cause(pk, Reason.NO_TOUCH, severity, late_on, "", late_on, params))
    return found


def _growth(
    rows: dict[int, UsageRow],
    health: Health,
    bought: dict[int, int],
    fallen: set[int],
    *,
    day: date,
) -> list[Cause]:
    """Green and clearly growing, or nearly out of seats: time to talk about more."""
    found = []
    for pk, row in rows.items():
        if pk in fallen or pk not in health or health[pk][0] != "green":
            continue
        seats, trend = bought.get(pk), row.usage_trend_rate
        if seats and row.active_people_28d >= SEATS_FULL_RATE * seats:
            params: dict[str, Any] = {"people": row.active_people_28d, "seats": seats}
            found.append(Cause(pk, Reason.GROWTH, 0.1, day, "seats", None, params))
        elif trend is not None and trend >= GROWTH_RATE and row.events_28d >= GROWTH_EVENTS:
            params = {"growth_rate": round(trend, 4), "count": round(row.events_28d)}
            found.append(Cause(pk, Reason.GROWTH, 0.1, day, "usage", None, params))
    return found


def _promoters(day: date) -> list[Cause]:
    zone = settings.PERENNIAL_TIME_ZONE
    answers = Answer.objects.filter(
        kind=SurveyKind.NPS,
        score__gte=PROMOTER_SCORE,
        answered_at__gte=day_start(day - timedelta(days=PROMOTER_DAYS - 1), zone),
        answered_at__lt=day_end(day, zone),
    ).select_related("customer__merged_into")
    answers = answers.order_by("answered_at", "pk")
    newest = {answer.customer.pk: answer for answer in answers}
    return [
        Cause(
            pk,
            Reason.PROMOTER,
            0.1,
            it.answered_at.astimezone(zone).date(),
            params={"score": float(it.score), "comment": it.comment[:200]},
        )
        for pk, it in newest.items()
    ]

"""What one day finds wrong, from the facts and numbers of all customers at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.conf import settings
from django.db.models import Max

from perennial.alerts.feeds import of_silent_feeds
from perennial.alerts.models import Rule
from perennial.alerts.rules import (
    CALM_SHARE,
    HISTORY_DAYS,
    Finding,
    Floats,
    Ints,
    Kind,
    detect,
    weekly,
)
from perennial.contracts.queries import overdue_invoices
from perennial.customers.models import Person, Touch
from perennial.health.inputs import Served
from perennial.health.scorecard import FEED_SILENT_DAYS, PRE_RENEWAL_DAYS
from perennial.metrics.queries import UsageRow, customer_metrics, daily_counts
from perennial.metrics.queries.own import activity_rule
from perennial.metrics.rules.states import is_silent
from perennial.surveys.models import Answer, SurveyKind
from perennial.units.moment import day_end, day_start

METRIC = "event_count"
LOOK_BACK_DAYS = MONTH_DAYS = 28
STANDING_SHARE = 0.7
CONTACT_LEFT_DAYS = 30
DETRACTOR_DAYS, DETRACTOR_SCORE = 30, 6
OVERDUE_DAYS = 7  # a week late is a matter of post, not of risk
UNTOUCHED_DAYS = 45
CONTACT_SEVERITY = {"S": 0.8, "A": 0.6}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A condition that is true today. `customer_id` None: all customers."""

    customer_id: int | None
    rule: Rule
    metric: str
    severity: float
    since_on: date
    kind: str = ""
    expected: float | None = None
    observed: float | None = None
    probability: float | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Usage:
    """What usage says today: what fell, who is silent. `week` and `month` are the last 7 and 28
    days ÷ the peers' factor, by customer id: an open alert is told and recovers by them.
    `feed_silent`: nothing was received from anybody. `unjudged`: the feeds of these customers
    are silent, or were in this week.
    """

    candidates: list[Candidate]
    week: dict[int, float]
    month: dict[int, float]
    feed_silent: bool
    unjudged: frozenset[int] = frozenset()


def usage(customers: list[Served], *, day: date, look_back: bool = False) -> Usage:
    """Judge everybody's usage at the end of `day`. With `look_back` (an installation's first run)
    drops that would have alerted in the four weeks before, and still stand, are found too."""
    rows = customer_metrics(as_of=day)
    if not rows or (day - max(row.last_seen_on for row in rows.values())).days > FEED_SILENT_DAYS:
        return Usage([], {}, {}, True)
    unjudged = of_silent_feeds(customers, day=day)
    watched = [
        customer
        for customer in customers
        if customer.external_id in rows
        and customer.pk not in unjudged
        and not customer.is_paused
        and not (customer.observed_until and customer.observed_until < day)
    ]
    if not watched:
        return Usage([], {}, {}, bool(unjudged), unjudged)
    rule = activity_rule()
    silent = [
        _silent(it, row, day=day)
        for it in watched
        if is_silent((row := rows[it.external_id]).last_seen_on, on=day, rule=rule)
    ]
    quiet = {candidate.customer_id for candidate in silent}
    back_days = LOOK_BACK_DAYS if look_back else 0
    counts, first_day = _counts(watched, rows, day=day, days=HISTORY_DAYS + back_days)
    factors = weekly(counts[:, back_days:], first_day - back_days).factors
    week = counts[:, -7:].sum(axis=1) / factors[-1]
    month = counts[:, -MONTH_DAYS:].sum(axis=1) / factors[-4:].mean()
    drops = [
        _drop(it, watched, day=day)
        for it in _standing(counts, first_day, week=week, month=month, back_days=back_days)
    ]
    return Usage(
        [*silent, *(it for it in drops if it.customer_id not in quiet)],
        {customer.pk: float(week[row]) for row, customer in enumerate(watched)},
        {customer.pk: float(month[row]) for row, customer in enumerate(watched)},
        False,
        unjudged,
    )


def _standing(
    counts: Floats, first_day: Ints, *, week: Floats, month: Floats, back_days: int
) -> list[Finding]:
    """Today's findings, and those of the days before that have not recovered; the latter are
    told by the last 28 days, so that the sentence is true today."""
    found: dict[int | None, Finding] = {}
    for back in range(back_days + 1):
        window = counts[:, back_days - back : counts.shape[1] - back]
        for it in detect(window, first_day=first_day - (back_days - back)):
            if back == 0:
                found[it.row] = it
            elif it.row is not None and it.row not in found:
                usual = it.expected / it.days * MONTH_DAYS
                seen = float(month[it.row])
                if seen < STANDING_SHARE * usual and week[it.row] < CALM_SHARE * usual / 4:
                    found[it.row] = replace(
                        it, kind=Kind.SLOW, days=MONTH_DAYS, expected=usual, observed=seen
                    )
    return list(found.values())


def _counts(
    watched: list[Served], rows: Mapping[str, UsageRow], *, day: date, days: int
) -> tuple[Floats, Ints]:
    """Events per customer and day (the last column is `day`), and each one's first column."""
    from_on = day - timedelta(days=days - 1)
    daily = daily_counts(from_on=from_on, to_on=day)
    place = {name: row for row, name in enumerate(daily.customers)}
    counts = np.zeros((len(watched), days))
    for row, customer in enumerate(watched):
        if customer.external_id in place:
            counts[row] = daily.counts[place[customer.external_id]]
    first = [(rows[customer.external_id].first_seen_on - from_on).days for customer in watched]
    return counts, np.array(first, dtype=np.int64)


def _silent(customer: Served, row: UsageRow, *, day: date) -> Candidate:
    seen_on = row.last_seen_on
    params = {"days": (day - seen_on).days, "last_on": seen_on.isoformat()}
    return Candidate(customer.pk, Rule.SILENT, METRIC, 1.0, seen_on, observed=0.0, params=params)


def _drop(finding: Finding, watched: list[Served], *, day: date) -> Candidate:
    numbers = told_by(days=finding.days, expected=finding.expected, observed=finding.observed)
    return Candidate(
        None if finding.row is None else watched[finding.row].pk,
        Rule.USAGE_DROP,
        METRIC,
        min(max(numbers["drop_rate"], 0.0), 1.0),
        day - timedelta(days=finding.days - 1),
        Kind(finding.kind).value,
        round(finding.expected, 4),
        finding.observed,
        finding.probability,
        numbers,
    )


def told_by(*, days: int, expected: float, observed: float) -> dict[str, float]:
    """The numbers of a drop's sentence."""
    lost = 1 - observed / expected if expected else 1.0
    return {
        "days": days,
        "expected": round(expected),
        "observed": round(observed),
        "drop_rate": round(lost, 4),
    }


def signals(customers: list[Served], *, day: date) -> list[Candidate]:
    """The simple ones: each is a fact with a date, no statistics."""
    served = {customer.pk for customer in customers}
    end = day_end(day, settings.PERENNIAL_TIME_ZONE)
    found = [
        *_contacts_left(day),
        *_detractors(day, end=end),
        *_overdue(served, day),
        *_untouched(customers, day, end=end),
    ]
    worst: dict[tuple[int | None, Rule], Candidate] = {}
    for it in found:
        if it.customer_id in served:
            key = (it.customer_id, it.rule)
            worst[key] = max(worst.get(key, it), it, key=lambda one: one.severity)
    return list(worst.values())


def _contacts_left(day: date) -> list[Candidate]:
    left = Person.objects.filter(
        grade__in=CONTACT_SEVERITY,
        to_on__gt=day - timedelta(days=CONTACT_LEFT_DAYS),
        to_on__lte=day,
    )
    return [
        Candidate(
            person.customer_id,
            Rule.CONTACT_LEFT,
            "people",
            CONTACT_SEVERITY[person.grade],
            person.to_on or day,
            params={
                "name": person.name,
                "role": person.role,
                "grade": person.grade,
                "left_on": (person.to_on or day).isoformat(),
            },
        )
        for person in left.order_by("pk")
    ]


def _detractors(day: date, *, end: datetime) -> list[Candidate]:
    """People whose newest NPS answer is 0–6; a later good answer takes it back."""
    start = day_start(day - timedelta(days=DETRACTOR_DAYS - 1), settings.PERENNIAL_TIME_ZONE)
    answers = Answer.objects.filter(
        kind=SurveyKind.NPS, answered_at__gte=start, answered_at__lt=end
    )
    newest = {
        (answer.customer_id, answer.person_id_text or answer.external_id): answer
        for answer in answers.order_by("answered_at", "pk")
    }
    return [
        Candidate(
            answer.customer_id,
            Rule.DETRACTOR,
            "nps",
            round(0.4 + 0.5 * (1 - float(answer.score) / DETRACTOR_SCORE), 4),
            answer.answered_at.astimezone(settings.PERENNIAL_TIME_ZONE).date(),
            observed=float(answer.score),
            params={"score": float(answer.score), "comment": answer.comment[:200]},
        )
        for answer in newest.values()
        if answer.score <= DETRACTOR_SCORE
    ]


def _overdue(served: set[int], day: date) -> list[Candidate]:
    return [
        Candidate(
            pk,
            Rule.INVOICE_OVERDUE,
            "invoices",
            round(min(0.1 + late / 100, 1.0), 4),
            bill.oldest_due_on,
            observed=float(late),
            params={
                "days": late,
                "count": bill.count,
                "amount": str(bill.amount),
                "currency": bill.currency,
            },
        )
        for pk, bill in overdue_invoices(served, day).items()
        if (late := (day - bill.oldest_due_on).days) >= OVERDUE_DAYS
    ]


def _untouched(customers: list[Served], day: date, *, end: datetime) -> list[Candidate]:
    """A renewal within 90 days, and nobody has spoken with them for weeks."""
    touches = Touch.objects.filter(happened_at__lt=end).order_by()
    last = dict(touches.values_list("customer_id").annotate(Max("happened_at")))
    if not last:
        return []
    found = []
    for customer in customers:
        due, at = customer.open_due, last.get(customer.pk)
        if due is None:
            continue
        ahead = (due.due_on - day).days
        quiet = (day - at.astimezone(settings.PERENNIAL_TIME_ZONE).date()).days if at else None
        if not 0 <= ahead <= PRE_RENEWAL_DAYS:
            continue
        if quiet is None or quiet > UNTOUCHED_DAYS:
            params = {"days": quiet, "ahead": ahead, "due_on": due.due_on.isoformat()}
            found.append(
                Candidate(customer.pk, Rule.RENEWAL_UNTOUCHED, "touches", 0.5, day, params=params)
            )
    return found

"""What usage says today: whose fell, who is silent, and how an open drop is doing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from perennial.alerts.candidates import Candidate
from perennial.alerts.feeds import of_silent_feeds
from perennial.alerts.models import Alert, Ending, Rule
from perennial.alerts.past import Quiet
from perennial.alerts.rules import (
    CALM_SHARE,
    HISTORY_DAYS,
    Finding,
    Flags,
    Floats,
    Ints,
    Judged,
    Kind,
    judge,
)
from perennial.alerts.rules.recovery import forgotten_before
from perennial.health.inputs import Served
from perennial.health.rules.defaults import FEED_SILENT_DAYS
from perennial.metrics.queries import UsageRow, customer_metrics, daily_counts
from perennial.metrics.queries.arrivals import number_of
from perennial.metrics.queries.own import activity_rule
from perennial.metrics.rules.states import is_silent

METRIC = "event_count"
LOOK_BACK_DAYS = MONTH_DAYS = 28
STANDING_SHARE = 0.7


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
    judged, found = _standing(watched, rows, day=day, look_back=look_back)
    drops = [_drop(it, watched, day=day) for it in found]
    # When all fall together the week says nothing about anybody's recovery.
    told = [] if any(it.row is None for it in judged.findings) else list(enumerate(watched))
    return Usage(
        [*silent, *(it for it in drops if it.customer_id not in quiet)],
        {customer.pk: float(judged.week[row]) for row, customer in told},
        {customer.pk: float(judged.month[row]) for row, customer in told},
        False,
        unjudged,
    )


def _standing(
    watched: list[Served], rows: Mapping[str, UsageRow], *, day: date, look_back: bool
) -> tuple[Judged, list[Finding]]:
    """Today's look, and its findings with those of the days before that have not recovered; the
    latter are told by the last 28 days, so that the sentence is true today."""
    back_days = LOOK_BACK_DAYS if look_back else 0
    counts, first_day = _counts(watched, rows, day=day, days=HISTORY_DAYS + back_days)
    quiet = _announced(watched, day=day, days=counts.shape[1])

    def look(back: int) -> Judged:
        window = slice(back_days - back, counts.shape[1] - back)
        return judge(
            counts[:, window],
            first_day=first_day - (back_days - back),
            quiet=None if quiet is None else quiet[:, window],
        )

    judged = look(0)
    found = {it.row: it for it in judged.findings}
    for back in range(1, back_days + 1):
        for it in look(back).findings:
            if it.row is None or it.row in found:
                continue
            usual, seen = it.expected / it.days * MONTH_DAYS, float(judged.month[it.row])
            if seen < STANDING_SHARE * usual and judged.week[it.row] < CALM_SHARE * usual / 4:
                found[it.row] = replace(
                    it, kind=Kind.SLOW, days=MONTH_DAYS, expected=usual, observed=seen
                )
    return judged, list(found.values())


def _announced(watched: list[Served], *, day: date, days: int) -> Flags | None:
    names = [it.external_id for it in watched]
    return Quiet.read().mask(names, day=number_of(day), days=days)


def _settled(*, day: date) -> dict[int, int]:
    """Since when a customer's past counts, where an alert of it settled or turned into more."""
    ended = Alert.objects.filter(
        rule=Rule.USAGE_DROP, resolved_on__lte=day, customer__isnull=False
    ).exclude(ending=Ending.RECOVERED)
    return {
        pk: forgotten_before(number_of(raised_on))
        for pk, raised_on in ended.order_by("raised_on").values_list("customer_id", "raised_on")
    }


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
    since, start = _settled(day=day), number_of(from_on)
    first = [
        max(number_of(rows[it.external_id].first_seen_on), since.get(it.pk, 0)) - start
        for it in watched
    ]
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

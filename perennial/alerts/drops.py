"""What usage says today: whose fell, who is silent, and how an open drop is doing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from perennial.alerts.candidates import Candidate
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
from perennial.health.inputs import Served
from perennial.health.scorecard import FEED_SILENT_DAYS
from perennial.metrics.queries import UsageRow, customer_metrics, daily_counts
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

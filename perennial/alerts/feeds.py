"""Whose usage nobody knows today, because what brings it has fallen silent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from perennial.events.queries.quality import coverage
from perennial.events.rules.feed import SILENT_DAYS
from perennial.health.inputs import Served

WEEK_DAYS: Final = 7


def of_silent_feeds(customers: Sequence[Served], *, day: date) -> frozenset[int]:
    """The customers whose feed is silent at the end of `day`, or was for two days of the week
    before: the week shows the feed's silence, not theirs."""
    week_on = day - timedelta(days=WEEK_DAYS - 1)
    feeds = coverage(first_on=week_on, last_on=day, as_of=day)
    if not feeds.feeds or feeds.is_full(week_on, day):
        return frozenset()
    enough = 1 - SILENT_DAYS / WEEK_DAYS + 1e-6
    return frozenset(
        it.pk
        for it in customers
        if feeds.is_silent(it.external_id) or feeds.rate(it.external_id, week_on, day) <= enough
    )

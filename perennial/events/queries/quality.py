"""Whether the feeds are alive, and how much of a period they cover: as of a day, and as it was
known on another. 'Stale is unknown': what a silent feed would have said is not zero."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Final

from django.conf import settings

from perennial.customers.queries import survivors
from perennial.events.models import Source
from perennial.events.rules.feed import Days, FeedState, is_replaced, judge_days
from perennial.events.store import Store, open_store
from perennial.units.moment import day_end
from perennial.units.period import ONE_DAY

WINDOW_DAYS: Final = 182  # of rhythm, before what is asked
DEPENDS_RATE: Final = 0.5  # a customer with this share from silent sources is not known any more


@dataclass(frozen=True, slots=True)
class Feed:
    """One source as of a day. `covered_until`: the last day that is not missing at its end."""

    source: str
    state: FeedState
    first_on: date
    covered_until: date
    missing_days: int
    covered: tuple[bool, ...] = field(repr=False)  # from first_on to the day of the question
    events: int  # of the days looked at
    last_on: date  # the last day with an event

    @property
    def ends_on(self) -> date:
        """The last day on which it is waited for."""
        return date.max - ONE_DAY if self.counts else self.last_on

    @property
    def counts(self) -> bool:
        """Whether figures rest on it: one that was retired or replaced is not waited for."""
        return self.state not in (FeedState.RETIRED, FeedState.REPLACED)


@dataclass(frozen=True)
class Feeds:
    """All feeds as of a day. Customers are external ids."""

    as_of: date
    feeds: tuple[Feed, ...]
    known_by: date | None = None

    @property
    def silent(self) -> tuple[Feed, ...]:
        return tuple(feed for feed in self.feeds if feed.state is FeedState.SILENT)

    @property
    def all_silent(self) -> bool:
        """No feed that counts delivers any more (and there was one)."""
        counting = [feed for feed in self.feeds if feed.counts]
        return bool(counting) and all(feed.state is FeedState.SILENT for feed in counting)

    def is_silent(self, customer: str) -> bool:
        """At least half of what this customer's events say comes from silent sources."""
        return self._silent_share(customer) >= DEPENDS_RATE

    def covered_until(self, customer: str) -> date | None:
        """The last day of which this customer's usage is known; None: of none."""
        if not self.feeds:
            return None
        if not self.is_silent(customer):
            return self.as_of
        return max(feed.covered_until for feed in self.silent)

    def _silent_share(self, customer: str) -> float:
        if not self.silent:
            return 0.0
        if self.all_silent:
            return 1.0
        return self.silent_share(self.brought.get(customer, {}))

    def silent_share(self, brought: Mapping[str, int]) -> float:
        """Of events by source, the share that silent ones brought of all that count."""
        counting = sum(brought.get(feed.source, 0) for feed in self.feeds if feed.counts)
        return sum(brought.get(it.source, 0) for it in self.silent) / counting if counting else 0.0

    @cached_property
    def brought(self) -> Mapping[str, Mapping[str, int]]:
        """Events by customer (a merged one's under who stands for it) and source; read only
        when feeds differ."""
        found = _brought(self.as_of, self.known_by, _state_of(open_store()))
        merged = survivors(self.known_by)
        if not merged:
            return found
        joined: dict[str, dict[str, int]] = {}
        for customer, brought in found.items():
            theirs = joined.setdefault(merged.get(customer, customer), {})
            for source, events in brought.items():
                theirs[source] = theirs.get(source, 0) + events
        return joined

    def rate(self, customer: str | None, first_on: date, last_on: date) -> float:
        """Share of the days of [first_on, last_on] that are covered, sources weighed by what
        they bring. Missing days are not, nor days without any feed, nor those after `as_of`."""
        all_events = {feed.source: feed.events for feed in self.feeds}
        weights = all_events
        if customer is not None and len(self.feeds) > 1:
            weights = dict(self.brought.get(customer, all_events))
        covered = 0.0
        for start_on, end_on in self._stretches(first_on, last_on):
            active = [feed for feed in self.feeds if feed.first_on <= start_on <= feed.ends_on]
            used = weights if any(weights.get(it.source) for it in active) else all_events
            total = sum(used.get(feed.source, 0) for feed in active)
            for feed in active:
                share = used.get(feed.source, 0) / total
                covered += share * self._between(feed, start_on, end_on)
        return min(1.0, round(covered / ((last_on - first_on).days + 1), 6))

    def _stretches(self, first_on: date, last_on: date) -> Iterable[tuple[date, date]]:
        """The days, cut where a feed begins or has ended: inside, the same feeds are there."""
        cuts = {feed.first_on for feed in self.feeds}
        cuts |= {feed.ends_on + ONE_DAY for feed in self.feeds}
        inner = sorted(cut for cut in cuts if first_on < cut <= last_on)
        return zip([first_on, *inner], [*(cut - ONE_DAY for cut in inner), last_on], strict=True)

    @cached_property
    def _covered_days(self) -> dict[str, list[int]]:
        """By source: covered days before each day, counted from its first."""
        return {feed.source: [0, *accumulate(feed.covered)] for feed in self.feeds}

    def _between(self, feed: Feed, first_on: date, last_on: date) -> int:
        sums = self._covered_days[feed.source]
        end = min(max((last_on - feed.first_on).days + 1, 0), len(sums) - 1)
        start = min(max((first_on - feed.first_on).days, 0), len(sums) - 1)
        return max(0, sums[end] - sums[start])

    def is_full(self, first_on: date, last_on: date) -> bool:
        """Every feed that was there covers all these days, so that nobody's rate is below 1."""
        return bool(self.feeds) and all(
            (active := [it for it in self.feeds if it.first_on <= start_on <= it.ends_on])
            and all(
                self._between(feed, start_on, end_on) == (end_on - start_on).days + 1
                for feed in active
            )
            for start_on, end_on in self._stretches(first_on, last_on)
        )


Coverage = Feeds


def feed_state(*, as_of: date, known_by: date | None = None) -> Feeds:
    """Every feed as of the end of a day, from what was received by `known_by` (None: now)."""
    return coverage(first_on=as_of, last_on=as_of, as_of=as_of, known_by=known_by)


def coverage(
    *, first_on: date, last_on: date, as_of: date, known_by: date | None = None
) -> Coverage:
    """The feeds over the days of [first_on, last_on] and half a year before, to know their
    rhythm. Reads two columns of the events of those days, once for every state of the store."""
    begins_on = first_on - timedelta(days=WINDOW_DAYS)
    ends_on = min(last_on, as_of)
    retired = retired_by(as_of)
    return _coverage(begins_on, ends_on, known_by, retired, _state_of(open_store()))


def _state_of(store: Store) -> tuple[str, int]:
    return (str(store.path), store.snapshot("events").version)


def retired_by(as_of: date) -> frozenset[str]:
    end = day_end(as_of, settings.PERENNIAL_TIME_ZONE)
    rows = Source.objects.filter(retired_at__lt=end)
    return frozenset(rows.values_list("name", flat=True))


@lru_cache(maxsize=16)
def _coverage(
    begins_on: date,
    ends_on: date,
    known_by: date | None,
    retired: frozenset[str],
    state: tuple[str, int],  # noqa: ARG001
) -> Feeds:
    counts: dict[str, dict[date, int]] = {}
    with open_store().reading(
        "events", first_on=begins_on, last_on=ends_on, known_by=known_by
    ) as session:
        rows = session.rows("SELECT source, day, count(*) FROM events GROUP BY source, day")
    for source, day, count in rows:
        counts.setdefault(source or "", {})[day] = count
    return Feeds(ends_on, tuple(feeds_of(counts, ends_on, retired)), known_by)


def feeds_of(
    counts: Mapping[str, Mapping[date, int]], ends_on: date, retired: frozenset[str]
) -> Iterable[Feed]:
    begins_on = min((min(days) for days in counts.values()), default=ends_on)
    length = (ends_on - begins_on).days + 1
    every = {
        source: [days.get(begins_on + timedelta(days=at), 0) for at in range(length)]
        for source, days in counts.items()
    }
    verdicts = {
        source: judge_days(every[source][(min(days) - begins_on).days :])
        for source, days in counts.items()
    }
    alive = [every[name] for name, it in verdicts.items() if it.state is not FeedState.SILENT]
    for source, days in sorted(counts.items()):
        verdict = verdicts[source]
        state = verdict.state
        if source in retired:
            state = FeedState.RETIRED
        elif state is FeedState.SILENT and is_replaced(every[source], alive):
            state = FeedState.REPLACED
        yield _feed(source, state, verdict, days)


def _feed(source: str, state: FeedState, verdict: Days, days: Mapping[date, int]) -> Feed:
    first_on, last_on, events = min(days), max(days), sum(days.values())
    until = first_on + timedelta(days=verdict.covered_days) - ONE_DAY
    return Feed(source, state, first_on, until, verdict.missing, verdict.covered, events, last_on)


@lru_cache(maxsize=4)
def _brought(
    as_of: date,
    known_by: date | None,
    state: tuple[str, int],  # noqa: ARG001
) -> dict[str, dict[str, int]]:
    first_on = as_of - timedelta(days=WINDOW_DAYS)
    with open_store().reading(
        "events", first_on=first_on, last_on=as_of, known_by=known_by
    ) as session:
        rows = session.rows(
            "SELECT customer, coalesce(source, ''), count(*) FROM events "
            "WHERE customer IS NOT NULL GROUP BY ALL"
        )
    found: dict[str, dict[str, int]] = {}
    for customer, source, count in rows:
        found.setdefault(customer, {})[source] = count
    return found

"""Whether a feed is alive is judged against its own rhythm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from perennial.events.rules.feed import FeedState, judge_days, judge_hours

WEEKDAYS = [90, 100, 110, 95, 80, 0, 0]
ALWAYS = [50] * 7
NOW = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)  # a Wednesday
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("counts", "state", "missing"),
    [
        ([], FeedState.NEVER, 0),
        (ALWAYS * 4, FeedState.FRESH, 0),
        ([*ALWAYS * 4, 0], FeedState.LATE, 1),
        ([*ALWAYS * 4, 0, 0], FeedState.SILENT, 2),
        (WEEKDAYS * 4, FeedState.FRESH, 0),
        ([*WEEKDAYS * 4, 0], FeedState.LATE, 1),
        ([*WEEKDAYS * 4, *WEEKDAYS[:4], 0, 0, 0], FeedState.LATE, 1),
        ([*WEEKDAYS * 4, *WEEKDAYS[:4], 0, 0, 0, 0], FeedState.SILENT, 2),
        ([*ALWAYS * 4, *[0] * 120], FeedState.SILENT, 120),
        ([2, 0, 1, 0, 3, 0, 0] * 6 + [0] * 4, FeedState.FRESH, 0),
        ([100, 0, 0, 0, 0, 0, 0] * 6, FeedState.FRESH, 0),
        ([100, 0, 0, 0, 0, 0, 0] * 6 + [0], FeedState.LATE, 1),
        ([*ALWAYS * 4, 0, 0, 50], FeedState.FRESH, 0),
    ],
    ids=[
        "nothing ever", "every day", "one day missing", "two days missing", "a weekend",
        "a Monday missing", "a Friday missing before the weekend", "Friday and Monday missing",
        "the silence teaches nothing", "a trickle", "a weekly file", "a weekly file missing",
        "it came back",
    ],
)  # fmt: skip
def test_a_silent_feed_is_told_from_a_resting_one(
    counts: list[int], state: FeedState, missing: int
) -> None:
    verdict = judge_days(counts)
    assert (verdict.state, verdict.missing) == (state, missing)
    assert len(verdict.covered) == len(counts)


def test_a_gap_stays_a_gap_after_the_feed_came_back() -> None:
    verdict = judge_days([*ALWAYS * 2, 0, 0, 0, *ALWAYS])
    assert [day for day, covered in enumerate(verdict.covered) if not covered] == [14, 15, 16]


def test_a_silent_feed_is_covered_until_its_first_missing_day() -> None:
    verdict = judge_days([*WEEKDAYS * 4, *WEEKDAYS, 0, 0])  # Monday and Tuesday are missing
    assert verdict.covered_days == 5 * 7


def _every_hour(*, weeks: int, until: datetime) -> dict[datetime, int]:
    first = until.replace(minute=0) - timedelta(weeks=weeks)
    hours = int((until - first) / HOUR)
    return {first + step * HOUR: 20 for step in range(hours)}


@pytest.mark.parametrize(
    ("quiet_hours", "limit", "state"),
    [
        (0, 24, FeedState.FRESH),
        (1, 24, FeedState.FRESH),
        (3, 24, FeedState.LATE),
        (25, 24, FeedState.SILENT),
        (3, 2, FeedState.SILENT),
        (200, None, FeedState.FRESH),
    ],
    ids=["just now", "an hour", "unusual", "beyond the limit", "a short limit", "no alarm wanted"],
)
def test_hours_of_silence_are_weighed_by_the_same_hours_of_the_weeks_before(
    quiet_hours: int, limit: int | None, state: FeedState
) -> None:
    until = NOW.replace(minute=0) - quiet_hours * HOUR
    verdict = judge_hours(
        _every_hour(weeks=5, until=until),
        now=NOW,
        first_at=NOW - timedelta(weeks=30),
        silent_after=limit * HOUR if limit else None,
    )
    assert verdict.state is state


def test_a_source_that_rests_at_weekends_is_not_silent_on_sunday() -> None:
    sunday = datetime(2026, 7, 5, 20, tzinfo=UTC)
    hours = {
        at: count for at, count in _every_hour(weeks=5, until=sunday).items() if at.weekday() < 5
    }
    verdict = judge_hours(hours, now=sunday, first_at=min(hours), silent_after=24 * HOUR)
    assert verdict.state is FeedState.FRESH
    monday = sunday + timedelta(hours=18)
    verdict = judge_hours(hours, now=monday, first_at=min(hours), silent_after=24 * HOUR)
    assert verdict.state is FeedState.SILENT


def test_a_young_source_has_only_its_limit() -> None:
    first_at = NOW - timedelta(days=3)
    hours = {first_at.replace(minute=0): 20}
    for limit, state in ((24, FeedState.SILENT), (96, FeedState.FRESH)):
        verdict = judge_hours(hours, now=NOW, first_at=first_at, silent_after=limit * HOUR)
        assert (verdict.state, verdict.expected) == (state, None)


def test_a_source_that_never_sent_is_not_silent() -> None:
    verdict = judge_hours({}, now=NOW, first_at=None, silent_after=HOUR)
    assert verdict.state is FeedState.NEVER

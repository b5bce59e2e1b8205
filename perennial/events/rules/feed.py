"""Is a source of events alive? Judged against its own rhythm, never against a wish.

1. What is usual on a day is the median of the same weekday over its last eight weeks: a source
   that rests at weekends is not missed on Sunday.
2. A day without any event is missing when at least five were usual. Two missing days in a row
   at the end, and the source is silent; one, and it is late: its last batch may still come.
3. A long silence teaches nothing: what is usual stays what it was. A short gap may be a habit.
4. A source whose place a newer one has taken is not missed.
5. By the hour: no arrival for longer than the source's own limit, though the same hours of the
   last four weeks would have brought five, is silence; without four weeks the limit alone holds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Final

WEEKS: Final = 8
RHYTHM_WEEKS: Final = 4
LEAST_USUAL: Final = 5.0  # with fewer, an empty day is chance
SILENT_DAYS: Final = 2
OVERLAP_DAYS: Final = 28  # for so long an old and a new source may run side by side
HOUR: Final = timedelta(hours=1)
WEEK: Final = timedelta(weeks=1)


class FeedState(StrEnum):
    NEVER = "never"  # nothing has come yet
    FRESH = "fresh"  # all that was to be expected is here
    LATE = "late"  # a day, or hours, are missing
    SILENT = "silent"  # nothing comes: figures that need it are unknown, not zero
    REPLACED = "replaced"  # another source has taken over what it brought
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Days:
    """The verdict over a run of days that begins at the source's first day with data.

    `covered[i]`: on day i something came, or nothing was to be expected. `missing` counts the
    missing days at the end, `covered_days` the days up to the last one before them.
    """

    state: FeedState
    covered: tuple[bool, ...]
    covered_days: int
    missing: int
    usual: float  # of the last day


def judge_days(counts: Sequence[int]) -> Days:
    """Judge events per day; the first is the first day with data, the last is the day of the
    question. Weekdays are counted from the first day: seven places on is the same weekday."""
    past: list[deque[int]] = [deque(maxlen=WEEKS) for _ in range(7)]
    covered: list[bool] = []
    gap: list[int] = []  # missing days that nobody knows the meaning of yet
    usual = 0.0
    for day, count in enumerate(counts):
        weekday = past[day % 7]
        usual = float(median(weekday)) if weekday else 0.0  # no such day yet: nothing is missed
        covered.append(count > 0 or usual < LEAST_USUAL)
        if not covered[-1]:
            gap.append(day)
            continue
        if count:
            for missed in gap if len(gap) < 7 else ():  # short: perhaps a new habit
                past[missed % 7].append(0)
            gap.clear()
        if count or not gap:
            weekday.append(count)
    missing = _missing_at_end(counts, covered)
    if not any(counts):
        state = FeedState.NEVER
    elif missing:
        state = FeedState.SILENT if missing >= SILENT_DAYS else FeedState.LATE
    else:
        state = FeedState.FRESH
    return Days(state, tuple(covered), _until(counts, covered), missing, usual)


def _missing_at_end(counts: Sequence[int], covered: Sequence[bool]) -> int:
    """Missing days after the last event; the rest days between them do not end the silence."""
    missing = 0
    for count, is_covered in zip(reversed(counts), reversed(covered), strict=True):
        if count:
            break
        missing += not is_covered
    return missing


def _until(counts: Sequence[int], covered: Sequence[bool]) -> int:
    """Days up to the first missing one at the end; all of them when none is missing."""
    last = max((day for day, count in enumerate(counts) if count), default=-1)
    after = range(last + 1, len(counts))
    return next((day for day in after if not covered[day]), len(counts))


def is_replaced(counts: Sequence[int], others: Sequence[Sequence[int]]) -> bool:
    """Whether newer sources bring at least half of what this one brought on a day before it
    stopped. All sequences cover the same days; `others` are sources that still deliver."""
    heard = [day for day, count in enumerate(counts) if count]
    if not heard or heard[-1] + 1 >= len(counts):
        return False
    stopped = heard[-1] + 1
    began = max(heard[0] + 1, stopped - OVERLAP_DAYS)  # newer: begun since then
    newer = [other for other in others if not any(other[:began])]
    before = counts[max(heard[0], stopped - OVERLAP_DAYS) : stopped]
    since = [sum(day) for day in zip(*(other[stopped:] for other in newer), strict=True)]
    return bool(since) and sum(since) / len(since) >= sum(before) / len(before) / 2


@dataclass(frozen=True, slots=True)
class Hours:
    """The verdict of this moment: how long nothing has come, and what the same hours of the
    weeks before would have brought (None: too young to know)."""

    state: FeedState
    last_at: datetime | None  # beginning of the last hour with an arrival
    quiet: timedelta
    expected: float | None


def judge_hours(
    arrivals: Mapping[datetime, int],
    *,
    now: datetime,
    first_at: datetime | None,
    silent_after: timedelta | None,
) -> Hours:
    """Judge events per hour of arrival (keys are full hours; five weeks are enough).

    `first_at`: when the source ever sent first. `silent_after` None: it is never called silent.
    """
    heard = [hour for hour, count in arrivals.items() if count]
    if first_at is None and not heard:
        return Hours(FeedState.NEVER, None, timedelta(), None)
    last = max(heard, default=None)
    quiet = now - (last + HOUR) if last else WEEK * RHYTHM_WEEKS
    quiet = max(quiet, timedelta())
    begins = last + HOUR if last else now - quiet
    expected = _expected(arrivals, since=begins, now=now, first_at=first_at)
    missed = expected is None or expected >= LEAST_USUAL
    state = FeedState.FRESH
    if silent_after and missed and quiet >= silent_after:
        state = FeedState.SILENT
    elif expected is not None and missed and quiet >= 2 * HOUR:
        state = FeedState.LATE
    return Hours(state, last, quiet, expected)


def _expected(
    arrivals: Mapping[datetime, int], *, since: datetime, now: datetime, first_at: datetime | None
) -> float | None:
    """What the hours of the quiet time brought in the weeks before, a week on average: of weeks
    in which the source existed and the silence had not begun."""
    if now - since > WEEK or first_at is None:
        return None  # there is no such week beside the silence itself
    hours = int((now - since) / HOUR)
    sums = []
    for week in range(1, RHYTHM_WEEKS + 1):
        start = since - week * WEEK
        if start >= first_at.replace(minute=0, second=0, microsecond=0):
            sums.append(sum(arrivals.get(start + step * HOUR, 0) for step in range(hours)))
    return sum(sums) / len(sums) if sums else None

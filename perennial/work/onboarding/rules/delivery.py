"""A delivery project: 启动 → 调研 → 实施 → 试运行 → 上线 → 验收, and is it really used?

- The current phase is the first that is not done. A phase is late when its planned day has passed.
- Days late of the go-live: actual after planned; not live yet: today after planned.
- Really used: on so many different days within a window of days that begins with the go-live or
  later. Shown by usage, never by us. Window over without it: declared, but not used.
- Usage that is not connected proves nothing either way.
Source: product specification E11.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

PHASES: Final = ("kickoff", "discovery", "implementation", "trial", "golive", "acceptance")
GOLIVE: Final = "golive"


class Lag(StrEnum):
    """How a phase stands."""

    DONE = "done"
    DONE_LATE = "done_late"
    LATE = "late"
    CURRENT = "current"
    AHEAD = "ahead"


class UseState(StrEnum):
    """Is it really used? `NOT_LIVE`: nobody has declared it live."""

    NOT_LIVE = "not_live"
    USED = "used"
    WAITING = "waiting"
    NOT_USED = "not_used"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Days:
    """Planned and done day of a phase."""

    planned_on: date | None = None
    done_on: date | None = None


def current(phases: Mapping[str, Days]) -> str:
    """The first phase that is not done; empty when all are."""
    return next((it for it in PHASES if phases.get(it, Days()).done_on is None), "")


def lag(name: str, phases: Mapping[str, Days], *, as_of: date) -> Lag:
    it = phases.get(name, Days())
    if it.done_on is not None:
        late = it.planned_on is not None and it.done_on > it.planned_on
        return Lag.DONE_LATE if late else Lag.DONE
    if it.planned_on is not None and as_of > it.planned_on:
        return Lag.LATE
    return Lag.CURRENT if name == current(phases) else Lag.AHEAD


def days_late(planned_on: date | None, done_on: date | None, *, as_of: date) -> int | None:
    """Of the go-live: 0 on time or not due yet; None when no day was planned."""
    if planned_on is None:
        return None
    return max(((done_on or as_of) - planned_on).days, 0)


def in_use_on(
    counts: Sequence[float], *, first_on: date, days: int, within_days: int
) -> date | None:
    """The day on which the number of days with use within the window is reached; `counts` are
    events per day from `first_on`, the go-live, on."""
    active = 0
    for at, count in enumerate(counts):
        active += count > 0
        if at >= within_days:
            active -= counts[at - within_days] > 0
        if active >= days:
            return first_on + timedelta(days=at)
    return None


def use_state(
    golive_on: date | None,
    *,
    used_on: date | None,
    within_days: int,
    as_of: date,
    is_connected: bool = True,
) -> UseState:
    if golive_on is None:
        return UseState.NOT_LIVE
    if used_on is not None:
        return UseState.USED
    if not is_connected:
        return UseState.UNKNOWN
    over = as_of >= golive_on + timedelta(days=within_days)
    return UseState.NOT_USED if over else UseState.WAITING

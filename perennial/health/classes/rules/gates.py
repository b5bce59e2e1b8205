"""Two gates of a customer's first months: first use, and live and in normal use.

A gate is passed when its day came within the window after service was opened, missed when the
window is over without it, open until then. Normal use is use on at least 8 of 28 days.
Sources: journey stages (first 30 days) and go-live (first 3 months) of the seeds' catalogue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

NORMAL_DAYS: Final = 8
WINDOW_DAYS: Final = 28


class GateState(StrEnum):
    PASSED = "passed"
    MISSED = "missed"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Gate:
    """`reached_on` may lie after `until_on`, the last day of the window: missed, but reached."""

    state: GateState
    until_on: date
    reached_on: date | None


def gate(opened_on: date, *, within_days: int, reached_on: date | None, as_of: date) -> Gate:
    until_on = opened_on + timedelta(days=within_days)
    if reached_on is not None and reached_on <= until_on:
        return Gate(GateState.PASSED, until_on, reached_on)
    state = GateState.MISSED if as_of > until_on else GateState.OPEN
    return Gate(state, until_on, reached_on)


def first_use(counts: Sequence[float], *, first_on: date) -> date | None:
    """The first day with an event; `counts` are events per day from `first_on` on."""
    return next((first_on + timedelta(days=at) for at, n in enumerate(counts) if n > 0), None)


def normal_use(counts: Sequence[float], *, first_on: date) -> date | None:
    """The first day at whose end the customer was active on NORMAL_DAYS of WINDOW_DAYS days."""
    active = 0
    for at, count in enumerate(counts):
        active += count > 0
        if at >= WINDOW_DAYS:
            active -= counts[at - WINDOW_DAYS] > 0
        if active >= NORMAL_DAYS:
            return first_on + timedelta(days=at)
    return None

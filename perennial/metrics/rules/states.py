"""Active, inactive or silent (活跃、不活跃、沉默).

- Active: at least k of the n north-star goals that are meant for the customer are met; where no
  goal is set, at least one event in 28 days.
- Inactive: none of that.
- Silent: no event in 60 days, whatever the goals say.
A customer that was never seen has no state: unknown is not silent. k, 28 and 60 are settings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class State(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class ActivityRule:
    """k of n goals; windows in days, which include the day itself."""

    goals_needed: int = 1
    active_days: int = 28
    silent_days: int = 60


def is_silent(last_seen_on: date | None, *, on: date, rule: ActivityRule) -> bool:
    """It was seen once, and not in the days up to `on`."""
    return last_seen_on is not None and (on - last_seen_on).days >= rule.silent_days


def goals_met(met: Sequence[bool], *, rule: ActivityRule) -> bool:
    """Enough of these goals, at most all of them, are met."""
    return sum(met) >= min(rule.goals_needed, len(met))


def state(
    last_seen_on: date | None, *, on: date, met: Sequence[bool], rule: ActivityRule
) -> State | None:
    """The state at the end of `on`; `met`: of each goal meant for the customer, whether it is."""
    if last_seen_on is None:
        return None
    if is_silent(last_seen_on, on=on, rule=rule):
        return State.SILENT
    seen = (on - last_seen_on).days < rule.active_days
    is_active = goals_met(met, rule=rule) if met else seen
    return State.ACTIVE if is_active else State.INACTIVE

"""Whose way in begins on a day: who came into the stage of onboarding, and is still within the
plan. Whose thirty days lie in the past is left alone, also on the very first run; who was brought
in already, or was stopped by a person, is not begun again."""

from __future__ import annotations

from datetime import date


def begins(
    *, since_on: date, day: date, plan_days: int, last_started_on: date | None, is_running: bool
) -> bool:
    """`since_on`: in the stage since; `last_started_on`: of the newest way in, None for none."""
    if is_running or (day - since_on).days >= max(plan_days, 1):
        return False
    return last_started_on is None or last_started_on < since_on

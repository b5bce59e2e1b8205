"""Whose way in begins on a day, and since when it runs: from the opening of service.

- Only who stands in the stage of onboarding, and whose plan is not over: whose thirty days lie in
  the past is left alone, also on the very first run.
- Service that opens later has not begun. Whom a person puts back into onboarding, or who comes
  back, begins on the day of that stage.
- Who is being brought in, was already, or was stopped by a person is not begun again.
"""

from __future__ import annotations

from datetime import date


def starts_on(
    *,
    opened_on: date | None,
    since_on: date | None,
    day: date,
    plan_days: int,
    last_started_on: date | None,
    is_running: bool,
) -> date | None:
    """The start; None: it does not begin. `opened_on`: the first day of service; `since_on`: in
    the stage since; `last_started_on`: of the newest way in."""
    if is_running or (opened_on is not None and opened_on > day):
        return None
    known = [it for it in (opened_on, since_on) if it is not None]
    recent = [it for it in known if 0 <= (day - it).days < max(plan_days, 1)]
    start = min(recent) if recent else (None if known else day)
    if start is None or (last_started_on is not None and last_started_on >= start):
        return None
    return start

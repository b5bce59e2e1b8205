"""Who may enter a playbook, and why others are left out.

At one customer a playbook runs once at a time, at most `ever` times, and not twice within `days`.
Of all customers at most `running` are in it at once; the machine enrols `per_day` a day.
Runs that ended because their enrolment was taken back never counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from perennial.work.playbooks.rules.definition import Cap

TAKEN_BACK: Final = "enrolment_undone"  # why such runs ended


class LeftOut(StrEnum):
    RUNNING = "running"
    EVER = "ever"
    LATELY = "lately"
    FULL = "full"
    ENOUGH_TODAY = "enough_today"
    AUDIENCE = "audience"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class History:
    """The runs of one playbook at a customer so far."""

    runs: int = 0
    last_on: date | None = None
    is_running: bool = False


NONE = History()


def admitted(
    wanted: Iterable[int],
    histories: Mapping[int, History],
    cap: Cap,
    *,
    running: int,
    today: int | None,
    as_of: date,
) -> dict[int, LeftOut | None]:
    """In the order given: None for those who enter. `running`: customers in it now; `today`: how
    many the machine has enrolled today, None when a person enrols."""
    found: dict[int, LeftOut | None] = {}
    for pk in wanted:
        why = _own(histories.get(pk, NONE), cap, as_of)
        if why is None and cap.running is not None and running >= cap.running:
            why = LeftOut.FULL
        if why is None and None not in (today, cap.per_day) and (today or 0) >= (cap.per_day or 0):
            why = LeftOut.ENOUGH_TODAY
        found[pk] = why
        if why is None:
            running += 1
            today = None if today is None else today + 1
    return found


def _own(past: History, cap: Cap, as_of: date) -> LeftOut | None:
    if past.is_running:
        return LeftOut.RUNNING
    if cap.ever is not None and past.runs >= cap.ever:
        return LeftOut.EVER
    lately = cap.days is not None and past.last_on is not None
    if lately and past.last_on and (as_of - past.last_on).days < (cap.days or 0):
        return LeftOut.LATELY
    return None

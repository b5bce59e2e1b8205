"""When a milestone is reached, and when it is late.

By data: the day on which touches or usage first fulfil it, counted from the start of the way in.
Usage that is not connected proves nothing: such a milestone waits, it is not failed.
Late: its day has passed and it is not reached. Reached late stays visible as late.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from perennial.work.onboarding.rules.definition import Measure, Step


class MilestoneState(StrEnum):
    DONE = "done"
    DONE_LATE = "done_late"
    LATE = "late"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Talk:
    """A touch: when, of which kind, with whom (grade empty: nobody graded), how many trained."""

    on: date
    kind: str
    grade: str = ""
    person: str = ""
    trained: int | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """Usage at the end of a day, 28 days back; people None: events name nobody."""

    first_on: date | None
    last_on: date | None
    people: int | None
    days: int
    features: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one customer at the end of `day`. `use` None: never used, or usage is not
    connected; `seats` None: no order says how many. `talks` in the order of their days."""

    day: date
    use: Use | None = None
    seats: int | None = None
    talks: Sequence[Talk] = ()


@dataclass(frozen=True, slots=True)
class Reached:
    """Since when a milestone is fulfilled, and the figures that show it."""

    on: date
    evidence: dict[str, Any] = field(default_factory=dict)


def due_on(step: Step, started_on: date) -> date:
    return started_on + timedelta(days=step.day)


def state_of(due: date, *, done: date | None, as_of: date) -> MilestoneState:
    if done is not None:
        return MilestoneState.DONE if done <= due else MilestoneState.DONE_LATE
    return MilestoneState.LATE if as_of > due else MilestoneState.OPEN


def reached(step: Step, facts: Facts, *, started_on: date) -> Reached | None:
    """None: not yet, or nobody can know. Usage of a trial before the start does not count."""
    match step.measure:
        case Measure.HAND:
            return None
        case Measure.TOUCH:
            return _talked(step, facts, started_on)
        case Measure.FIRST_USE:
            return _used(facts, started_on)
        case _:
            return _measured(step, facts, started_on)


def _talked(step: Step, facts: Facts, started_on: date) -> Reached | None:
    """The touch that makes up the number: the n-th of these kinds, with people of these grades."""
    count = 0
    for talk in facts.talks:
        if not started_on <= talk.on <= facts.day:
            continue
        if (step.kinds and talk.kind not in step.kinds) or (
            step.grades and talk.grade not in step.grades
        ):
            continue
        count += 1
        if count >= step.at_least:
            found: dict[str, Any] = {"kind": talk.kind, "count": count}
            named = {"person": talk.person, "grade": talk.grade, "trained": talk.trained}
            return Reached(talk.on, found | {name: it for name, it in named.items() if it})
    return None


def _used(facts: Facts, started_on: date) -> Reached | None:
    use = facts.use
    if use is None or use.last_on is None or use.last_on < started_on:
        return None
    first = use.first_on or use.last_on
    # Seen before the start (a trial): the last day of use is what we know for certain since then.
    return Reached(first if first >= started_on else min(use.last_on, facts.day))


def _measured(step: Step, facts: Facts, started_on: date) -> Reached | None:
    use = facts.use
    if use is None or use.last_on is None or use.last_on < started_on:
        return None
    value: float | None = {
        Measure.PEOPLE: use.people,
        Measure.DAYS: use.days,
        Measure.FEATURES: use.features,
    }.get(step.measure)
    found: dict[str, Any] = {}
    if step.measure is Measure.SEATS:
        if not facts.seats or use.people is None:
            return None
        value = use.people / facts.seats
        found = {"people": use.people, "seats": facts.seats}
    if value is None or value < step.at_least:
        return None
    return Reached(facts.day, {"value": round(value, 4), "at_least": step.at_least} | found)

"""Where a run stands: which steps start, which are open or over, what waits for what.

1. A step starts when all that it waits for has ended and its day has come; never before the
   enrolment, and once only.
2. An outcome that leads to a later step passes over those between. A step that starts after a
   passed one, or depends on passed ones alone, is passed over, too.
3. Optional steps pass by themselves after their due day, and where the renewal that they count
   from has no date; waiting ends on its due day.
4. A mandatory step that failed, or whose renewal has no date, holds the run until a person acts.
The answer depends on the facts alone, not on the order in which they came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from perennial.work.playbooks.rules.days import WorkCalendar
from perennial.work.playbooks.rules.definition import END, Anchor, Definition, Step, StepKind
from perennial.work.playbooks.rules.ways import passers


class Place(StrEnum):
    """Where a step stands today."""

    ENDED = "ended"
    PASSED = "passed"  # not on the way that was taken
    WAITING = "waiting"
    STARTS = "starts"
    OPEN = "open"
    OVER = "over"  # its time is over: optional, or waiting
    BLOCKED = "blocked"


class Hold(StrEnum):
    """What a step waits for."""

    STEPS = "steps"
    DAY = "day"
    RENEWAL = "renewal"  # there is no renewal date
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Past:
    """How a step ended. `passed`: not on the way; `failed`: tried, and it did not work."""

    on: date
    outcome: str = ""
    passed: bool = False
    failed: bool = False


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What happened so far. `opened`: when open steps started; `renewal_on` None: not known."""

    enrolled_on: date
    renewal_on: date | None
    ended: Mapping[str, Past]
    opened: Mapping[str, date]


@dataclass(frozen=True, slots=True)
class Standing:
    """A step today. `starts_on` None: not known yet; `waits_for` the steps that hold it."""

    step: Step
    place: Place
    starts_on: date | None = None
    due_on: date | None = None
    hold: Hold | None = None
    waits_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """All steps in order; `ends`: there is nothing left to do."""

    steps: tuple[Standing, ...]
    ends: bool

    def of(self, name: str) -> Standing:
        return next(it for it in self.steps if it.step.id == name)


def progress(
    definition: Definition, facts: RunFacts, *, calendar: WorkCalendar, as_of: date
) -> Progress:
    """Where everything stands on the morning of `as_of`."""
    passed, stopped = _passed(definition, facts)
    way = _Way(definition, facts, passed, calendar, passers(definition))
    found = tuple(way.standing(place, as_of) for place in range(len(definition.steps)))
    over = all(it.place in (Place.ENDED, Place.PASSED) for it in found)
    return Progress(found, stopped or over)


def _passed(definition: Definition, facts: RunFacts) -> tuple[frozenset[str], bool]:
    """Steps that are not on the way, and whether an outcome ended it all."""
    passed = {name for name, it in facts.ended.items() if it.passed}
    stopped = False
    for place, step in enumerate(definition.steps):
        past = facts.ended.get(step.id)
        if past is None or past.passed or (past.failed and step.mandatory):
            continue
        target = step.next_after(past.outcome)
        stopped = stopped or target == END
        if target and target != END:
            between = definition.steps[place + 1 : definition.place(target)]
            passed |= {it.id for it in between if _untouched(it, facts)}
    while more := {it.id for it in definition.steps if _follows(it, passed, facts)} - passed:
        passed |= more
    return frozenset(passed), stopped


def _untouched(step: Step, facts: RunFacts) -> bool:
    return step.id not in facts.ended and step.id not in facts.opened


def _follows(step: Step, passed: set[str], facts: RunFacts) -> bool:
    """Whether all that the step would come after is passed over."""
    if not _untouched(step, facts):
        return False
    lonely = step.start.anchor is Anchor.STEP and step.start.step in passed
    return lonely or (bool(step.depends_on) and passed.issuperset(step.depends_on))


@dataclass(frozen=True, slots=True)
class _Way:
    definition: Definition
    facts: RunFacts
    passed: frozenset[str]
    calendar: WorkCalendar
    passers: Mapping[str, tuple[str, ...]]

    def standing(self, place: int, as_of: date) -> Standing:
        step = self.definition.steps[place]
        past = self.facts.ended.get(step.id)
        if past is not None and past.failed and step.mandatory:
            return Standing(step, Place.BLOCKED, hold=Hold.FAILED)
        if past is not None and not past.passed:
            return Standing(step, Place.ENDED)
        if step.id in self.passed:
            return Standing(step, Place.PASSED)
        if (started_on := self.facts.opened.get(step.id)) is not None:
            due_on = self._due(step, started_on)
            over = _is_over(step, due_on, as_of)
            return Standing(step, Place.OVER if over else Place.OPEN, started_on, due_on)
        before = self._before(place)
        if open_ones := tuple(it for it in before if not self._has_ended(it)):
            return Standing(step, Place.WAITING, hold=Hold.STEPS, waits_for=open_ones)
        starts_on = self._starts(step, before)
        if starts_on is None:
            place_now = Place.BLOCKED if step.mandatory else Place.OVER
            return Standing(step, place_now, hold=Hold.RENEWAL)
        due_on = self._due(step, starts_on)
        if starts_on > as_of:
            return Standing(step, Place.WAITING, starts_on, due_on, Hold.DAY)
        return Standing(step, Place.STARTS, starts_on, due_on)

    def _before(self, place: int) -> tuple[str, ...]:
        """What a step waits for, of the way that is taken."""
        step = self.definition.steps[place]
        names = [*step.depends_on, *self.passers[step.id]]
        if step.start.anchor is Anchor.STEP:
            names.append(step.start.step)
        if step.start.anchor is Anchor.PREVIOUS:
            earlier = (it.id for it in reversed(self.definition.steps[:place]))
            names += [name for name in earlier if name not in self.passed][:1]
        return tuple(dict.fromkeys(it for it in names if it not in self.passed))

    def _has_ended(self, name: str) -> bool:
        past = self.facts.ended.get(name)
        step = self.definition.step(name)
        return past is not None and not (past.failed and step is not None and step.mandatory)

    def _starts(self, step: Step, before: tuple[str, ...]) -> date | None:
        ended = [self.facts.ended[name].on for name in before]
        match step.start.anchor:
            case Anchor.ENROLMENT:
                base: date | None = self.facts.enrolled_on
            case Anchor.RENEWAL:
                base = self.facts.renewal_on
            case Anchor.STEP:
                base = self.facts.ended[step.start.step].on
            case Anchor.PREVIOUS:
                base = ended[-1] if before else self.facts.enrolled_on
        if base is None:
            return None
        starts_on = self.calendar.after(base, step.start.days, working=step.start.working)
        return max([starts_on, self.facts.enrolled_on, *ended])

    def _due(self, step: Step, started_on: date) -> date | None:
        if step.due is None:
            return None
        return self.calendar.after(started_on, step.due.days, working=step.due.working)


def _is_over(step: Step, due_on: date | None, as_of: date) -> bool:
    """Waiting ends on its due day, an optional step the day after."""
    if due_on is None:
        return False
    if step.kind is StepKind.WAIT:
        return as_of >= due_on
    return not step.mandatory and as_of > due_on

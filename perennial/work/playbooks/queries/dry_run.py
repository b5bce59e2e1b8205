"""A dry run: what a playbook would do at one customer, if everything went as planned.

Nothing is written. Conditions, decisions and measures are read as they stand now; people take
the first outcome on the due day, or the one that the asker chose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from perennial.customers.filters import FilterRefused
from perennial.customers.models import Customer
from perennial.team.models import User
from perennial.work.models import Run
from perennial.work.playbooks.engine.moving import calendar
from perennial.work.playbooks.engine.writing import NOBODY, contacts_of, filled
from perennial.work.playbooks.facts import Asked, Facts, Measured, measure
from perennial.work.playbooks.owners import CSM, Chosen, Owners
from perennial.work.playbooks.rules.completion import read
from perennial.work.playbooks.rules.days import WorkCalendar
from perennial.work.playbooks.rules.definition import Definition, Step, StepKind, Words
from perennial.work.playbooks.rules.progress import (
    Hold,
    Past,
    Place,
    RunFacts,
    Standing,
    progress,
)

_DAY = timedelta(days=1)
LONGEST = timedelta(days=1500)
_AT_ONCE = (StepKind.FIELD_UPDATE, StepKind.WEBHOOK, StepKind.SUB_PLAYBOOK)


@dataclass(frozen=True, slots=True)
class DryStep:
    """A step as it would go. `place`: ended, passed, over (optional, left out), or what holds it
    (`hold`). `fits`: its condition now, None when it cannot be read; `measured`: what it waits
    for, now; `why`: a key of why.WHY. Days None: it would not start."""

    step: Step
    place: Place
    starts_on: date | None
    due_on: date | None
    ends_on: date | None
    outcome: str
    chosen: Chosen
    title: Words
    text: Words
    fits: bool | None
    measured: Measured | None
    why: str = ""
    hold: Hold | None = None


@dataclass(slots=True)
class _Rehearsal:
    definition: Definition
    customer: Customer
    facts: Facts
    calendar: WorkCalendar
    choices: Mapping[str, str]
    ended: dict[str, Past] = field(default_factory=dict)
    opened: dict[str, date] = field(default_factory=dict)
    days: dict[str, tuple[date | None, date | None]] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    over: set[str] = field(default_factory=set)

    def play(self, start_on: date) -> tuple[Standing, ...]:
        """Day after day until nothing moves any more."""
        day, renewal_on = start_on, self.facts.renewal_of(self.customer.pk)
        while True:
            known = RunFacts(start_on, renewal_on, self.ended, self.opened)
            found = progress(self.definition, known, calendar=self.calendar, as_of=day)
            if found.ends or day - start_on > LONGEST:
                return found.steps
            moving = [it for it in found.steps if it.place in (Place.STARTS, Place.OVER)]
            done = [it for it in found.steps if it.place is Place.OPEN and self._ends(it) <= day]
            for it in moving:
                self._move(it, day)
            for it in done:
                self._end(it.step, max(self._ends(it), it.starts_on or day), self._best(it.step))
            if not moving and not done:
                ahead = [
                    it.starts_on if it.place is Place.WAITING else self._ends(it)
                    for it in found.steps
                    if it.place in (Place.WAITING, Place.OPEN)
                ]
                later = [it for it in ahead if it is not None and it > day]
                if not later:
                    return found.steps
                day = min(later)

    def _ends(self, it: Standing) -> date:
        return it.due_on or it.starts_on or date.max

    def _best(self, step: Step) -> str:
        """The outcome that was chosen, or the first one."""
        chosen = self.choices.get(step.id, "")
        if step.outcome(chosen):
            return chosen
        return step.outcomes[0].id if step.outcomes else ""

    def _move(self, it: Standing, day: date) -> None:
        step = it.step
        if it.place is Place.OVER:
            waiting = step.kind is StepKind.WAIT
            last = step.outcomes[-1].id if step.outcomes else ""
            chosen = self.choices.get(step.id, "")
            outcome = (chosen if step.outcome(chosen) else last) if waiting else ""
            if not waiting:
                self.over.add(step.id)
                self.why[step.id] = "no_renewal" if it.hold is Hold.RENEWAL else "time_over"
            self._end(step, it.due_on or day, outcome)
            return
        self.days[step.id] = (it.starts_on, it.due_on)
        if self.fits(step.when) is False:
            self.over.add(step.id)
            self.why[step.id] = "condition"
            self._end(step, day, "")
        elif step.decides_itself and step.id not in self.choices:
            self._end(step, day, self._decided(step))
        elif step.kind in _AT_ONCE:
            self._end(step, day, "")
        else:
            self.opened[step.id] = it.starts_on or day

    def _decided(self, step: Step) -> str:
        return next((it.id for it in step.outcomes if self.fits(it.when) is not False), "")

    def _end(self, step: Step, on: date, outcome: str) -> None:
        self.opened.pop(step.id, None)
        self.ended[step.id] = Past(on, outcome)

    def fits(self, text: str) -> bool | None:
        try:
            return self.customer.pk in self.facts.fitting(text)
        except FilterRefused:
            return None


def dry_run(
    definition: Definition,
    customer: Customer,
    day: date,
    *,
    start_on: date | None = None,
    by: User | None = None,
    choices: Mapping[str, str] | None = None,
) -> list[DryStep]:
    """The steps in order, as they would go from `start_on` (the morning after `day`) on.

    `choices`: outcomes by step, to look along another branch.
    """
    start_on = start_on or day + _DAY
    facts = Facts({customer.pk}, day)
    played = _Rehearsal(definition, customer, facts, calendar(), choices or {})
    found = played.play(start_on)
    run = Run(customer=customer, by=by, enrolled_on=start_on)
    owners = Owners({customer.pk})
    contact = contacts_of({customer.pk}).get(customer.pk, NOBODY)
    values = _measured(definition, customer, facts, start_on)
    return [
        DryStep(
            step=it.step,
            place=Place.OVER if it.step.id in played.over else it.place,
            starts_on=played.days.get(it.step.id, (it.starts_on, it.due_on))[0],
            due_on=played.days.get(it.step.id, (it.starts_on, it.due_on))[1],
            ends_on=past.on if (past := played.ended.get(it.step.id)) else None,
            outcome=past.outcome if past else "",
            chosen=owners.choose(run, it.step) if _is_done_by_people(it.step) else CSM,
            title=filled(it.step.title, run, contact),
            text=filled(it.step.text, run, contact),
            fits=played.fits(it.step.when),
            measured=values.get(it.step.id),
            why=played.why.get(it.step.id, ""),
            hold=it.hold,
        )
        for it in found
    ]


def _is_done_by_people(step: Step) -> bool:
    return step.kind not in (*_AT_ONCE, StepKind.WAIT) and not step.decides_itself


def _measured(
    definition: Definition, customer: Customer, facts: Facts, start_on: date
) -> dict[str, Measured]:
    asked = {
        it.id: Asked(customer.pk, wanted, start_on)
        for it in definition.steps
        if (wanted := read(it.done_when) if it.done_when else None)
    }
    answers = measure(list(set(asked.values())), day=facts.day, known=facts.served)
    return {name: answers[it] for name, it in asked.items()}

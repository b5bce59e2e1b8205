"""Where a run stands, by the rules alone: branches, holds, and any playbook lived day by day."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from perennial.work.playbooks.rules.checks import faults
from perennial.work.playbooks.rules.days import WorkCalendar
from perennial.work.playbooks.rules.definition import Definition, of
from perennial.work.playbooks.rules.progress import (
    Hold,
    Past,
    Place,
    Progress,
    RunFacts,
    progress,
)
from perennial.work.playbooks.tests.texts_of_rules import KNOWN, outcome, playbook, step

MONDAY = date(2026, 6, 1)
CALENDAR = WorkCalendar()
BRANCHING = of(
    playbook(
        step(
            "ask",
            outcomes=[outcome("yes", "show"), outcome("no", "repair"), outcome("left", "end")],
        ),
        step("show", then="close"),
        step("repair", start={"after": "previous", "days": 2}),
        step("close", start={"after": "previous", "days": 1, "working": True}),
    )
)


def standing(definition: Definition, as_of: date, /, **ended: str) -> dict[str, Any]:
    past = {name: Past(MONDAY, how) for name, how in ended.items()}
    facts = RunFacts(MONDAY, None, past, {})
    found = progress(definition, facts, calendar=CALENDAR, as_of=as_of)
    return {it.step.id: it.place for it in found.steps} | {"ends": found.ends}


def test_before_the_question_is_answered_nothing_behind_it_starts():
    found = standing(BRANCHING, MONDAY + timedelta(days=30))
    assert found["ask"] is Place.STARTS
    assert {found[it] for it in ("show", "repair", "close")} == {Place.WAITING}


def test_an_outcome_passes_over_what_stands_between():
    found = standing(BRANCHING, MONDAY, ask="no")
    assert (found["show"], found["repair"]) == (Place.PASSED, Place.WAITING)
    assert standing(BRANCHING, MONDAY + timedelta(days=2), ask="no")["repair"] is Place.STARTS


def test_the_other_branch_goes_on_where_both_meet():
    found = standing(BRANCHING, MONDAY + timedelta(days=1), ask="yes", show="")
    assert (found["repair"], found["close"]) == (Place.PASSED, Place.STARTS)


def test_an_outcome_may_end_it_all():
    assert standing(BRANCHING, MONDAY, ask="left")["ends"]


def test_without_a_renewal_date_the_step_says_so_and_holds_the_run():
    text = of(playbook(step("a"), step("b", start={"after": "renewal", "days": -30})))
    facts = RunFacts(MONDAY, None, {"a": Past(MONDAY)}, {})
    found = progress(text, facts, calendar=CALENDAR, as_of=MONDAY)
    assert (found.of("b").place, found.of("b").hold) == (Place.BLOCKED, Hold.RENEWAL)
    assert not found.ends
    late = replace(facts, renewal_on=MONDAY + timedelta(days=10))
    found = progress(text, late, calendar=CALENDAR, as_of=MONDAY)
    assert (found.of("b").place, found.of("b").starts_on) == (Place.STARTS, MONDAY)


def test_what_failed_holds_the_run_when_it_must_be_done():
    text = of(playbook(step("a"), step("b")))
    found = progress(
        text,
        RunFacts(MONDAY, None, {"a": Past(MONDAY, failed=True)}, {}),
        calendar=CALENDAR,
        as_of=MONDAY,
    )
    assert (found.of("a").hold, found.of("b").place) == (Hold.FAILED, Place.WAITING)


def random_playbook(dice: Random) -> Definition:
    """Any playbook that the checks let pass."""
    while True:
        count = dice.randint(1, 8)
        names = [f"s{n}" for n in range(count)]
        steps = []
        for place, name in enumerate(names):
            later = [*names[place + 1 :], "end", ""]
            outcomes = [
                outcome(f"o{n}", dice.choice(later)) for n in range(dice.choice((0, 0, 2, 3)))
            ]
            after = dice.choice(["previous", "enrolment", "renewal", f"step:{dice.choice(names)}"])
            needed = dice.sample(names, dice.choice((0, 0, 0, 1, 2)) % (count + 1))
            more: dict[str, Any] = (
                {"due": {"days": dice.randint(0, 4)}} if dice.random() < 0.6 else {}
            )
            steps.append(
                step(
                    name,
                    start={
                        "after": after,
                        "days": dice.randint(0, 5),
                        "working": dice.random() < 0.5,
                    },
                    depends_on=needed,
                    outcomes=outcomes,
                    mandatory=dice.random() < 0.7,
                    then=dice.choice(["", "", "", *later]),
                    **more,
                )
            )
        text = playbook(*steps)
        if not faults(text, KNOWN):
            return of(text)


class Life:
    """A run day by day: every open step is done some day, by any outcome. `starts` are counted."""

    def __init__(self, definition: Definition, dice: Random, *, renewal_on: date | None) -> None:
        self.definition, self.dice, self.renewal_on = definition, dice, renewal_on
        self.ended: dict[str, Past] = {}
        self.opened: dict[str, date] = {}
        self.starts: Counter[str] = Counter()

    def look(self, day: date) -> Progress:
        keys = list(self.ended)
        self.dice.shuffle(keys)  # in whatever order the facts came
        ended = {key: self.ended[key] for key in keys}
        facts = RunFacts(MONDAY, self.renewal_on, ended, dict(self.opened))
        return progress(self.definition, facts, calendar=CALENDAR, as_of=day)

    def morning(self, day: date) -> Progress:
        """Start and end what the rules say, until nothing moves."""
        while not (found := self.look(day)).ends:
            moving = [it for it in found.steps if it.place in (Place.STARTS, Place.OVER)]
            for it in moving:
                name = it.step.id
                if it.place is Place.STARTS:
                    assert name not in self.opened and name not in self.ended
                    self.starts[name] += 1
                    self.opened[name] = it.starts_on or day
                else:
                    self.opened.pop(name, None)
                    self.ended[name] = Past(day)
            if not moving:
                break
        return found

    def work(self, day: date, *, lazy: float) -> None:
        for name in list(self.opened):
            step_ = self.definition.step(name)
            if step_ is not None and self.dice.random() > lazy:
                chosen = self.dice.choice(step_.outcomes).id if step_.outcomes else ""
                self.ended[name] = Past(day, chosen)
                del self.opened[name]


def lived(
    definition: Definition, dice: Random, *, renewal_on: date | None, lazy: float
) -> Counter[str]:
    life, day = Life(definition, dice, renewal_on=renewal_on), MONDAY
    for _ in range(400):
        found = life.morning(day)
        if found.ends:
            return life.starts
        life.work(day, lazy=lazy)
        day += timedelta(days=1)
    blocked = [it for it in found.steps if it.place is Place.BLOCKED and it.step.mandatory]
    assert blocked, [(it.step.id, it.place, it.hold, it.waits_for) for it in found.steps]
    return life.starts


@pytest.mark.parametrize("seed", range(150))
def test_no_step_runs_twice_and_every_run_ends_or_says_what_holds_it(seed: int):
    dice = Random(seed)
    definition = random_playbook(dice)
    renewal = dice.choice((None, MONDAY + timedelta(days=dice.randint(0, 60))))
    starts = lived(definition, dice, renewal_on=renewal, lazy=dice.choice((0.0, 0.5, 0.9)))
    assert set(starts.values()) <= {1}


@pytest.mark.parametrize("seed", range(60))
def test_it_does_not_matter_in_which_order_things_are_done(seed: int):
    """Two colleagues close the open steps of a day in opposite orders: the same steps remain."""
    dice = Random(seed)
    definition = random_playbook(dice)
    names = [it.id for it in definition.steps]
    chosen = {
        it.id: (dice.choice([o.id for o in it.outcomes if o.then != "end"] or [""]))
        for it in definition.steps
    }

    def after(order: list[str]) -> tuple[Any, ...]:
        ended: dict[str, Past] = {}
        while True:
            facts = RunFacts(MONDAY, MONDAY, ended, {})
            found = progress(
                definition, facts, calendar=CALENDAR, as_of=MONDAY + timedelta(days=99)
            )
            open_now = {it.step.id for it in found.steps if it.place is Place.STARTS}
            nexts = [name for name in order if name in open_now]
            if not nexts or found.ends:
                return found.ends, tuple((it.step.id, it.place) for it in found.steps)
            ended = {**ended, nexts[0]: Past(MONDAY, chosen[nexts[0]])}

    if all(it.then != "end" for it in definition.steps):
        assert after(names) == after(names[::-1])

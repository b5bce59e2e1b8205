"""Playbooks by the rules alone: what is refused, which ways there are, and where a run stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from perennial.units.errors import RowError
from perennial.work.playbooks.rules.checks import faults, hints
from perennial.work.playbooks.rules.completion import read
from perennial.work.playbooks.rules.days import WorkCalendar
from perennial.work.playbooks.rules.definition import Definition, of, plain
from perennial.work.playbooks.rules.faults import Known
from perennial.work.playbooks.rules.progress import Hold, Past, Place, RunFacts, progress

MONDAY = date(2026, 6, 1)
CALENDAR = WorkCalendar()


def both(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def step(name: str, /, **more: Any) -> dict[str, Any]:
    return {"id": name, "title": both(name), "text": both(name), "kind": "task", **more}


def outcome(name: str, then: str = "", when: str = "") -> dict[str, str | dict[str, str]]:
    return {"id": name, "title": both(name), "then": then, "when": when}


def playbook(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    head = {"name": "save", "title": both("Save"), "purpose": both("Keep them")}
    return {**head, "steps": list(steps), **more}


def unreadable(text: str) -> RowError | None:
    return None if text.startswith("1;") else RowError("filter_refused", "No filter: {value}")


def gone(source: str) -> RowError | None:
    return RowError("unknown_metric", "Gone") if "gone" in source else None


KNOWN = Known(
    filter_fault=unreadable,
    source_fault=gone,
    alerts={"usage_drop", "own/late"},
    playbooks={"other": ("third",), "third": ("save",), "alone": ()},
    settable=("tags", "industry"),
)


def places(text: dict[str, Any]) -> set[tuple[str, str]]:
    return {(it.code, it.column or "") for it in faults(text, KNOWN)}


CASES = [
    pytest.param(playbook(step("a")), set(), id="the smallest one"),
    pytest.param(playbook(), {("wrong_count", "steps")}, id="no steps"),
    pytest.param(
        playbook(step("a"), step("a")), {("twice", "steps.1.id")}, id="a step stands twice"
    ),
    pytest.param(
        playbook({**step("a"), "text": {"zh": "有", "en": ""}}),
        {("no_text", "steps.0.text")},
        id="a text in one language",
    ),
    pytest.param(
        playbook(step("a", colour="red")),
        {("unknown_field", "steps.0.colour")},
        id="a misspelt field",
    ),
    pytest.param(
        playbook(step("a", start={"after": "enrolment", "days": -1})),
        {("out_of_range", "steps.0.start.days")},
        id="a date before the start",
    ),
    pytest.param(
        playbook(step("a", start={"after": "renewal", "days": -90})),
        set(),
        id="days before the renewal are meant",
    ),
    pytest.param(
        playbook(step("a", start={"after": "step:b"})),
        {("unknown_step", "steps.0.start.after")},
        id="after a step that is none",
    ),
    pytest.param(
        playbook(step("a", depends_on=["b"]), step("b", depends_on=["a"])),
        {("circular", "steps.0")},
        id="two steps wait for each other",
    ),
    pytest.param(
        playbook(step("a"), step("b", outcomes=[outcome("again", "a")])),
        {("circular", "steps.1.outcomes.0.then")},
        id="a branch leads back",
    ),
    pytest.param(
        playbook(step("a", outcomes=[outcome("on", "c")], depends_on=["b"]), step("b"), step("c")),
        {("circular", "steps.0")},
        id="a step waits for what it may pass over",
    ),
    pytest.param(
        playbook(step("a", outcomes=[outcome("x", "c"), outcome("y", "c")]), step("b"), step("c")),
        {("unreachable", "steps.1")},
        id="no way leads to a step",
    ),
    pytest.param(
        playbook(
            step("a", when="1;x", outcomes=[outcome("x", "c"), outcome("y", "c")]),
            step("b"),
            step("c"),
        ),
        set(),
        id="but it does when the step before it may be left out",
    ),
    pytest.param(
        playbook(step("a", kind="sub_playbook", playbook="other")),
        {("circular", "steps.0.playbook")},
        id="playbooks start each other",
    ),
    pytest.param(
        playbook(step("a", kind="sub_playbook", playbook="nothing")),
        {("unknown_playbook", "steps.0.playbook")},
        id="a sub-playbook that is none",
    ),
    pytest.param(
        playbook(step("a", kind="wait")), {("endless", "steps.0.due")}, id="waiting for ever"
    ),
    pytest.param(
        playbook(step("a", kind="field_update", set_field="tier", set_value="S")),
        {("wrong_field", "steps.0.set_field")},
        id="a field that nobody may set",
    ),
    pytest.param(
        playbook(step("a", kind="decision", outcomes=[outcome("x")])),
        {("too_few", "steps.0.outcomes")},
        id="a decision without a choice",
    ),
    pytest.param(
        playbook(step("a", when="rubbish")), {("filter_refused", "steps.0.when")}, id="no filter"
    ),
    pytest.param(
        playbook(step("a", done_when="more and more")),
        {("wrong_completion", "steps.0.done_when")},
        id="a completion that says nothing",
    ),
    pytest.param(
        playbook(step("a", owner="robin")), {("wrong_owner", "steps.0.owner")}, id="whose turn?"
    ),
    pytest.param(
        playbook(step("a"), trigger="alert:rain", cap={"ever": 1}),
        {("wrong_trigger", "trigger")},
        id="no such rule",
    ),
    pytest.param(
        playbook(step("a"), trigger="alert:usage_drop"),
        {("no_cap", "cap")},
        id="by itself, again and again",
    ),
    pytest.param(
        playbook(step("a"), trigger="alert:own/late", cap={"days": 30}), set(), id="with a cap"
    ),
    pytest.param(
        playbook(step("a"), exits=[{"when": "", "reason": both("x")}]),
        {("no_condition", "exits.0.when")},
        id="everybody leaves at once",
    ),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_what_is_refused_and_where(text: dict[str, Any], expected: set[tuple[str, str]]):
    assert places(text) == expected


def test_a_metric_that_is_gone_is_a_hint_and_no_fault():
    text = playbook(step("a", done_when="metric:gone;window=28 >= 3"))
    assert not faults(text, KNOWN)
    assert [it.column for it in hints(of(text), KNOWN)] == ["steps.0.done_when"]


def test_what_was_written_is_read_back():
    text = playbook(
        step("a", start={"after": "enrolment", "days": 2, "working": True}, due={"days": 1}),
        step("b", depends_on=["a"], outcomes=[outcome("x", "end")], start={"after": "step:a"}),
        step("c", mandatory=False, visible=True, owner="role:leader", when="1;x"),
        audience="1;x",
        cap={"ever": 1},
        exits=[{"when": "1;x", "reason": both("gone")}],
    )
    assert of(plain(of(text))) == of(text)
    assert plain(of(plain(of(text)))) == plain(of(text))


@pytest.mark.parametrize(
    ("text", "source", "at_least", "bound"),
    [
        (
            "metric:event_count;window=28;event=login >= 100",
            "metric:event_count;window=28;event=login",
            True,
            100,
        ),
        ("seat_use ≥ 0.6", "seat_use", True, 0.6),
        ("open_tickets <= 0", "open_tickets", False, 0),
        ("event:report_created", "event:report_created", True, 1),
    ],
)
def test_completions_as_they_are_written(text: str, source: str, at_least: bool, bound: float):
    found = read(text)
    assert found and (found.source, found.at_least, found.bound) == (source, at_least, bound)


@pytest.mark.parametrize(
    ("day", "days", "expected"),
    [
        (date(2026, 6, 5), 1, date(2026, 6, 8)),  # a Friday
        (date(2026, 6, 6), 0, date(2026, 6, 8)),  # a Saturday
        (date(2026, 6, 1), 5, date(2026, 6, 8)),
        (date(2026, 6, 8), -1, date(2026, 6, 5)),
    ],
)
def test_working_days_leave_out_weekends(day: date, days: int, expected: date):
    assert CALENDAR.after(day, days, working=True) == expected


def test_and_days_off_of_the_installation():
    off = WorkCalendar(frozenset({date(2026, 6, 8), date(2026, 6, 9)}))
    assert off.after(date(2026, 6, 5), 1, working=True) == date(2026, 6, 10)
    assert off.after(date(2026, 6, 5), 3, working=False) == date(2026, 6, 8)


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


def lived(
    definition: Definition, dice: Random, *, renewal_on: date | None, lazy: float
) -> dict[str, int]:
    """A run day by day: every open step is done some day, by any outcome. Counts the starts."""
    ended: dict[str, Past] = {}
    opened: dict[str, date] = {}
    starts: dict[str, int] = {}
    day = MONDAY
    for _ in range(400):
        while True:
            keys = list(ended)
            dice.shuffle(keys)  # in whatever order the facts came
            facts = RunFacts(MONDAY, renewal_on, {key: ended[key] for key in keys}, dict(opened))
            found = progress(definition, facts, calendar=CALENDAR, as_of=day)
            if found.ends:
                return starts
            fresh = [it for it in found.steps if it.place is Place.STARTS]
            over = [it for it in found.steps if it.place is Place.OVER]
            for it in fresh:
                assert it.step.id not in opened and it.step.id not in ended
                starts[it.step.id] = starts.get(it.step.id, 0) + 1
                opened[it.step.id] = it.starts_on or day
            for it in over:
                ended[it.step.id] = Past(day)
                opened.pop(it.step.id, None)
            if not fresh and not over:
                break
        for name in list(opened):
            if dice.random() > lazy:
                step_ = definition.step(name)
                assert step_ is not None
                chosen = dice.choice(step_.outcomes).id if step_.outcomes else ""
                ended[name] = Past(day, chosen)
                del opened[name]
        day += timedelta(days=1)
    blocked = [it for it in found.steps if it.place is Place.BLOCKED and it.step.mandatory]
    assert blocked, [(it.step.id, it.place, it.hold, it.waits_for) for it in found.steps]
    return starts


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

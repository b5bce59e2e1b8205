"""Playbooks by the rules alone: what is refused, which ways there are, and where a run stands."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from perennial.work.playbooks.rules.checks import faults, hints
from perennial.work.playbooks.rules.completion import read
from perennial.work.playbooks.rules.days import WorkCalendar
from perennial.work.playbooks.rules.definition import of, plain
from perennial.work.playbooks.tests.texts_of_rules import KNOWN, both, outcome, playbook, step

CALENDAR = WorkCalendar()


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

"""What is wrong with one step: its times, what it names, its outcomes, and what its kind needs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Final

from perennial.units.sentence import sentence
from perennial.work.playbooks.rules.completion import read
from perennial.work.playbooks.rules.definition import (
    END,
    ON_STEP,
    Anchor,
    OwnerRule,
    Step,
    StepKind,
)
from perennial.work.playbooks.rules.faults import (
    Faults,
    Known,
    Plain,
    fault,
    filter_faults,
    no_field,
    no_step,
    out_of_range,
    whole,
    words_faults,
)

NAME: Final = re.compile(r"[a-z0-9_]{1,40}\Z")
TITLE_LETTERS, TEXT_LETTERS = 100, 5000
MOST_OUTCOMES, MOST_DAYS = 8, 730
STEP_FIELDS: Final = frozenset(it.name for it in fields(Step))


def step_faults(row: Plain, at: str, ids: Sequence[str], place: int, known: Known) -> Faults:
    for given in row:
        if given not in STEP_FIELDS:
            yield no_field(str(given), f"{at}.{given}")
    name = row.get("id")
    if not (isinstance(name, str) and NAME.match(name)) or name == END:
        text = sentence("Short names have small letters, digits and _, up to 40.")
        yield fault("wrong_name", text, f"{at}.id")
    elif ids.index(name) < place:
        text = sentence("The step {name} stands twice.")
        yield fault("twice", text, f"{at}.id", name=name)
    yield from words_faults(row.get("title"), f"{at}.title", TITLE_LETTERS)
    yield from words_faults(row.get("text"), f"{at}.text", TEXT_LETTERS)
    if row.get("kind") not in list(StepKind):
        text = sentence("The kind is one of {known}.")
        yield fault("wrong_kind", text, f"{at}.kind", known=", ".join(StepKind))
        return
    for column in ("when", "then", "done_when", "set_field", "set_value", "playbook", "channel"):
        if not isinstance(row.get(column, ""), str):
            yield fault("wrong_value", sentence("This is a text."), f"{at}.{column}")
    rule, _, who = str(row.get("owner", "csm")).partition(":")
    if rule not in list(OwnerRule) or bool(who) != (rule not in ("csm", "creator")):
        text = sentence("The owner is csm, creator, person:E-MAIL, role:ROLE or robin:TEAM.")
        yield fault("wrong_owner", text, f"{at}.owner")
    for flag in ("mandatory", "visible"):
        if not isinstance(row.get(flag, True), bool):
            yield fault("wrong_value", sentence("This is true or false."), f"{at}.{flag}")
    yield from _times(row, at, ids)
    yield from _references(row, at, ids, place)
    yield from filter_faults(row.get("when", ""), f"{at}.when", known)
    if (done_when := row.get("done_when", "")) and read(str(done_when)) is None:
        text = sentence("This is a measure, ≥ or ≤ and a number, or event:NAME; not {value}.")
        yield fault("wrong_completion", text, f"{at}.done_when", value=str(done_when)[:80])
    yield from _outcomes(row, at, known)
    yield from _of_its_kind(row, at, known)


def _times(row: Plain, at: str, ids: Sequence[str]) -> Faults:
    start = row.get("start", {})
    due = row.get("due")
    if not isinstance(start, Mapping) or not isinstance(due, Mapping | None):
        text = sentence("Start and due are like {{after: previous, days: 2, working: true}}.")
        yield fault("wrong_start", text, f"{at}.start")
        return
    after = str(start.get("after", Anchor.PREVIOUS))
    lowest = -MOST_DAYS if after == Anchor.RENEWAL else 0
    if after.startswith(ON_STEP):
        if after.removeprefix(ON_STEP) not in ids:
            yield no_step(f"{at}.start.after", after.removeprefix(ON_STEP))
    elif after not in (Anchor.ENROLMENT, Anchor.RENEWAL, Anchor.PREVIOUS):
        text = sentence("A step starts after enrolment, renewal, previous or step:ID.")
        yield fault("wrong_start", text, f"{at}.start.after")
    for place, given, low in (("start", start, lowest), ("due", due or {}, 0)):
        if not whole(given.get("days", 0), low, MOST_DAYS):
            yield out_of_range(f"{at}.{place}.days", low, MOST_DAYS)
        if not isinstance(given.get("working", False), bool):
            yield fault("wrong_value", sentence("This is true or false."), f"{at}.{place}.working")
        for name in given:
            if name not in ("days", "working", "after"):
                yield no_field(str(name), f"{at}.{place}.{name}")


def _references(row: Plain, at: str, ids: Sequence[str], place: int) -> Faults:
    needed = row.get("depends_on", ())
    listed = needed if isinstance(needed, list | tuple) else (str(needed),)
    for it in listed:
        if it not in ids:
            yield no_step(f"{at}.depends_on", str(it))
    outcomes = [it for it in row.get("outcomes") or () if isinstance(it, Mapping)]
    targets = [(f"{at}.then", row.get("then", ""))]
    targets += [(f"{at}.outcomes.{n}.then", it.get("then", "")) for n, it in enumerate(outcomes)]
    for where, target in targets:
        if target in ("", END):
            continue
        if target not in ids:
            yield no_step(where, str(target))
        elif ids.index(target) <= place:
            text = sentence("A loop: “{name}” stands before this step; branches lead forward.")
            yield fault("circular", text, where, name=str(target))


def _outcomes(row: Plain, at: str, known: Known) -> Faults:
    listed = row.get("outcomes", ())
    if not isinstance(listed, list | tuple) or not all(isinstance(it, Mapping) for it in listed):
        text = sentence("These are outcomes: - id: …, title: …, then: …")
        yield fault("wrong_outcomes", text, f"{at}.outcomes")
        return
    if len(listed) > MOST_OUTCOMES:
        text = sentence("A step has at most {most} outcomes.")
        yield fault("too_many", text, f"{at}.outcomes", most=MOST_OUTCOMES)
    seen: set[str] = set()
    for place, it in enumerate(listed):
        where = f"{at}.outcomes.{place}"
        for name in it:
            if name not in ("id", "title", "then", "when"):
                yield no_field(str(name), f"{where}.{name}")
        name = it.get("id")
        if not (isinstance(name, str) and NAME.match(name)) or name in seen:
            text = sentence("Short names have small letters, digits and _; each stands once.")
            yield fault("wrong_name", text, f"{where}.id")
        seen.add(str(name))
        yield from words_faults(it.get("title"), f"{where}.title", TITLE_LETTERS)
        yield from filter_faults(it.get("when", ""), f"{where}.when", known)
    asked = [bool(it.get("when")) for it in listed]
    decides = row.get("kind") == StepKind.DECISION
    if decides and len(listed) < 2:
        text = sentence("A decision has at least two outcomes.")
        yield fault("too_few", text, f"{at}.outcomes")
    if any(asked) and (not decides or not all(asked[:-1])):
        text = sentence("Conditions stand at every outcome of a decision, or at all but the last.")
        yield fault("wrong_outcomes", text, f"{at}.outcomes")


def _of_its_kind(row: Plain, at: str, known: Known) -> Faults:
    kind = row["kind"]
    if kind == StepKind.WAIT and not row.get("done_when") and row.get("due") is None:
        text = sentence("Waiting ends on a due day, or when something is measured: say one.")
        yield fault("endless", text, f"{at}.due")
    if kind == StepKind.FIELD_UPDATE and row.get("set_field") not in known.settable:
        text = sentence("Only these fields can be set: {known}.")
        yield fault("wrong_field", text, f"{at}.set_field", known=", ".join(known.settable))
    if kind == StepKind.FIELD_UPDATE and not str(row.get("set_value", "")).strip():
        yield fault("no_value", sentence("Say the value to set."), f"{at}.set_value")
    if kind == StepKind.SUB_PLAYBOOK and row.get("playbook") not in known.playbooks:
        text = sentence("There is no playbook “{name}”.")
        yield fault("unknown_playbook", text, f"{at}.playbook", name=str(row.get("playbook")))

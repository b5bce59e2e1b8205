"""What is wrong with the text of a playbook, before it may run anywhere.

1. Every text stands in both languages; every step has a short name of its own.
2. Steps name only what exists: other steps, playbooks, fields that may be set, filters that read.
3. Nothing waits for itself: not over `depends_on`, starts and branches, nor over sub-playbooks.
4. Every step can be reached on some way through the playbook.
5. A metric or an event that is gone is no fault but a hint: its step then waits for a person.
Source: work specification, 'Playbook step'; issue 6, 'Bad input'.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Final

from perennial.units.errors import RowError
from perennial.units.sentence import sentence
from perennial.work.playbooks.rules.completion import read
from perennial.work.playbooks.rules.definition import (
    BY_ALERT,
    BY_AUDIENCE,
    Cap,
    Definition,
    StepKind,
    of,
)
from perennial.work.playbooks.rules.faults import (
    Faults,
    Known,
    Plain,
    fault,
    filter_faults,
    no_field,
    out_of_range,
    whole,
    words_faults,
)
from perennial.work.playbooks.rules.step_checks import NAME, TITLE_LETTERS, step_faults
from perennial.work.playbooks.rules.ways import circle, unreachable

PURPOSE_LETTERS, MOST_STEPS, MOST_CAP = 500, 60, 100_000
HEAD_FIELDS: Final = frozenset(it.name for it in fields(Definition))


def faults(definition: Plain, known: Known) -> list[RowError]:
    """Everything that is wrong; `column` is the place: `steps.2.start.days`, `audience`, …"""
    found = [*_head(definition, known)]
    rows = definition.get("steps")
    if not isinstance(rows, list | tuple) or not all(isinstance(it, Mapping) for it in rows):
        text = sentence("These are steps: - id: …, title: …, text: …, kind: …")
        return [*found, fault("no_steps", text, "steps")]
    if not 1 <= len(rows) <= MOST_STEPS:
        text = sentence("A playbook has 1 to {most} steps.")
        found.append(fault("wrong_count", text, "steps", most=MOST_STEPS))
    ids = [str(it.get("id")) for it in rows]
    for place, row in enumerate(rows):
        found += step_faults(row, f"steps.{place}", ids, place, known)
    if found:
        return found
    return [*_ways(of(definition), known)]


def hints(definition: Definition, known: Known) -> list[RowError]:
    """What may be published, but should be known."""
    found = []
    for place, step in enumerate(definition.steps):
        asked = read(step.done_when) if step.done_when else None
        if asked and (wrong := known.source_fault(asked.source)):
            at = f"steps.{place}.done_when"
            found.append(RowError("metric_gone", wrong.message, column=at, params=wrong.params))
    return found


def _head(given: Plain, known: Known) -> Faults:
    for name in given:
        if name not in HEAD_FIELDS:
            yield no_field(str(name), str(name))
    if not (isinstance(given.get("name"), str) and NAME.match(given["name"])):
        text = sentence("Short names have small letters, digits and _, up to 40.")
        yield fault("wrong_name", text, "name")
    yield from words_faults(given.get("title"), "title", TITLE_LETTERS)
    yield from words_faults(given.get("purpose"), "purpose", PURPOSE_LETTERS)
    yield from filter_faults(given.get("audience", ""), "audience", known)
    yield from _trigger(given.get("trigger", ""), known)
    cap = given.get("cap", {})
    if not isinstance(cap, Mapping):
        yield fault("wrong_cap", sentence("These are pairs name: value."), "cap")
        return
    for name, value in cap.items():
        if name not in Cap.__slots__:
            yield no_field(str(name), f"cap.{name}")
        elif value is not None and not whole(value, 1, MOST_CAP):
            yield out_of_range(f"cap.{name}", 1, MOST_CAP)
    if given.get("trigger") and not {"ever", "days"} & {it for it in cap if cap[it] is not None}:
        text = sentence("Who enters by itself needs a cap: ever, or once in so many days.")
        yield fault("no_cap", text, "cap")
    exits = given.get("exits", ())
    if not isinstance(exits, list | tuple) or not all(isinstance(it, Mapping) for it in exits):
        yield fault("wrong_exits", sentence("These are: - when: …, reason: …"), "exits")
        return
    for place, row in enumerate(exits):
        if not row.get("when"):
            text = sentence("A rule that lets everybody leave at once needs a condition.")
            yield fault("no_condition", text, f"exits.{place}.when")
        yield from filter_faults(row.get("when", ""), f"exits.{place}.when", known)
        yield from words_faults(row.get("reason"), f"exits.{place}.reason", TITLE_LETTERS)


def _trigger(trigger: object, known: Known) -> Faults:
    if trigger in ("", BY_AUDIENCE):
        return
    named = isinstance(trigger, str) and trigger.startswith(BY_ALERT)
    if not named or str(trigger).removeprefix(BY_ALERT) not in known.alerts:
        text = sentence("This is empty, audience, or alert: and the name of a rule.")
        yield fault("wrong_trigger", text, "trigger")


def _ways(definition: Definition, known: Known) -> Faults:
    """Loops and steps that nobody ever comes to."""
    if road := circle(definition):
        text = sentence("Circular: {road}. These steps would wait for each other for ever.")
        at = f"steps.{definition.place(road[0])}"
        yield fault("circular", text, at, road=" → ".join(road))
        return
    for name in unreachable(definition):
        text = sentence("No way leads to this step: every step before it goes past.")
        yield fault("unreachable", text, f"steps.{definition.place(name)}")
    below = {**known.playbooks, definition.name: _subs(definition)}
    for place, step in enumerate(definition.steps):
        if step.kind is StepKind.SUB_PLAYBOOK and _leads_to(step.playbook, definition.name, below):
            text = sentence("Circular: “{name}” would start this playbook again.")
            yield fault("circular", text, f"steps.{place}.playbook", name=step.playbook)


def _subs(definition: Definition) -> frozenset[str]:
    return frozenset(it.playbook for it in definition.steps if it.kind is StepKind.SUB_PLAYBOOK)


def _leads_to(name: str, goal: str, below: Mapping[str, Collection[str]]) -> bool:
    seen: set[str] = set()
    ahead = [name]
    while ahead:
        at = ahead.pop()
        if at == goal:
            return True
        if at not in seen:
            seen.add(at)
            ahead += below.get(at, ())
    return False

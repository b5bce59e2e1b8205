"""The buttons of the editor that change the shape of a draft: add, take away, move.

`do` is `verb` or `verb:place`, or `verb:place:place`. What does not fit changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import count
from typing import Any

from perennial.work.playbooks.forms.draft import MOST_EXITS, MOST_OUTCOMES, MOST_STEPS

Plain = dict[str, Any]
Given = Mapping[str, str]
Places = tuple[int, ...]


def stepped(definition: Plain, do: str, given: Given) -> Plain:
    """The text after one press of a button."""
    verb, *places = do.split(":")
    change = VERBS.get(verb)
    at = tuple(int(it) for it in places if it.isdecimal())
    return definition if change is None or len(at) != len(places) else change(definition, at, given)


def _free(name: str, taken: Iterable[str]) -> str:
    known = set(taken)
    return next(it for n in count(1) if (it := f"{name}_{n}") not in known)


def _words() -> dict[str, str]:
    return {"zh": "", "en": ""}


def _add_step(definition: Plain, at: Places, given: Given) -> Plain:
    """A new step behind the step of this place, at the end without one."""
    steps = list(definition["steps"])
    if len(steps) >= MOST_STEPS:
        return definition
    kind = given.get("new_kind", "") or "task"
    row: Plain = {
        "id": _free(kind, (it["id"] for it in steps)),
        "title": _words(),
        "text": _words(),
        "kind": kind,
    }
    steps.insert(at[0] + 1 if at else len(steps), row)
    return {**definition, "steps": steps}


def _remove_step(definition: Plain, at: Places, _given: Given) -> Plain:
    """Without the step; what pointed at it points nowhere any more."""
    if not at or at[0] >= len(definition["steps"]):
        return definition
    gone = definition["steps"][at[0]]["id"]
    kept = [_without(it, gone) for it in definition["steps"] if it["id"] != gone]
    return {**definition, "steps": kept}


def _without(step: Plain, gone: str) -> Plain:
    found = {**step, "depends_on": [it for it in step.get("depends_on", []) if it != gone]}
    if found.get("then") == gone:
        del found["then"]
    if found.get("start", {}).get("after") == f"step:{gone}":
        found["start"] = {**found["start"], "after": "previous"}
    outcomes = [
        {key: value for key, value in it.items() if (key, value) != ("then", gone)}
        for it in step.get("outcomes", [])
    ]
    return {key: it for key, it in (found | {"outcomes": outcomes}).items() if it != []}


def _move(by: int) -> Callable[[Plain, Places, Given], Plain]:
    def change(definition: Plain, at: Places, _given: Given) -> Plain:
        steps = list(definition["steps"])
        if not at or not (0 <= at[0] < len(steps) and 0 <= at[0] + by < len(steps)):
            return definition
        steps[at[0]], steps[at[0] + by] = steps[at[0] + by], steps[at[0]]
        return {**definition, "steps": steps}

    return change


def _copy_step(definition: Plain, at: Places, _given: Given) -> Plain:
    steps = list(definition["steps"])
    if not at or at[0] >= len(steps) or len(steps) >= MOST_STEPS:
        return definition
    twin = {**steps[at[0]], "id": _free(steps[at[0]]["kind"], (it["id"] for it in steps))}
    steps.insert(at[0] + 1, twin)
    return {**definition, "steps": steps}


def _on_step(
    change: Callable[[Plain, Places], Plain],
) -> Callable[[Plain, Places, Given], Plain]:
    def apply(definition: Plain, at: Places, _given: Given) -> Plain:
        steps = [
            change(it, at) if at and i == at[0] else it for i, it in enumerate(definition["steps"])
        ]
        return {**definition, "steps": steps}

    return apply


def _add_outcome(step: Plain, _at: Places) -> Plain:
    outcomes = list(step.get("outcomes", []))
    if len(outcomes) >= MOST_OUTCOMES:
        return step
    outcomes.append({"id": _free("outcome", (it["id"] for it in outcomes)), "title": _words()})
    return {**step, "outcomes": outcomes}


def _remove_outcome(step: Plain, at: Places) -> Plain:
    kept = [it for i, it in enumerate(step.get("outcomes", [])) if i != at[-1]]
    return (
        {**step, "outcomes": kept} if kept else {k: v for k, v in step.items() if k != "outcomes"}
    )


def _add_exit(definition: Plain, _at: Places, _given: Given) -> Plain:
    exits = list(definition.get("exits", []))
    if len(exits) >= MOST_EXITS:
        return definition
    return {**definition, "exits": [*exits, {"when": "", "reason": _words()}]}


def _remove_exit(definition: Plain, at: Places, _given: Given) -> Plain:
    kept = [it for i, it in enumerate(definition.get("exits", [])) if not at or i != at[0]]
    return {**definition, "exits": kept}


def _add_segment(definition: Plain, _at: Places, given: Given) -> Plain:
    """Only customers of this segment, besides what the audience says already."""
    name = given.get("new_segment", "")
    if not name:
        return definition
    text = definition.get("audience") or "1"
    return {**definition, "audience": f"{text};segment.in.{name}"}


VERBS: dict[str, Callable[[Plain, Places, Given], Plain]] = {
    "add_step": _add_step,
    "remove_step": _remove_step,
    "up": _move(-1),
    "down": _move(1),
    "copy_step": _copy_step,
    "add_outcome": _on_step(_add_outcome),
    "remove_outcome": _on_step(_remove_outcome),
    "add_exit": _add_exit,
    "remove_exit": _remove_exit,
    "add_segment": _add_segment,
}

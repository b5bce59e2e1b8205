"""What a plan template says: days, goals with their targets, joint actions, in both languages.

{"name", "title": {zh, en}, "days", "goals": [{"title", "metric", "unit", "target", "days"}],
 "actions": [{"title", "side", "days", "shared"}]}; titles are {zh, en}, days count from the start.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from perennial.units.errors import RowError
from perennial.units.sentence import sentence
from perennial.work.plans.rules.touchpoints import TIERS, Anchor, Rule

Plain = Mapping[str, Any]
NAME = re.compile(r"[a-z0-9_]{1,40}")
LONGEST_DAYS = 3650
TITLE_LETTERS = 200
MOST_GOALS, MOST_ACTIONS = 20, 60
LARGEST = 1e12
HEAD = frozenset({"name", "title", "days", "goals", "actions"})
GOAL = frozenset({"title", "metric", "unit", "target", "days"})
ACTION = frozenset({"title", "side", "days", "shared"})
TOUCHPOINT = frozenset({"name", "kind", "title", "from", "days", "stages"})
SIDES = ("ours", "theirs")

Faults = Iterator[RowError]


def plan_faults(definition: Plain) -> list[RowError]:
    """Everything that is wrong with a template, each with its place."""
    return list(_plan_faults(definition))


def _plan_faults(definition: Plain) -> Faults:
    yield from _unknown(definition, HEAD, "")
    yield from _name_faults(definition)
    yield from _title_faults(definition.get("title"), "title")
    yield from _day_faults(definition.get("days"), "days", low=1)
    goals, actions = definition.get("goals", []), definition.get("actions", [])
    for place, rows, most in (("goals", goals, MOST_GOALS), ("actions", actions, MOST_ACTIONS)):
        if not isinstance(rows, list) or not all(isinstance(it, Mapping) for it in rows):
            yield _fault("wrong_list", sentence("This is a list of entries."), place)
        elif len(rows) > most:
            text = sentence("A plan has at most {most} of these.")
            yield _fault("too_many", text, place, most=str(most))
        else:
            yield from _goals(rows) if place == "goals" else _actions(rows)


def _goals(rows: Sequence[Plain]) -> Faults:
    for at, row in enumerate(rows):
        place = f"goals.{at}."
        yield from _unknown(row, GOAL, place)
        yield from _title_faults(row.get("title"), f"{place}title")
        yield from _day_faults(row.get("days"), f"{place}days")
        if not is_number(row.get("target")):
            yield _fault("no_number", sentence("The target is a number."), f"{place}target")
        for name in ("metric", "unit"):
            if not isinstance(row.get(name, ""), str):
                yield _fault("no_text", sentence("This is a text."), f"{place}{name}")


def _actions(rows: Sequence[Plain]) -> Faults:
    for at, row in enumerate(rows):
        place = f"actions.{at}."
        yield from _unknown(row, ACTION, place)
        yield from _title_faults(row.get("title"), f"{place}title")
        yield from _day_faults(row.get("days"), f"{place}days")
        if row.get("side") not in SIDES:
            text = sentence("The side is ours or theirs.")
            yield _fault("wrong_side", text, f"{place}side")
        if not isinstance(row.get("shared", True), bool):
            yield _fault("no_flag", sentence("This is true or false."), f"{place}shared")


def rule_faults(
    definition: Plain, *, kinds: Sequence[str], stages: Sequence[str]
) -> list[RowError]:
    """Everything that is wrong with a rule of touchpoints."""
    found = [*_unknown(definition, TOUCHPOINT, ""), *_name_faults(definition)]
    found += _title_faults(definition.get("title"), "title")
    if definition.get("kind") not in kinds:
        text = sentence("There is no such kind; there are: {known}.")
        found.append(_fault("wrong_kind", text, "kind", known=", ".join(kinds)))
    if definition.get("from") not in list(Anchor):
        text = sentence("It counts from start, renewal or every.")
        found.append(_fault("wrong_anchor", text, "from"))
    days = definition.get("days")
    if not isinstance(days, Mapping) or not days or set(days) - set(TIERS):
        text = sentence("Days stand by tier: S, A, B, C and other.")
        found.append(_fault("wrong_days", text, "days"))
    else:
        low = 7 if definition.get("from") == Anchor.EVERY else 0
        for tier, count in days.items():
            found += _day_faults(count, f"days.{tier}", low=low)
    asked = definition.get("stages", [])
    if not isinstance(asked, list) or any(it not in stages for it in asked):
        text = sentence("There is no such stage; there are: {known}.")
        found.append(_fault("wrong_stage", text, "stages", known=", ".join(stages)))
    return found


def rule_of(definition: Plain) -> Rule:
    """A rule from its checked text."""
    return Rule(
        definition["name"],
        definition["kind"],
        dict(definition["title"]),
        Anchor(definition["from"]),
        {tier: definition["days"][tier] for tier in TIERS if tier in definition["days"]},
        tuple(definition.get("stages", ())),
    )


def rule_plain(rule: Rule) -> dict[str, Any]:
    """The text of a rule, the inverse of `rule_of`."""
    return {
        "name": rule.name,
        "kind": rule.kind,
        "title": dict(rule.title),
        "from": rule.anchor.value,
        "days": dict(rule.days),
        "stages": list(rule.stages),
    }


def is_number(value: object) -> bool:
    """A finite number of a size that a target may have."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and abs(value) <= LARGEST


def _unknown(row: Plain, fields: frozenset[str], at: str) -> Faults:
    for name in row:
        if name not in fields:
            text = sentence("There is no field “{name}” here.")
            yield _fault("unknown_field", text, f"{at}{name}", name=str(name))


def _name_faults(definition: Plain) -> Faults:
    name = definition.get("name")
    if not isinstance(name, str) or NAME.fullmatch(name) is None:
        text = sentence("Short names have small letters, digits and _, up to 40.")
        yield _fault("wrong_name", text, "name")


def _title_faults(title: object, place: str) -> Faults:
    if not isinstance(title, Mapping) or set(title) != {"zh", "en"}:
        text = sentence("This is a text in both languages: {{zh: …, en: …}}.")
        yield _fault("no_title", text, place)
    elif not all(isinstance(it, str) and 0 < len(it) <= TITLE_LETTERS for it in title.values()):
        text = sentence("It has 1 to {most} letters.")
        yield _fault("wrong_title", text, place, most=str(TITLE_LETTERS))


def _day_faults(days: object, place: str, *, low: int = 0) -> Faults:
    whole = isinstance(days, int) and not isinstance(days, bool)
    if not whole or not low <= int(str(days)) <= LONGEST_DAYS:
        text = sentence("A number of days from {low} to {most}.")
        yield _fault("wrong_days", text, place, low=str(low), most=str(LONGEST_DAYS))


def _fault(code: str, text: str, place: str, /, **params: str) -> RowError:
    return RowError(code, text, column=place, params=params)

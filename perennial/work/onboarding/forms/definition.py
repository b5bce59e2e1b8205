"""The editor of the definition as it is sent: the text it means, and what its buttons do to it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

from perennial.customers.models import Grade, Stage, Tier, TouchKind
from perennial.work.onboarding.rules.definition import Measure

Plain = dict[str, Any]
Given = Mapping[str, str]
MOST_ROWS = 100


def definition_from(given: Given) -> Plain:
    """The text that a form means; nothing of it is checked."""
    words = given.get("work_words", "").replace("，", ",").replace("、", ",")
    return {
        "deal_sizes": {
            "sales_below": _number(given.get("sales_below", "")),
            "team_above": _number(given.get("team_above", "")),
            "work_words": [it.strip() for it in words.split(",") if it.strip()],
        },
        "milestones": [_step(given, at) for at in range(_rows(given, "steps"))],
        "first_value": given.get("first_value", ""),
        "use_check": {
            "days": _number(given.get("use_days", "")),
            "within_days": _number(given.get("use_within_days", "")),
        },
        "stages": [_carry(given, at) for at in range(_rows(given, "carries"))],
    }


def _rows(given: Given, name: str) -> int:
    text = given.get(name, "0").strip()
    return min(int(text), MOST_ROWS) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _number(text: str) -> int | float | str:
    """What a number says; any other text stays, and is told at its place."""
    typed = text.strip().replace("，", "").replace(",", "")
    if typed.isascii() and typed.isdigit() and len(typed) < 16:
        return int(typed)
    try:
        return float(typed)
    except ValueError:
        return typed


def _step(given: Given, at: int) -> Plain:
    def typed(name: str) -> str:
        return given.get(f"m{at}_{name}", "").strip()

    found: Plain = {
        "id": typed("id"),
        "title": {"zh": typed("zh"), "en": typed("en")},
        "day": _number(typed("day")),
        "by": typed("by"),
    }
    least = _number(typed("at_least") or "1")
    if typed("by") == Measure.SEATS and isinstance(least, int | float):
        least = least / 100  # the editor asks for a percentage
    if typed("by") not in (Measure.HAND, Measure.FIRST_USE) and least != 1:
        found["at_least"] = least
    if typed("by") == Measure.TOUCH:
        chosen = {
            "kinds": [it for it in TouchKind.values if typed(f"kind_{it}")],
            "grades": [it for it in Grade.values if typed(f"grade_{it}")],
        }
        found |= {name: values for name, values in chosen.items() if values}
    return found


def _carry(given: Given, at: int) -> Plain:
    def typed(name: str) -> str:
        return given.get(f"c{at}_{name}", "").strip()

    found: Plain = {
        "stage": typed("stage"),
        "kind": typed("kind"),
        "title": {"zh": typed("zh"), "en": typed("en")},
    }
    tiers = [it for it in Tier.values if typed(f"tier_{it}")]
    return found | ({"tiers": tiers} if tiers else {})


def stepped(definition: Plain, do: str) -> Plain:
    """The text after one press: `add_step`, `drop_step:2`, `earlier_step:2`, `add_carry:STAGE`,
    `drop_carry:5`. Anything else changes nothing."""
    verb, _colon, rest = do.partition(":")
    steps, carries = list(definition["milestones"]), list(definition["stages"])
    at = int(rest) if rest.isascii() and rest.isdigit() and len(rest) < 6 else -1
    if verb == "add_step":
        steps.append(_fresh(steps))
    elif verb == "drop_step" and 0 <= at < len(steps):
        del steps[at]
    elif verb == "earlier_step" and 0 < at < len(steps):
        steps[at - 1], steps[at] = steps[at], steps[at - 1]
    elif verb == "add_carry" and rest in Stage.values:
        carries.append({"stage": rest, "kind": "task", "title": {"zh": "", "en": ""}})
    elif verb == "drop_carry" and 0 <= at < len(carries):
        del carries[at]
    return definition | {"milestones": steps, "stages": carries}


def _fresh(steps: list[Plain]) -> Plain:
    taken = {it["id"] for it in steps}
    name = next(it for n in count(len(steps) + 1) if (it := f"step_{n}") not in taken)
    return {"id": name, "title": {"zh": "", "en": ""}, "day": 30, "by": Measure.HAND.value}

"""What the company says about the way in, as plain data; each change is a new version.

- Deal sizes: below `sales_below` a year sales bring the customer in, above `team_above`, or with
  implementation or custom work, the implementation team; everybody between is a CSM's.
- The plan: milestones, each due so many days after the start and reached by data or by hand;
  the one named `first_value` ends the time to first value.
- After a go-live usage must show it: `use_days` different days within `use_window_days`.
- What each stage carries: tasks and value goals, for some tiers or all.
Sources: product specification A5, E4, E11; amounts and days of the seeds' catalogue (s2, s3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from perennial.units.sentence import sentence


class Measure(StrEnum):
    """What a milestone is reached by."""

    HAND = "hand"
    TOUCH = "touch"
    FIRST_USE = "first_use"
    PEOPLE = "people"
    DAYS = "days"
    FEATURES = "features"
    SEATS = "seats"


class Carried(StrEnum):
    """What a stage carries."""

    TASK = "task"
    GOAL = "goal"


@dataclass(frozen=True, slots=True)
class Title:
    """A text in both languages."""

    zh: str
    en: str

    def plain(self) -> dict[str, str]:
        return {"zh": self.zh, "en": self.en}


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone of the plan. `at_least`: people, days, features, touches, or a share of the
    seats (0–1); `kinds` and `grades` narrow touches, and empty ones mean any."""

    id: str
    title: Title
    day: int
    measure: Measure
    at_least: float = 1
    kinds: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Carry:
    """A task or value goal of a stage; `tiers` empty: of every tier."""

    stage: str
    kind: Carried
    title: Title
    tiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Definition:
    """All of it. Amounts are yearly, in the company's currency. Version 0 is what we ship."""

    sales_below: Decimal
    team_above: Decimal
    work_words: tuple[str, ...]
    steps: tuple[Step, ...]
    first_value: str
    use_days: int
    use_window_days: int
    carries: tuple[Carry, ...]
    version: int = 0

    @property
    def plan_days(self) -> int:
        """How long the plan is: until its last milestone."""
        return max((step.day for step in self.steps), default=0)

    def step(self, name: str) -> Step | None:
        return next((step for step in self.steps if step.id == name), None)

    def carried(self, stage: str, tier: str) -> list[Carry]:
        """What a stage carries for a tier; a customer without a tier has what is for everybody."""
        return [
            it for it in self.carries if it.stage == stage and (not it.tiers or tier in it.tiers)
        ]


# How a milestone is reached, in words; gaps: n, kinds, grades.
HOW: Final[Mapping[Measure, str]] = {
    Measure.HAND: sentence("said by a person"),
    Measure.TOUCH: sentence("{kinds} logged"),
    Measure.FIRST_USE: sentence("first use"),
    Measure.PEOPLE: sentence("{n} people active in 28 days"),
    Measure.DAYS: sentence("used on {n} of 28 days"),
    Measure.FEATURES: sentence("{n} features used in 28 days"),
    Measure.SEATS: sentence("{n} of the seats active in 28 days"),
}


def of(plain: Mapping[str, Any], *, version: int = 0) -> Definition:
    """What `plain` says; read only what `faults.faults_of` finds nothing wrong with."""
    sizes, use = plain["deal_sizes"], plain["use_check"]
    return Definition(
        Decimal(str(sizes["sales_below"])),
        Decimal(str(sizes["team_above"])),
        tuple(sizes.get("work_words", ())),
        tuple(_step(it) for it in plain["milestones"]),
        plain["first_value"],
        use["days"],
        use["within_days"],
        tuple(_carry(it) for it in plain.get("stages", ())),
        version,
    )


def _step(it: Mapping[str, Any]) -> Step:
    return Step(
        it["id"],
        Title(it["title"]["zh"], it["title"]["en"]),
        it["day"],
        Measure(it["by"]),
        it.get("at_least", 1),
        tuple(it.get("kinds", ())),
        tuple(it.get("grades", ())),
    )


def _carry(it: Mapping[str, Any]) -> Carry:
    title = Title(it["title"]["zh"], it["title"]["en"])
    return Carry(it["stage"], Carried(it["kind"]), title, tuple(it.get("tiers", ())))


def plain(it: Definition) -> dict[str, Any]:
    """As JSON and YAML keep it; `of` reads it back."""
    return {
        "deal_sizes": {
            "sales_below": _amount(it.sales_below),
            "team_above": _amount(it.team_above),
            "work_words": list(it.work_words),
        },
        "milestones": [_plain_step(step) for step in it.steps],
        "first_value": it.first_value,
        "use_check": {"days": it.use_days, "within_days": it.use_window_days},
        "stages": [
            {"stage": one.stage, "kind": str(one.kind), "title": one.title.plain()}
            | _given(tiers=one.tiers)
            for one in it.carries
        ],
    }


def _plain_step(step: Step) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": step.id,
        "title": step.title.plain(),
        "day": step.day,
        "by": str(step.measure),
    }
    if step.at_least != 1:
        found["at_least"] = step.at_least
    return found | _given(kinds=step.kinds, grades=step.grades)


def _given(
    *,
    tiers: Sequence[str] = (),
    kinds: Sequence[str] = (),
    grades: Sequence[str] = (),
) -> dict[str, list[str]]:
    """Only what narrows: an empty list means any and is not written."""
    named = {"tiers": tiers, "kinds": kinds, "grades": grades}
    return {name: list(values) for name, values in named.items() if values}


def _amount(amount: Decimal) -> int | str:
    """Whole amounts as numbers, so that a file reads as people write it."""
    return int(amount) if amount == amount.to_integral_value() else str(amount)

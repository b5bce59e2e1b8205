"""What the ranking assumes of a reason as text: the section `assumptions`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from perennial.units.definitions import Field, Kind, Plain, number, text, whole
from perennial.work.assumptions.actions import faults, keep_assumption
from perennial.work.assumptions.queries import assumptions
from perennial.work.rules import ASSUMPTIONS, Assumption


@dataclass(frozen=True, slots=True)
class Stated:
    """A reason, and what the company assumes of it in place of what we ship."""

    name: str
    chance: float
    effort_hours: float
    cool_down_days: int


def _known() -> list[Stated]:
    return [
        Stated(reason, it.chance_rate, it.effort_hours, it.cool_down_days)
        for reason, it in assumptions().items()
        if it != ASSUMPTIONS[reason]
    ]


def _assumption(it: Stated) -> Assumption:
    shipped = ASSUMPTIONS.get(it.name, Assumption("", 0, 0, 0))
    return replace(
        shipped,
        chance_rate=it.chance,
        effort_hours=it.effort_hours,
        cool_down_days=it.cool_down_days,
    )


def _make(values: Any) -> Stated:
    return Stated(
        values["reason"],
        float(values["chance"]),
        float(values["effort_hours"]),
        values["cool_down_days"],
    )


def _plain(it: Stated) -> Plain:
    return {
        "reason": it.name,
        "chance": it.chance,
        "effort_hours": it.effort_hours,
        "cool_down_days": it.cool_down_days,
    }


KINDS: tuple[Kind[Any], ...] = (
    Kind(
        name="assumptions",
        fields=(
            Field("reason", text),
            Field("chance", number),
            Field("effort_hours", number),
            Field("cool_down_days", whole),
        ),
        make=_make,
        plain=_plain,
        known=_known,
        faults=lambda it, _all: faults(it.name, _assumption(it)),
        keep=lambda it, by, at: keep_assumption(it.name, _assumption(it), by=by, at=at),
        drop=lambda it, by, at: keep_assumption(it.name, ASSUMPTIONS[it.name], by=by, at=at),
    ),
)

"""What people define themselves: own metrics and north-star goals. Never code, never SQL.

An own metric is a shipped one of some events only, perhaps over a window of its own. A goal is
a metric that should reach a target. Names are short identifiers, so that they can be typed.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from perennial.metrics.rules.periods import LONGEST_WINDOW_DAYS
from perennial.units.errors import RowError
from perennial.units.sentence import sentence

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,59}\Z")
TITLE_LETTERS, UNIT_LETTERS, TEXT_LETTERS, MOST_CONDITIONS = 100, 30, 500, 10


class Comparison(StrEnum):
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


@dataclass(frozen=True, slots=True)
class OwnDefinition:
    """An own metric. `event` empty: any; `window_days` None: the period asked about."""

    name: str
    title_zh: str
    title_en: str
    base: str
    event: str = ""
    where: tuple[tuple[str, str], ...] = ()
    window_days: int | None = None
    unit_zh: str = ""
    unit_en: str = ""


@dataclass(frozen=True, slots=True)
class GoalDefinition:
    """A goal. `segment`: a filter of customers; empty: all of them."""

    name: str
    title_zh: str
    title_en: str
    metric: str
    target: float
    comparison: Comparison = Comparison.AT_LEAST
    window_days: int = 28
    segment: str = ""

    def is_met(self, value: float) -> bool:
        if self.comparison is Comparison.AT_LEAST:
            return value >= self.target
        return value <= self.target


def _wrong(column: str, text: str, value: object = "") -> RowError:
    return RowError("wrong_value", text, column=column, params={"value": str(value)[:80]})


def faults_of_metric(it: OwnDefinition, *, shipped: frozenset[str]) -> list[RowError]:
    """What is wrong with an own metric, by field; `shipped` are the names of shipped ones."""
    found = [*_faults_of_names(it.name, it.title_zh, it.title_en)]
    if it.name in shipped:
        found.append(_wrong("name", sentence("{value} is the name of a shipped metric."), it.name))
    if it.base not in shipped:
        found.append(_wrong("base", sentence("There is no shipped metric “{value}”."), it.base))
    if it.base == "north_star_met":
        found.append(_wrong("base", sentence("Goals are no base of a metric: choose another one.")))
    if len(it.event) > TEXT_LETTERS:
        found.append(_wrong("event", sentence("“{value}” is too long."), it.event))
    if max(len(it.unit_zh), len(it.unit_en)) > UNIT_LETTERS:
        found.append(_wrong("unit", sentence("“{value}” is too long."), it.unit_en or it.unit_zh))
    if len(it.where) > MOST_CONDITIONS or any(
        not name or len(name) + len(value) > TEXT_LETTERS for name, value in it.where
    ):
        found.append(_wrong("where", sentence("At most ten conditions property: value.")))
    return found + _faults_of_window(it.window_days)


def faults_of_goal(it: GoalDefinition, *, known: frozenset[str]) -> list[RowError]:
    """What is wrong with a goal, by field; `known` are the metrics that may have goals."""
    found = [*_faults_of_names(it.name, it.title_zh, it.title_en)]
    if it.metric not in known:
        found.append(_wrong("metric", sentence("No goal can be set on “{value}”."), it.metric))
    if not math.isfinite(it.target):
        found.append(_wrong("target", sentence("“{value}” is no number."), it.target))
    return found + _faults_of_window(it.window_days)


def _faults_of_names(name: str, title_zh: str, title_en: str) -> list[RowError]:
    found = []
    if not NAME.match(name):
        text = sentence("“{value}” is no name: small letters, digits and _, a letter first.")
        found.append(_wrong("name", text, name))
    if not all(0 < len(title) <= TITLE_LETTERS for title in (title_zh, title_en)):
        found.append(_wrong("title", sentence("A title in both languages, at most 100 letters.")))
    return found


def _faults_of_window(days: int | None) -> list[RowError]:
    if days is None or 1 <= days <= LONGEST_WINDOW_DAYS:
        return []
    return [_wrong("window_days", sentence("A window has 1 to 1830 days, not {value}."), days)]

"""What people define about alerts: rules of their own, and days on which little use is usual.

A rule of one's own is two filters: whoever begins to fit the first one is an alert, and it lasts
until the second one no longer fits (without one: until the first no longer does).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from perennial.units.errors import RowError
from perennial.units.sentence import sentence

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,59}\Z")
TITLE_LETTERS, WINDOW_LETTERS, MOST_DAYS = 100, 100, 365


@dataclass(frozen=True, slots=True)
class RuleDefinition:
    """An own rule; `enter` and `leave` are filters over alerts' fields, `severity_rate` 0–1."""

    name: str
    title_zh: str
    title_en: str
    enter: str
    leave: str = ""
    severity_rate: float = 0.5
    calm_days: int = 2
    cool_down_days: int = 14
    is_on: bool = True


@dataclass(frozen=True, slots=True)
class WindowDefinition:
    """Quiet days, both ends included; `customer`: an external id, empty for everybody."""

    title: str
    from_on: date
    to_on: date
    customer: str = ""

    @property
    def name(self) -> str:
        """What tells windows apart."""
        return f"{self.from_on.isoformat()} {self.customer} {self.title}"


def faults_of_rule(it: RuleDefinition) -> Iterator[RowError]:
    """What is wrong beside the filters, by field."""
    if not NAME.match(it.name):
        text = sentence("“{value}” is no name: small letters, digits and _, a letter first.")
        yield _wrong("name", text, it.name)
    if not all(0 < len(title) <= TITLE_LETTERS for title in (it.title_zh, it.title_en)):
        yield _wrong("title", sentence("A title in both languages, at most 100 letters."))
    if not it.enter:
        yield _wrong("enter", sentence("A rule needs a condition; everybody is no exception."))
    if not 0 <= it.severity_rate <= 1:
        yield _wrong("severity", sentence("This is from 0 to 1, not {value}."), it.severity_rate)
    for column, days in (("calm_days", it.calm_days), ("cool_down_days", it.cool_down_days)):
        if not (1 if column == "calm_days" else 0) <= days <= MOST_DAYS:
            yield _wrong(column, sentence("This is a number of days up to 365, not {value}."), days)


def faults_of_window(it: WindowDefinition) -> Iterator[RowError]:
    """What is wrong with a quiet window, by field."""
    if not 0 < len(it.title) <= WINDOW_LETTERS:
        yield _wrong("name", sentence("A name of at most 100 letters."))
    if it.to_on < it.from_on:
        yield _wrong("to_on", sentence("It ends before it begins."))
    elif (it.to_on - it.from_on).days >= MOST_DAYS:
        yield _wrong("to_on", sentence("A year of quiet is no exception any more."))


def _wrong(column: str, text: str, value: object = "") -> RowError:
    return RowError("wrong_value", text, column=column, params={"value": str(value)[:80]})

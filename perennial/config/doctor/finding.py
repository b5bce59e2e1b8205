"""One thing that doctor found, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    PROBLEM = "problem"  # something is wrong: exit code 1
    ADVICE = "advice"  # nothing is wrong yet


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` is stable; `message` and `what_to_do` are in the user's language."""

    code: str
    message: str
    what_to_do: str
    level: Level = Level.PROBLEM

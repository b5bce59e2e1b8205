"""The first rule that a customer meets, for many customers at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perennial.health.classes.rules.definition import Rule, RuleSet

Flags = NDArray[np.bool_]
NO_RULE = -1


@dataclass(frozen=True, slots=True)
class Judged:
    """Per case the value, and the place of the rule that said it (NO_RULE: none)."""

    value: NDArray[np.object_]
    rule: NDArray[np.int64]

    def rule_name(self, at: int, rules: RuleSet) -> str:
        place = int(self.rule[at])
        return rules.rules[place].name if place != NO_RULE else ""


def judge(rules: RuleSet, *, size: int, meets: Callable[[Rule], Flags]) -> Judged:
    """`meets` says for a rule which of the `size` cases meet its condition."""
    value = np.full(size, rules.otherwise, object)
    place = np.full(size, NO_RULE, np.int64)
    free = np.ones(size, np.bool_)
    for at, rule in enumerate(rules.rules):
        caught = free & meets(rule)
        value[caught], place[caught] = rule.value, at
        free &= ~caught
    return Judged(value, place)


@dataclass(frozen=True, slots=True)
class Reach:
    """What a rule does on real customers: how many meet it, how many it is the first for."""

    meets: int
    caught: int

    @property
    def is_unreachable(self) -> bool:
        """Everybody who meets it has been caught by a rule above."""
        return self.meets > 0 and self.caught == 0


def reaches(rules: RuleSet, judged: Judged, meets: Callable[[Rule], Flags]) -> list[Reach]:
    """Per rule, in order."""
    counts: Any = np.bincount(judged.rule + 1, minlength=len(rules.rules) + 1)
    return [
        Reach(int(meets(rule).sum()), int(counts[at + 1])) for at, rule in enumerate(rules.rules)
    ]

"""Exceptions: caps and floors, applied in their order; each one that holds is told.

'A red sponsor caps the score at 49.' A cap never raises and a floor never lowers a score; of
two that disagree the later one has the last word. Source: health specification, rule 5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from perennial.health.rules.definition import Condition, Limit
from perennial.health.rules.parts import Part, State


@dataclass(frozen=True, slots=True)
class Hit:
    """A limit that held, and the score before and after it (equal: it did not bite)."""

    limit: Limit
    before: Fraction
    after: Fraction


def holds(when: Condition, part: Part | None) -> bool:
    """Whether a condition is true of a measure; None: the profile does not have it."""
    if part is None:
        return False
    if when.missing:
        return part.state in (State.MISSING, State.STALE)
    if part.state is not State.PRESENT or part.steps is None:
        return False
    below = when.below is not None and part.steps < when.below
    return below or (when.at_least is not None and part.steps >= when.at_least)


def limited(
    exact: Fraction, limits: Sequence[Limit], parts: Mapping[str, Part]
) -> tuple[Fraction, tuple[Hit, ...]]:
    """The score after all limits, and those that held, in order. `parts` by measure id."""
    return bounded(exact, [it for it in limits if holds(it.when, parts.get(it.when.measure))])


def bounded(exact: Fraction, limits: Sequence[Limit]) -> tuple[Fraction, tuple[Hit, ...]]:
    """The score after limits that hold, in order, and what each did."""
    hits = []
    for limit in limits:
        before = exact
        if limit.cap is not None:
            exact = min(exact, Fraction(limit.cap))
        if limit.floor is not None:
            exact = max(exact, Fraction(limit.floor))
        hits.append(Hit(limit, before, exact))
    return exact, tuple(hits)

"""A parent's score: its own, the mean of its children weighted by ARR, or the worst child.

A child counts with the score that is shown (an override included) and only with a colour; the
others are left out and said so. Where no child has ARR, all weigh the same. A customer without
children has its own score. Source: health specification, rule 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from perennial.health.rules.definition import Hierarchy


@dataclass(frozen=True, slots=True)
class Child:
    """A child inside its parent's score. `points` are hundredths, rounded half up; None: it has
    no colour and is left out. `weight` is its ARR in whole units of money."""

    customer: str
    weight: int
    points: int | None


def in_hundredths(exact: Fraction) -> int:
    """A score as a part of another one: hundredths of a point, half up."""
    return int((exact * 200 + 1) // 2)


def weighed_children(children: Sequence[Child]) -> tuple[Child, ...]:
    """The children as they count: all alike when none of them has ARR."""
    if any(child.weight for child in children):
        return tuple(children)
    return tuple(Child(child.customer, 1, child.points) for child in children)


def from_children(
    hierarchy: Hierarchy, children: Sequence[Child]
) -> tuple[Fraction | None, Fraction]:
    """The parent's score before limits, and which share of the weight of its children counts."""
    counted = weighed_children(children)
    present = [(child.weight, child.points) for child in counted if child.points is not None]
    possible = sum(child.weight for child in counted)
    weight = sum(weight for weight, _ in present)
    coverage = Fraction(weight, possible) if possible else Fraction(0)
    if not present or not weight:
        return None, coverage
    if hierarchy is Hierarchy.WORST:
        return Fraction(min(points for _, points in present), 100), coverage
    return Fraction(sum(weight * points for weight, points in present), 100 * weight), coverage

"""What answers amount to: a score of 0–100 per area, maturity and potential over the areas.

An area is the weighted mean of its answered questions; maturity and potential are the weighted
means of the areas that yield them. What was not answered counts for nothing, not for zero: an
area without an answer has no score.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from perennial.customers.assessments.rules.template import MATURITY, POTENTIAL, Area, Template


@dataclass(frozen=True, slots=True)
class Scores:
    """`areas` by name; None: nothing was answered. All 0–100, one decimal."""

    areas: Mapping[str, float | None]
    maturity: float | None
    potential: float | None
    answered: int
    asked: int


def score(template: Template, answers: Mapping[str, int]) -> Scores:
    """`answers` by `area.question`: the place on the scale, or the number of the choice."""
    areas = {area.name: _area(area, answers) for area in template.areas}
    asked = [f"{area.name}.{it.name}" for area in template.areas for it in area.questions]
    return Scores(
        areas,
        _over(template, areas, MATURITY),
        _over(template, areas, POTENTIAL),
        sum(it in answers for it in asked),
        len(asked),
    )


def _area(area: Area, answers: Mapping[str, int]) -> float | None:
    return _mean(
        (it.weight, it.points(answers[f"{area.name}.{it.name}"]))
        for it in area.questions
        if f"{area.name}.{it.name}" in answers
    )


def _over(template: Template, scores: Mapping[str, float | None], yields: str) -> float | None:
    found = ((it.weight, scores[it.name]) for it in template.areas if it.yields == yields)
    return _mean((weight, known) for weight, known in found if known is not None)


def _mean(weighed: Iterable[tuple[float, float]]) -> float | None:
    pairs = list(weighed)
    whole = sum(weight for weight, _points in pairs)
    if not whole:
        return None
    return round(sum(weight * points for weight, points in pairs) / whole, 1)


def low_areas(scores: Mapping[str, float | None], *, low_score: float) -> list[str]:
    """The areas that score below the line, the lowest first."""
    low = [(it, name) for name, it in scores.items() if it is not None and it < low_score]
    return [name for _score, name in sorted(low, key=lambda pair: pair[0])]


@dataclass(frozen=True, slots=True)
class Compared:
    """An area at two dates; `change` None: one of them has no score."""

    name: str
    before: float | None
    after: float | None

    @property
    def change(self) -> float | None:
        if self.before is None or self.after is None:
            return None
        return round(self.after - self.before, 1)


def compare(
    before: Mapping[str, float | None], after: Mapping[str, float | None]
) -> list[Compared]:
    """Every area of either, those of the later one first and in its order."""
    names = [*after, *(name for name in before if name not in after)]
    return [Compared(name, before.get(name), after.get(name)) for name in names]

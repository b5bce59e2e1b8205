"""An assessment form, as plain data: areas with questions, each with a weight.

A question is answered on a scale of 1 to 5, or by one of its own choices, which carry points
of 0–100. Each area yields maturity (how well they do it) or potential (how much more could
come). An area below `low_score` proposes offers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

MATURITY, POTENTIAL = "maturity", "potential"
YIELDS: Final = (MATURITY, POTENTIAL)
SCALE: Final = (1, 2, 3, 4, 5)
LOW_SCORE: Final = 50
Both = Mapping[str, str]  # a text in both languages: zh, en


@dataclass(frozen=True, slots=True)
class Choice:
    title: Both
    points: float


@dataclass(frozen=True, slots=True)
class Question:
    """`choices` empty: a scale of 1 to 5."""

    name: str
    text: Both
    weight: float = 1
    choices: tuple[Choice, ...] = ()

    def points(self, answer: int) -> float:
        """0–100 of an answer: a place of the scale, or the number of a choice, from 1.

        >>> Question("q", {}).points(1), Question("q", {}).points(4)
        (0.0, 75.0)
        """
        if self.choices:
            return float(self.choices[answer - 1].points)
        return (answer - 1) * 100 / (len(SCALE) - 1)

    @property
    def most(self) -> int:
        return len(self.choices) or len(SCALE)


@dataclass(frozen=True, slots=True)
class Area:
    name: str
    title: Both
    yields: str
    questions: tuple[Question, ...]
    weight: float = 1


@dataclass(frozen=True, slots=True)
class Template:
    """Version 0 is what we ship."""

    name: str
    title: Both
    areas: tuple[Area, ...]
    low_score: int = LOW_SCORE
    version: int = 0

    def area(self, name: str) -> Area | None:
        return next((it for it in self.areas if it.name == name), None)


def of(name: str, plain: Mapping[str, Any], *, version: int = 0) -> Template:
    """The template that `plain` wrote down; what checks.py finds no fault with is read."""
    return Template(
        name,
        dict(plain["title"]),
        tuple(_area(it) for it in plain["areas"]),
        plain.get("low_score", LOW_SCORE),
        version,
    )


def _area(plain: Mapping[str, Any]) -> Area:
    return Area(
        plain["name"],
        dict(plain["title"]),
        plain.get("yields", MATURITY),
        tuple(
            Question(
                it["name"],
                dict(it["text"]),
                it.get("weight", 1),
                tuple(Choice(dict(c["title"]), c["points"]) for c in it.get("choices", ())),
            )
            for it in plain["questions"]
        ),
        plain.get("weight", 1),
    )


def plain(template: Template) -> dict[str, Any]:
    """As JSON and YAML keep it; `of` reads it back."""
    return {
        "title": dict(template.title),
        "low_score": template.low_score,
        "areas": [
            {
                "name": area.name,
                "title": dict(area.title),
                "weight": area.weight,
                "yields": area.yields,
                "questions": [_plain(it) for it in area.questions],
            }
            for area in template.areas
        ],
    }


def _plain(question: Question) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": question.name,
        "text": dict(question.text),
        "weight": question.weight,
    }
    if question.choices:
        found["choices"] = [
            {"title": dict(it.title), "points": it.points} for it in question.choices
        ]
    return found

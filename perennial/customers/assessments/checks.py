"""What is wrong with an assessment template, before anybody answers it.

Each fault names its place: `areas.<n>` or `areas.<n>.questions.<m>` from 0, or the field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from perennial.customers.assessments.rules.template import LOW_SCORE, MATURITY, YIELDS
from perennial.units.errors import RowError
from perennial.units.sentence import sentence

NAME: Final = re.compile(r"[a-z0-9_]{1,40}")
MOST_AREAS: Final = 12
MOST_QUESTIONS: Final = 20
MOST_CHOICES: Final = 10
MOST_WEIGHT: Final = 100
LETTERS: Final = 200


def faults_of(name: str, plain: Mapping[str, Any]) -> list[RowError]:
    """Everything that is wrong; what has no fault is read by template.of."""
    return list(_faults(name, plain))


def _fault(column: str, text: str, most: int = 0) -> RowError:
    return RowError("wrong_value", text, column=column, params={"most": str(most)})


def _faults(name: str, plain: Mapping[str, Any]) -> Iterator[RowError]:
    if not NAME.fullmatch(name):
        yield _fault("name", sentence("A name is small letters, digits and _, at most 40."))
    yield from _of_text("title", plain.get("title"))
    low = plain.get("low_score", LOW_SCORE)
    if not _is_number(low) or not 0 <= low <= 100:
        yield _fault("low_score", sentence("The line of low areas is a number from 0 to 100."))
    areas = plain.get("areas")
    if not isinstance(areas, list) or not all(isinstance(it, Mapping) for it in areas):
        yield _fault("areas", sentence("This is a list of areas."))
        return
    if not 0 < len(areas) <= MOST_AREAS:
        yield _fault("areas", sentence("A form has 1 to {most} areas."), MOST_AREAS)
    yield from _names(areas, "areas")
    for at, area in enumerate(areas):
        yield from _of_area(f"areas.{at}", area)


def _of_area(place: str, area: Mapping[str, Any]) -> Iterator[RowError]:
    yield from _of_text(place, area.get("title"))
    yield from _of_weight(place, area)
    if area.get("yields", MATURITY) not in YIELDS:
        yield _fault(place, sentence("An area yields maturity or potential."))
    questions = area.get("questions")
    if not isinstance(questions, list) or not all(isinstance(it, Mapping) for it in questions):
        yield _fault(place, sentence("An area has a list of questions."))
        return
    if not 0 < len(questions) <= MOST_QUESTIONS:
        yield _fault(place, sentence("An area has 1 to {most} questions."), MOST_QUESTIONS)
    yield from _names(questions, f"{place}.questions")
    for at, question in enumerate(questions):
        where = f"{place}.questions.{at}"
        yield from _of_text(where, question.get("text"))
        yield from _of_weight(where, question)
        yield from _of_choices(where, question.get("choices", []))


def _names(rows: list[Mapping[str, Any]], place: str) -> Iterator[RowError]:
    seen: set[str] = set()
    for at, row in enumerate(rows):
        name = str(row.get("name", ""))
        if not NAME.fullmatch(name):
            text = sentence("A name is small letters, digits and _, at most 40.")
            yield _fault(f"{place}.{at}", text)
        if name in seen:
            yield _fault(f"{place}.{at}", sentence("This name stands twice."))
        seen.add(name)


def _of_text(place: str, text: object) -> Iterator[RowError]:
    if not isinstance(text, Mapping) or any(
        not isinstance(text.get(it), str) or not 0 < len(text[it].strip()) <= LETTERS
        for it in ("zh", "en")
    ):
        yield _fault(place, sentence("The text is missing in one language, or too long."))


def _of_weight(place: str, row: Mapping[str, Any]) -> Iterator[RowError]:
    weight = row.get("weight", 1)
    if not _is_number(weight) or not 0 < weight <= MOST_WEIGHT:
        yield _fault(place, sentence("A weight is a number above 0, at most {most}."), MOST_WEIGHT)


def _of_choices(place: str, choices: object) -> Iterator[RowError]:
    if not isinstance(choices, list) or not all(isinstance(it, Mapping) for it in choices):
        yield _fault(place, sentence("Choices are a list of titles with points."))
        return
    if choices and not 2 <= len(choices) <= MOST_CHOICES:
        yield _fault(place, sentence("A question has 2 to {most} choices, or none."), MOST_CHOICES)
    for choice in choices:
        yield from _of_text(place, choice.get("title"))
        points = choice.get("points")
        if not _is_number(points) or not 0 <= points <= 100:
            yield _fault(place, sentence("The points of a choice are a number from 0 to 100."))


def _is_number(value: object) -> Any:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value

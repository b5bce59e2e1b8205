"""What is wrong with a grade standard, before anybody is graded by it.

Each fault names its place: `grades.<n>` counted from 0, `cadence_days` or `service`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from perennial.customers.people.rules.grading import GRADES
from perennial.units.errors import RowError
from perennial.units.sentence import sentence

MOST_ROWS: Final = 12
MOST_WORDS: Final = 60
WORD_LETTERS: Final = 40
MOST_DAYS: Final = 730
SERVICE_LETTERS: Final = 200


def faults_of(plain: Mapping[str, Any]) -> list[RowError]:
    """Everything that is wrong; what has no fault is read by grading.of."""
    rows = plain.get("grades")
    if not isinstance(rows, list) or not all(isinstance(it, Mapping) for it in rows):
        return [_fault("grades", sentence("This is a list of grades with their words."))]
    found = [it for at, row in enumerate(rows) for it in _of_row(at, row)]
    if not rows:
        found.append(_fault("grades", sentence("A standard has at least one grade with words.")))
    if len(rows) > MOST_ROWS:
        found.append(_fault("grades", sentence("These are more than {most} rows."), MOST_ROWS))
    return [*found, *_of_cadence(plain), *_of_service(plain)]


def _fault(column: str, text: str, most: int = 0) -> RowError:
    return RowError("wrong_value", text, column=column, params={"most": str(most)})


def _of_row(at: int, row: Mapping[str, Any]) -> Iterator[RowError]:
    place = f"grades.{at}"
    if row.get("grade") not in GRADES:
        yield _fault(place, sentence("A grade is S, A or B."))
    words = row.get("words")
    if not isinstance(words, list) or not words:
        yield _fault(place, sentence("A grade needs words that stand in positions."))
    elif len(words) > MOST_WORDS:
        yield _fault(place, sentence("These are more than {most} words."), MOST_WORDS)
    elif not all(isinstance(it, str) and 0 < len(it.strip()) <= WORD_LETTERS for it in words):
        yield _fault(place, sentence("A word has 1 to {most} letters."), WORD_LETTERS)


def _of_cadence(plain: Mapping[str, Any]) -> Iterator[RowError]:
    days = plain.get("cadence_days", {})
    if not isinstance(days, Mapping) or not set(days) <= set(GRADES):
        yield _fault("cadence_days", sentence("Days between two contacts stand by S, A and B."))
    elif not all(type(it) is int and 1 <= it <= MOST_DAYS for it in days.values()):
        text = sentence("Days between two contacts are a whole number from 1 to {most}.")
        yield _fault("cadence_days", text, MOST_DAYS)


def _of_service(plain: Mapping[str, Any]) -> Iterator[RowError]:
    service = plain.get("service", {})
    if not isinstance(service, Mapping) or not set(service) <= set(GRADES):
        yield _fault("service", sentence("How grades are looked after stands by S, A and B."))
        return
    for text in service.values():
        if not isinstance(text, Mapping) or not set(text) <= {"zh", "en"}:
            yield _fault("service", sentence("This is a text in both languages, zh and en."))
        elif not all(isinstance(it, str) and len(it) <= SERVICE_LETTERS for it in text.values()):
            yield _fault("service", sentence("A text has at most {most} letters."), SERVICE_LETTERS)

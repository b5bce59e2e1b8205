"""The editor of a grade standard as it is sent: the text that it means; nothing is checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from perennial.customers.people.rules.grading import GRADES

BLANK_ROWS: Final = 2
MOST_SENT: Final = 40
_BETWEEN = re.compile(r"[,，、;；\n]+")


def definition_from(given: Mapping[str, str]) -> dict[str, Any]:
    """Rows without words are left out: that is how one is removed."""
    rows = []
    for at in range(MOST_SENT):
        words = [it.strip() for it in _BETWEEN.split(given.get(f"r{at}_words", "")) if it.strip()]
        if words:
            rows.append({"grade": given.get(f"r{at}_grade", ""), "words": words})
    days = {it: _whole(given.get(f"cadence_{it}", "")) for it in GRADES}
    service = {
        grade: {
            language: given.get(f"service_{grade}_{language}", "").strip()
            for language in ("zh", "en")
        }
        for grade in GRADES
    }
    return {
        "grades": rows,
        "cadence_days": {grade: it for grade, it in days.items() if it != ""},
        "service": {grade: it for grade, it in service.items() if any(it.values())},
    }


def _whole(text: str) -> int | str:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else text

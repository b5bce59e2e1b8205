"""Who is S, A or B, and how often we speak to them.

A standard is a list of rows; the first row one of whose words stands in the position says the
grade. That is why assistants stand first: "CEO 助理" is no CEO. English words count as whole
words, Chinese ones anywhere. Each grade has a cadence (days between two contacts) and a line on
how it is looked after. A customer with several products has several standards: the highest
grade and the shortest cadence hold. A colleague who graded by hand is right; so is a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Final

GRADES: Final = ("S", "A", "B")  # the highest first


@dataclass(frozen=True, slots=True)
class Row:
    grade: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standard:
    """Of a product; the empty one is for every other. `service`: grade → language → text."""

    product: str
    rows: tuple[Row, ...]
    cadence_days: Mapping[str, int]
    service: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def grade(self, position: str) -> str:
        """Empty: no row says anything about this position.

        >>> crm = Standard("CRM", (Row("B", ("助理",)), Row("S", ("CEO", "销售VP"))), {})
        >>> crm.grade("销售 VP"), crm.grade("CEO 助理"), crm.grade("司机")
        ('S', 'B', '')
        """
        return next((row.grade for row in self.rows if _any_in(row.words, position)), "")


def _any_in(words: tuple[str, ...], position: str) -> bool:
    return any(_stands_in(word, position) for word in words)


@lru_cache(maxsize=20_000)
def _stands_in(word: str, position: str) -> bool:
    word, position = word.casefold().strip(), position.casefold()
    if not word:
        return False
    if word.isascii():
        plain = r"\s+".join(map(re.escape, word.split()))
        return re.search(rf"(?<![a-z0-9]){plain}(?![a-z0-9])", position) is not None
    return "".join(word.split()) in "".join(position.split())


def standards_for(
    products: Sequence[str], standards: Mapping[str, Standard]
) -> tuple[Standard, ...]:
    """Those of the customer's products; when none of them has one, the one for all others."""
    own = tuple(standards[it] for it in products if it and it in standards)
    return own or tuple(standards[it] for it in ("",) if it in standards)


def grade_by(standards: Iterable[Standard], position: str) -> str:
    """The highest grade that any of the standards gives; empty: none gives one."""
    given = {it.grade(position) for it in standards}
    return next((grade for grade in GRADES if grade in given), "")


def cadence_by(standards: Iterable[Standard], grade: str) -> int | None:
    """Days between two contacts; None: nobody said."""
    days = [it.cadence_days[grade] for it in standards if grade in it.cadence_days]
    return min(days, default=None)


@dataclass(frozen=True, slots=True)
class Contact:
    """How the last contact stands against the cadence: `gap_days` beyond it, 0 in time.

    None: no cadence, or never spoken to (`is_never`), which is late without a number."""

    touched_on: date | None
    cadence_days: int | None
    gap_days: int | None
    is_never: bool

    @property
    def is_overdue(self) -> bool:
        return self.is_never or bool(self.gap_days)


def contact(touched_on: date | None, *, cadence_days: int | None, on: date) -> Contact:
    if cadence_days is None:
        return Contact(touched_on, None, None, is_never=False)
    if touched_on is None:
        return Contact(None, cadence_days, None, is_never=True)
    return Contact(
        touched_on, cadence_days, max((on - touched_on).days - cadence_days, 0), is_never=False
    )


def of(product: str, plain: Mapping[str, Any]) -> Standard:
    """The standard that `plain` wrote down; what checks.py finds no fault with is read."""
    return Standard(
        product,
        tuple(Row(it["grade"], tuple(it["words"])) for it in plain["grades"]),
        dict(plain.get("cadence_days", {})),
        {grade: dict(text) for grade, text in plain.get("service", {}).items()},
    )


def plain(standard: Standard) -> dict[str, Any]:
    """As JSON and YAML keep it; `of` reads it back."""
    return {
        "grades": [{"grade": it.grade, "words": list(it.words)} for it in standard.rows],
        "cadence_days": {
            it: standard.cadence_days[it] for it in GRADES if it in standard.cadence_days
        },
        "service": {it: dict(standard.service[it]) for it in GRADES if it in standard.service},
    }

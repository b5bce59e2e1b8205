"""Monthly costs as people paste them: one row `month,amount` each, e.g. `2026-10, 350,000`.

The month is 2026-10 or 2026/10 (or a day in it); the amount may have separators and a currency
sign; without one the month is withdrawn. A month that stands twice with two amounts is refused.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Final

from perennial.units.errors import InputRefused
from perennial.units.money import parse_amount
from perennial.units.sentence import sentence

ROW: Final = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})(?:月|[-/.]\d{1,2})?\s*(?:[,，;；:：\t]\s*|\s+|$)(.*)"
)
MOST_ROWS: Final = 240


def month_of(text: str) -> date | None:
    """The first day of the month that a text names; None for any other text.

    >>> month_of("2026-10"), month_of("2026年3月"), month_of("2026-13")
    (datetime.date(2026, 10, 1), datetime.date(2026, 3, 1), None)
    """
    found = ROW.fullmatch(text.strip())
    if found is None or not 1 <= int(found[2]) <= 12 or not 1900 <= int(found[1]) <= 9000:
        return None
    return date(int(found[1]), int(found[2]), 1)


def cost_rows(text: str) -> dict[date, Decimal | None]:
    """Month (first day) → amount; None withdraws. Raises InputRefused naming the row."""
    found: dict[date, Decimal | None] = {}
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or len(lines) > MOST_ROWS:
        raise InputRefused(
            sentence("Give one row per month, at most {most}: 2026-10, 350000"),
            code="no_rows",
            params={"most": str(MOST_ROWS)},
        )
    for number, line in enumerate(lines, start=1):
        month_on = month_of(line)
        if month_on is None:
            raise _refused(sentence("Row {row} names no month: {text}"), number, line)
        found_row = ROW.fullmatch(line)
        typed = found_row[3].strip() if found_row else ""
        try:
            amount = parse_amount(typed) if typed else None
        except ValueError as wrong:
            raise _refused(sentence("Row {row} has no amount: {text}"), number, line) from wrong
        if found.setdefault(month_on, amount) != amount:
            raise _refused(sentence("Row {row} says otherwise: {text}"), number, line)
    return found


def _refused(message: str, row: int, text: str) -> InputRefused:
    return InputRefused(
        message, code="bad_cost_row", params={"row": str(row), "text": text[:60]}, row=row
    )

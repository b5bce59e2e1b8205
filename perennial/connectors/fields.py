"""What a column of ours holds, and how a cell becomes a value of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from django_stubs_ext import StrOrPromise

from perennial.connectors.files.table import Cell
from perennial.units.currency import ISO_4217
from perennial.units.dates import AmbiguousDate, BadDate, Dates
from perennial.units.money import parse_amount
from perennial.units.sentence import sentence


class Type(StrEnum):
    TEXT = "text"
    DATE = "date"
    MOMENT = "moment"
    AMOUNT = "amount"  # Decimal, at most 6 decimals
    COUNT = "count"  # int ≥ 0
    FLAG = "flag"
    LIST = "list"  # a;b
    CURRENCY = "currency"
    RATE = "rate"  # Decimal > 0


@dataclass(frozen=True, slots=True)
class Field:
    """One of our columns. `label` is lazily translated; `alike` are other names that files use
    for it; `choices` the only values, `words` other ways to write them; `least` the smallest
    number allowed."""

    name: str
    label: StrOrPromise
    type: Type = Type.TEXT
    required: bool = False
    limit: int = 200
    choices: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    least: int | None = None
    most: int | None = None
    alike: tuple[str, ...] = ()


class CellError(Exception):
    """Why a cell cannot be read; becomes a RowError of its row and column."""

    def __init__(self, code: str, message: str, params: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.params = code, message, params or {}


LIST_MARKS = re.compile(r"[;；,，、]")
_GROUPED = re.compile(r"[^,，]*\d{1,3}([,，]\d{3})+(\.\d+)?[^,，]*")
_NUMBER = re.compile(r"[(\-−+]?\s*[¥￥$€£]?\s*-?[\d,，]*\.?\d+([eE][+-]?\d+)?\)?")
_UNKEPT = re.compile("[\x00\ud800-\udfff]")  # no database keeps NUL or half a character
_TRUE = {"true", "yes", "1", "y", "t", "是"}
_FALSE = {"false", "no", "0", "n", "f", "否"}
_MOST_AMOUNT = Decimal(10) ** 14
_MOST_COUNT = 2_147_483_647


def read(what: Field, cell: Cell, *, dates: Dates) -> object:
    """The value of a cell, None when it is empty. Raises CellError; AmbiguousDate for a date that
    only a format settles (the whole file is refused then)."""
    text = _as_text(cell).strip()
    if not text:
        if what.required:
            raise CellError("missing_value", sentence("A value is missing."))
        return None
    if _UNKEPT.search(text):
        raise CellError("bad_text", sentence("The text holds a character that cannot be kept."))
    match what.type:
        case Type.TEXT:
            return _text(what, text)
        case Type.DATE | Type.MOMENT:
            return _date(what, cell, text, dates)
        case Type.AMOUNT:
            return _amount(what, text)
        case Type.COUNT:
            return _count(what, text)
        case Type.FLAG:
            return _flag(text)
        case Type.LIST:
            return tuple(part.strip() for part in LIST_MARKS.split(text) if part.strip())
        case Type.CURRENCY:
            return _currency(text)
        case Type.RATE:
            return _rate(what, text)


def _as_text(cell: Cell) -> str:
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else cell.isoformat()


def _text(what: Field, text: str) -> str:
    if what.choices:
        said = text.casefold()
        found = next((it for it in what.choices if it.casefold() == said), what.words.get(said))
        if found is None:
            raise CellError(
                "unknown_value",
                sentence("“{value}” is not one of {choices}."),
                {"value": text, "choices": ", ".join(what.choices)},
            )
        return found
    if len(text) > what.limit:
        raise CellError(
            "too_long",
            sentence("The text has {length} characters; at most {limit} fit."),
            {"length": str(len(text)), "limit": str(what.limit)},
        )
    return text


def _date(what: Field, cell: Cell, text: str, dates: Dates) -> date | datetime:
    # What the file itself types as a date has one reading, whatever --date-format says.
    reader = dates if isinstance(cell, str) else Dates(dates.zone)
    try:
        return reader.day(text) if what.type is Type.DATE else reader.moment(text)
    except AmbiguousDate:
        raise
    except (BadDate, ValueError, OverflowError):
        message = sentence("“{value}” is no date that can be read.")
        if dates.format:
            message = sentence("“{value}” is no date of the format {format}.")
        raise CellError(
            "bad_date", message, {"value": text, "format": dates.format or ""}
        ) from None


def _number(what: Field, text: str) -> Decimal:
    grouped = ("," not in text and "，" not in text) or _GROUPED.fullmatch(text)
    try:
        if not grouped or not _NUMBER.fullmatch(text):
            raise ValueError(text)
        number = parse_amount(text)
    except (ValueError, InvalidOperation):
        raise CellError(
            "bad_amount", sentence("“{value}” is no number that can be read."), {"value": text}
        ) from None
    if what.least is not None and number < what.least:
        if what.least == 0:
            raise CellError("negative_amount", sentence("“{value}” is negative."), {"value": text})
        raise _out_of_range(what, text)
    if what.most is not None and number > what.most:
        raise _out_of_range(what, text)
    return number


def _out_of_range(what: Field, text: str) -> CellError:
    return CellError(
        "out_of_range",
        sentence("“{value}” is not between {least} and {most}."),
        {"value": text, "least": str(what.least), "most": str(what.most)},
    )


def _amount(what: Field, text: str) -> Decimal:
    number = _number(what, text)
    if abs(number) >= _MOST_AMOUNT or number != round(number, 6):
        raise CellError(
            "bad_amount",
            sentence("“{value}” has more digits than an amount can have (14 before, 6 after)."),
            {"value": text},
        )
    return number


def _rate(what: Field, text: str) -> Decimal:
    number = _number(what, text)
    if number <= 0:
        raise CellError("bad_rate", sentence("“{value}” is no rate above zero."), {"value": text})
    return number


def _count(what: Field, text: str) -> int:
    number = _number(what, text)
    if number < 0:
        raise CellError("negative_amount", sentence("“{value}” is negative."), {"value": text})
    if number != number.to_integral_value() or number > _MOST_COUNT:
        raise CellError("bad_number", sentence("“{value}” is no whole number."), {"value": text})
    return int(number)


def _flag(text: str) -> bool:
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise CellError(
        "unknown_value", sentence("“{value}” is neither true nor false."), {"value": text}
    )


def _currency(text: str) -> str:
    code = text.upper()
    if code not in ISO_4217:
        raise CellError(
            "unknown_currency",
            sentence("“{value}” is no currency code. Write three letters such as CNY."),
            {"value": text},
        )
    return code

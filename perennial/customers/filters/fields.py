"""What can be asked of a customer, and how: kinds of fields and the operators that fit them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_noop

from perennial.units.errors import InputRefused

LARGEST, LONGEST = Decimal(10) ** 15, timedelta(days=36600)  # databases and calendars end


class FilterRefused(InputRefused):
    """The text is no filter, or asks for what this list does not have."""

    code = "filter_refused"

    def __init__(self, text: str, why: str = "") -> None:
        message = why or gettext_noop("This filter cannot be read: {value}")
        super().__init__(message, params={"value": text[:80]})


class Kind(StrEnum):
    CHOICE = "choice"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    FLAG = "flag"
    USER = "user"
    SEVERAL = "several"  # tags: any of a list of texts
    SEGMENT = "segment"  # who stands in a named group


class Op(StrEnum):
    IN = "in"
    NOT_IN = "not"
    HAS = "has"  # the text contains
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    WITHIN = "within"  # from the as-of day to n days later
    BEYOND = "beyond"  # more than n days after the as-of day
    OLDER = "older"  # more than n days before the as-of day, or never
    NEWER = "newer"  # in the n days up to the as-of day
    DURING = "during"  # in a calendar period beside the as-of day: this_month, next_quarter …
    IS = "is"
    EMPTY = "empty"
    KNOWN = "known"


COMPARING = frozenset({Op.LT, Op.LTE, Op.GT, Op.GTE})
DAYS = frozenset({Op.WITHIN, Op.BEYOND, Op.OLDER, Op.NEWER})
BARE = frozenset({Op.EMPTY, Op.KNOWN})
AMONG = frozenset({Op.IN, Op.NOT_IN})
OPS: dict[Kind, frozenset[Op]] = {
    Kind.CHOICE: AMONG | BARE,
    Kind.TEXT: AMONG | {Op.HAS} | BARE,
    Kind.NUMBER: COMPARING | BARE,
    Kind.DATE: COMPARING | DAYS | {Op.DURING} | BARE,
    Kind.FLAG: frozenset({Op.IS}),
    Kind.USER: AMONG | BARE,
    Kind.SEVERAL: AMONG | BARE,
    Kind.SEGMENT: AMONG,
}


@dataclass(frozen=True, slots=True)
class Field:
    """Something that a list can be filtered by. `path` is the column as the list's rows see it;
    of a segment that of the customer's id."""

    name: str
    title: str | Promise
    kind: Kind
    path: str
    choices: tuple[tuple[str, str | Promise], ...] = ()  # value and title
    is_money: bool = False
    is_rate: bool = False  # 0–1, said in percent
    is_whole: bool = False  # a column of whole numbers, whatever it is compared with

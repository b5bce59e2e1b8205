"""A plain table becomes something to learn from: which columns are facts, and which are not.

Left out, each with its reason: the label, names and numbers of customers (all different), dates,
columns that never change. A cell that is empty, or says that nothing is known, is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from perennial.health.risk.rules.labelled import Columns, Numbers, Words
from perennial.health.risk.rules.scores import Floats
from perennial.units.sentence import sentence

UNKNOWN = {"", "na", "n/a", "nan", "null", "none", "-", "–", "?", "unknown", "未知", "无"}
MOST = 0.95  # of the known cells say what a column is
MOST_DISTINCT = 0.5  # above, a text names each row
ALWAYS_FINE = 20  # so many different words are no names
NUMBER = re.compile(r"[-+]?(\d+|\d{1,3}(,\d{3})+)?(\.\d+)?([eE][-+]?\d+)?%?")
DATE = re.compile(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?([T ].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}.*")

IDENTITY = sentence("names each row")
CONSTANT = sentence("is the same everywhere")
DATED = sentence("is a date")
EMPTY = sentence("is empty")


@dataclass(frozen=True, slots=True)
class Read:
    """Columns to learn from, and why the others are left out."""

    columns: Columns
    left_out: Mapping[str, str]


def read(table: Mapping[str, Sequence[str]]) -> Read:
    """Columns of text to columns of numbers and words."""
    columns: dict[str, Numbers | Words] = {}
    left_out: dict[str, str] = {}
    for name, cells in table.items():
        found = column_of(cells)
        if isinstance(found, str):
            left_out[name] = found
        else:
            columns[name] = found
    return Read(columns, left_out)


def column_of(cells: Sequence[str]) -> Numbers | Words | str:
    """What a column says, or why it says nothing."""
    texts = [it.strip() for it in cells]
    known = [it for it in texts if it.casefold() not in UNKNOWN]
    if not known:
        return EMPTY
    different = len(set(known))
    if different == 1 and len(known) == len(texts):
        return CONSTANT
    values = [number(it) for it in known]
    if sum(it is not None for it in values) >= MOST * len(known):
        read_ = np.array([_or_nan(it) for it in texts])
        return IDENTITY if _counts_rows(read_) else Numbers(read_)
    if sum(bool(DATE.fullmatch(it)) for it in known) >= MOST * len(known):
        return DATED
    if different > max(ALWAYS_FINE, MOST_DISTINCT * len(known)) or different == len(texts):
        return IDENTITY
    return Words(np.array(["" if it.casefold() in UNKNOWN else it for it in texts]))


def number(text: str) -> float | None:
    """`1,234.5` → 1234.5; `12%` → 0.12; None for what is no number."""
    if not text or not NUMBER.fullmatch(text):
        return None
    try:
        value = float(text.rstrip("%").replace(",", ""))
    except ValueError:
        return None
    if not np.isfinite(value):
        return None
    return value / 100 if text.endswith("%") else value


def _or_nan(text: str) -> float:
    value = number(text)
    return np.nan if value is None else value


def _counts_rows(values: Floats) -> bool:
    """1, 2, 3, … or other whole numbers that differ everywhere and leave few gaps."""
    if not np.isfinite(values).all() or (values % 1).any():
        return False
    return len(np.unique(values)) == len(values) and bool(np.ptp(values) < 1.5 * len(values))

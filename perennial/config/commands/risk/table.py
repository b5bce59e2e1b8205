"""A plain table as renewals to learn from: label, amount, customer and time by their columns."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from django.conf import settings

from perennial.connectors.files import open_table
from perennial.health.risk.rules import reading
from perennial.health.risk.rules.labelled import Labelled, Rows
from perennial.health.risk.rules.reading import Read
from perennial.health.risk.rules.scores import Flags, Floats
from perennial.units.dates import AmbiguousDate, BadDate, Dates
from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence

SHOWN = 5  # values named in a message
HEADER = 1  # rows
TWOFOLD = sentence("The date “{value}” can be read two ways. Say which with --date-format.")


@dataclass(frozen=True, slots=True)
class Asked:
    """The columns that the person named."""

    path: Path
    label: str
    label_true: str
    amount: str | None = None
    id: str | None = None
    time: str | None = None
    date_format: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What the table gave: `undecided` rows have no label and teach nothing."""

    data: Labelled
    left_out: dict[str, str]
    undecided: int


def given(asked: Asked) -> Given:
    """Raises InputRefused with one clear sentence: no such column or value, no rows, no dates."""
    table = _columns(asked.path)
    for name in (asked.label, asked.amount, asked.id, asked.time):
        if name is not None and name not in table:
            raise _refused(
                asked,
                sentence("The file has no column “{column}”. It has: {columns}."),
                {"column": name, "columns": ", ".join(table)},
            )
    decided = np.flatnonzero([bool(it.strip()) for it in table[asked.label]])
    undecided = len(table[asked.label]) - len(decided)
    table = {name: [cells[row] for row in decided] for name, cells in table.items()}
    lost = _lost(asked, table[asked.label])
    facts = {
        name: cells
        for name, cells in table.items()
        if name not in (asked.label, asked.id, asked.time)
    }
    found: Read = reading.read(facts)
    if not found.columns:
        raise _refused(asked, sentence("No column of the file is a fact to learn from."), {})
    days = _days(asked, table[asked.time], decided) if asked.time else None
    data = Labelled(
        columns=found.columns,
        lost=lost,
        groups=_groups(table[asked.id]) if asked.id else np.arange(len(lost)),
        amount=_amount(asked, table[asked.amount]) if asked.amount else None,
        frozen_on=days,
        known_on=days,
    )
    return Given(data, dict(found.left_out), undecided)


def _columns(path: Path) -> dict[str, list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        table = open_table(path, unpack_in=Path(folder))
        names = [name for name in table.columns if name]
        cells: list[list[str]] = [[] for _ in table.columns]
        for number, row in table.read():
            if len(row) != len(table.columns):
                raise InputRefused(
                    "The row has {cells} cells, the header {columns}.",
                    code="row_length",
                    params={"cells": str(len(row)), "columns": str(len(table.columns))},
                    file=table.title,
                    row=number,
                )
            for column, cell in zip(cells, row, strict=True):
                column.append("" if cell is None else str(cell))
    if not cells[0]:
        raise InputRefused("The file has a header but no rows.", code="no_rows", file=path.name)
    by_name = dict(zip(table.columns, cells, strict=True))
    return {name: by_name[name] for name in names}


def _lost(asked: Asked, cells: Sequence[str]) -> Flags:
    wanted = asked.label_true.strip().casefold()
    lost = np.array([it.strip().casefold() == wanted for it in cells], dtype=np.bool_)
    values = sorted({it.strip() for it in cells})
    if not len(lost):
        text = sentence("The column “{column}” is empty in every row.")
        raise _refused(asked, text, {"column": asked.label})
    if not lost.any():
        said = ", ".join(values[:SHOWN]) + (" …" if len(values) > SHOWN else "")
        raise _refused(
            asked,
            sentence("The column “{column}” never says “{value}”. It says: {values}."),
            {"column": asked.label, "value": asked.label_true, "values": said},
        )
    return lost


def _groups(cells: Sequence[str]) -> Rows:
    return np.unique(np.array(cells), return_inverse=True)[1].astype(np.int64)


def _amount(asked: Asked, cells: Sequence[str]) -> Floats:
    values = [reading.number(it.strip()) for it in cells]
    if all(it is None for it in values):
        text = sentence("The column “{column}” holds no amounts.")
        raise _refused(asked, text, {"column": str(asked.amount)})
    return np.array([np.nan if it is None else it for it in values])


def _days(asked: Asked, cells: Sequence[str], rows: Rows) -> Rows:
    """Days since 1970; a period that is a plain number (a year, a month's place) stays one."""
    numbers = [reading.number(it.strip()) for it in cells]
    if all(it is not None and it < 10_000 for it in numbers):
        return np.array(numbers, dtype=np.float64).astype(np.int64)
    dates, found = Dates(settings.PERENNIAL_TIME_ZONE, asked.date_format), []
    for cell, row in zip(cells, rows, strict=True):
        try:
            found.append((dates.day(cell) - date(1970, 1, 1)).days)
        except (BadDate, AmbiguousDate) as bad:
            raise InputRefused(
                TWOFOLD if isinstance(bad, AmbiguousDate) else sentence("“{value}” is no date."),
                code="ambiguous_date" if isinstance(bad, AmbiguousDate) else "bad_date",
                params={"value": cell},
                file=asked.path.name,
                row=int(row) + HEADER + 1,
                column=asked.time,
            ) from None
    return np.array(found, dtype=np.int64)


def _refused(asked: Asked, message: str, params: Mapping[str, str]) -> InputRefused:
    return InputRefused(message, code="risk_table", params=params, file=asked.path.name)

"""A report on its way out: one JSON document, one flat CSV table, or a table for people."""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from perennial.config import output
from perennial.config.faults import placed, sentence
from perennial.units.errors import ExitCode, RowError
from perennial.web.download import neutral

_SHOWN = 20  # findings on a terminal; the document names all


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` with their `rows`. Figures are text already made, or numbers; `texts` are the
    columns that hold what people typed, which no spreadsheet may run as a formula."""

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    texts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Report:
    """One result in its three forms. `notes` stand under the table: definitions, reasons."""

    document: Mapping[str, Any]
    flat: Table
    readable: Sequence[Table]
    notes: Sequence[str] = ()
    findings: Sequence[RowError] = field(default=())


def show(report: Report, *, as_csv: bool) -> None:
    """Print it; ends with exit code 1 when something was found. Findings go to stderr too."""
    findings = [finding(it) for it in report.findings]
    if output.is_json():
        output.document({**report.document, "findings": findings})
    elif as_csv:
        _write(report.flat)
        for note in report.notes:
            output.notice(note)
    else:
        for index, table in enumerate(report.readable):
            if index:
                output.say("")
            output.table(table.columns, table.rows, is_wide=True)
        output.say("")
        for note in report.notes:
            output.say(note)
    tell(report.findings)
    if findings:
        raise SystemExit(ExitCode.FINDINGS)


def tell(found: Sequence[RowError]) -> None:
    """Findings as lines on stderr, the first ones."""
    for it in found[:_SHOWN]:
        output.notice(placed(it))
    if len(found) > _SHOWN:
        output.notice(_("… and {count} more.").format(count=len(found) - _SHOWN))


def finding(it: RowError) -> dict[str, object]:
    return {
        "code": it.code,
        "message": sentence(it),
        "file": it.file or None,
        "row": it.row,
        "column": it.column,
    }


def _write(table: Table) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(table.columns)
    for row in table.rows:
        cells = zip(table.columns, row, strict=True)
        writer.writerow(neutral([cell])[0] if name in table.texts else cell for name, cell in cells)

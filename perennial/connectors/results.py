"""What came of an import, and how it is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from perennial.units.errors import InputRefused, RowError
from perennial.units.sentence import sentence

ERRORS_KEPT = 1_000
ROWS_NAMED = 10


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to know that is no error."""

    code: str
    message: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Counts:
    """Rows of the file: `rows` = added + changed + same + duplicates + rejected. `duplicates`
    are equal in every column to an earlier row; `unattributed` events whose customer is
    unknown; `created_customers` those that the import made up for their id."""

    rows: int = 0
    added: int = 0
    changed: int = 0
    same: int = 0
    duplicates: int = 0
    rejected: int = 0
    unattributed: int = 0
    created_customers: int = 0


@dataclass(slots=True)
class ImportResult:
    """`number` is the import's (its batch); None when nothing was written. `errors` are the
    first thousand; `rejected_by_row` counts rows, of which each may have several errors."""

    kind: str
    file: str
    number: int | None = None
    dry_run: bool = False
    already: bool = False
    recorded: str = ""
    counts: Counts = field(default_factory=Counts)
    notices: list[Notice] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    rejects: str = ""


class RowsRefused(InputRefused):
    """Rows of the file are wrong and nothing was written; `result` says which and why."""

    def __init__(self, result: ImportResult) -> None:
        first = result.errors[0]
        super().__init__(
            first.message,
            code=first.code,
            params=first.params,
            file=result.file,
            row=first.row,
            column=first.column,
        )
        self.result = result


def unknown_columns(names: tuple[str, ...]) -> Notice:
    return Notice(
        "unknown_columns",
        sentence("These columns are not used: {columns}."),
        {"columns": ", ".join(names)},
    )


def splits_missing(rows: list[int]) -> Notice:
    shown = [str(row) for row in rows[:ROWS_NAMED]] + ["…"] * (len(rows) > ROWS_NAMED)
    return Notice(
        "split_missing",
        sentence(
            "The one-off share of the total is missing in {count} rows ({rows}): what recurs there "
            "is not known, nor is any figure of it, until one_off_amount says."
        ),
        {"count": str(len(rows)), "rows": ", ".join(shown)},
    )


def unknown_owners(kind: str, names: list[str]) -> Notice:
    message = sentence("These CSMs are no users yet; their customers wait for them: {owners}.")
    if kind != "customers":
        message = sentence("These CSMs are no users; their rows come in without one: {owners}.")
    return Notice("unknown_owners", message, {"owners": ", ".join(names)})

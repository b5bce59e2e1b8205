"""What can go wrong, as values: one clear sentence with file, row and column.

Codes are stable and machine-readable. Sentences are given in English with named gaps
(`{value}`), which the edge translates; rules stay free of Django.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum


class ExitCode(IntEnum):
    DONE = 0
    FINDINGS = 1
    USAGE = 2
    REFUSED = 3
    BUSY = 4
    ENVIRONMENT = 5
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class RowError:
    """One thing wrong in one row of an input file. `row` counts as a spreadsheet does:
    the header is row 1. `message` holds named gaps for `params`."""

    code: str
    message: str
    row: int | None = None
    column: str | None = None
    file: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


class PerennialError(Exception):
    """A named error that a person can act on; edges show `message`, never a traceback."""

    code = "error"
    exit_code = ExitCode.ENVIRONMENT

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        params: Mapping[str, str] | None = None,
        file: str = "",
        row: int | None = None,
        column: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.params: Mapping[str, str] = params or {}
        self.file, self.row, self.column = file, row, column


class InputRefused(PerennialError):
    """The input is wrong and nothing was written. `errors` are all rows at fault, where rows
    are; the first of them is the message."""

    code = "input_refused"
    exit_code = ExitCode.REFUSED
    errors: Sequence[RowError] = ()


class Busy(PerennialError):
    """Somebody else holds the lock or lease."""

    code = "busy"
    exit_code = ExitCode.BUSY


class EnvironmentFault(PerennialError):
    """Disk, database or engine."""

    code = "environment"
    exit_code = ExitCode.ENVIRONMENT

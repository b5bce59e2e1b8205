"""The rows that were refused, with all their columns and the reason, as a file to mend."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TextIO

from django.utils.translation import gettext

from perennial.connectors.files import Cell
from perennial.units.errors import RowError

ADDED = ("row", "column", "reason")


def shown(message: str, params: object) -> str:
    """A sentence in the active language."""
    return gettext(message).format_map(params if isinstance(params, dict) else {})


class Rejects:
    """Writes `path` (CSV, UTF-8) once the first row is refused; removes an older one."""

    def __init__(self, path: Path, *, columns: Sequence[str]) -> None:
        self.path = path
        names = {name: name if name not in columns else f"reject_{name}" for name in ADDED}
        self._header = [*columns, *names.values()]
        self._width = len(columns)
        self._file: TextIO | None = None

    def add(self, cells: Sequence[Cell], errors: Sequence[RowError]) -> None:
        """One line for the row, whatever the number of its errors."""
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open(
                "w", encoding="utf-8", errors="backslashreplace", newline=""
            )
            csv.writer(self._file).writerow(self._header)
        texts = ["" if it is None else str(it) for it in cells]
        texts = [*texts, *[""] * self._width][: max(self._width, len(texts))]
        reasons = " ".join(shown(it.message, dict(it.params)) for it in errors)
        csv.writer(self._file).writerow(
            [*texts, errors[0].row or "", errors[0].column or "", reasons]
        )

    def __enter__(self) -> Rejects:
        self.path.unlink(missing_ok=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()

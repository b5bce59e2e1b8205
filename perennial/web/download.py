"""What is on the screen, as a file that opens in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def csv_file(
    name: str, *, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> HttpResponse:
    """A CSV download with a BOM, so that Excel reads Chinese. Text that a spreadsheet would run
    as a formula gets an apostrophe; numbers are left alone and unknown is empty."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(columns)
    writer.writerows(neutral(row) for row in rows)
    return response


def neutral(cells: Iterable[object]) -> list[object]:
    """Text that a spreadsheet would run as a formula gets an apostrophe."""
    return [
        f"'{cell}" if isinstance(cell, str) and cell.startswith(DANGEROUS) else cell
        for cell in cells
    ]

"""CSV files in the columns of the import, written row by row: same rows, same bytes."""

import csv
import json
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path
from types import TracebackType

COLUMNS: dict[str, tuple[str, ...]] = {
    "customers": (
        "external_id",
        "name",
        "name_en",
        "industry",
        "size",
        "region",
        "website",
        "owner",
        "tags",
        "created_on",
        "tier",
        "observed_until",
        "recorded_at",
    ),
    "people": (
        "external_id",
        "customer_id",
        "name",
        "email",
        "role",
        "grade",
        "from_on",
        "to_on",
        "recorded_at",
    ),
    "orders": (
        "order_id",
        "line",
        "customer_id",
        "kind",
        "product",
        "seats",
        "signed_on",
        "start_on",
        "end_on",
        "recurring_amount",
        "one_off_amount",
        "discount_amount",
        "discount_end_on",
        "currency",
        "auto_renew",
        "notice_days",
        "renews",
        "recorded_at",
    ),
    "pauses": (
        "customer_id",
        "start_on",
        "end_on",
        "recorded_at",
    ),
    "tickets": (
        "external_id",
        "customer_id",
        "opened_at",
        "closed_at",
        "kind",
        "priority",
        "subject",
        "satisfaction",
        "recorded_at",
    ),
    "surveys": (
        "external_id",
        "customer_id",
        "kind",
        "score",
        "answered_at",
        "person_id",
        "comment",
        "recorded_at",
    ),
    "invoices": (
        "external_id",
        "customer_id",
        "issued_on",
        "due_on",
        "amount",
        "currency",
        "paid_on",
        "recorded_at",
    ),
    "touches": (
        "external_id",
        "customer_id",
        "happened_at",
        "kind",
        "person_id",
        "owner",
        "minutes",
        "note",
        "recorded_at",
    ),
    "outcomes": (
        "customer_id",
        "outcome",
        "occurred_on",
        "recorded_at",
    ),
    "truth/drops": (
        "customer_id",
        "starts_on",
        "depth",
        "kind",
        "weekly_rate",
    ),
    "truth/renewals": (
        "order_id",
        "due_on",
        "probability",
        "renewed",
    ),
}
BUSINESS_OFFSET = "+08:00"


class CsvFiles(AbstractContextManager["CsvFiles"]):
    """Open CSV files under one folder; `add(name, row)` writes a row to the file of that name."""

    def __init__(self, to: Path, names: Iterable[str]) -> None:
        (to / "truth").mkdir(parents=True, exist_ok=True)
        self._files = {
            name: (to / f"{name}.csv").open("w", encoding="utf-8", newline="") for name in names
        }
        self._writers = {
            name: csv.writer(file, lineterminator="\n") for name, file in self._files.items()
        }
        self.rows = dict.fromkeys(self._files, 0)
        for name, writer in self._writers.items():
            writer.writerow(COLUMNS[name])

    def add(self, name: str, row: Mapping[str, object]) -> None:
        self._writers[name].writerow([_text(row.get(column)) for column in COLUMNS[name]])
        self.rows[name] += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in self._files.values():
            file.close()


def _text(value: object) -> str:
    """Moments carry the offset of business time; lists are joined by semicolons."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat(timespec="seconds") + BUSINESS_OFFSET
        case date():
            return value.isoformat()
        case tuple():
            return ";".join(str(each) for each in value)
        case _:
            return str(value)


def write_json(path: Path, document: Mapping[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", "utf-8")

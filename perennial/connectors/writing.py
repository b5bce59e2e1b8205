"""Hands records to the slices that keep them; runs inside the import's transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from perennial.connectors.ledger_rows import order_rows, pause_row
from perennial.connectors.records import Record
from perennial.contracts.actions import record_lines, record_pauses
from perennial.contracts.invoices import record_invoices
from perennial.contracts.rows import Recorded
from perennial.contracts.rules import split_missing
from perennial.customers.imports import (
    known_customers,
    record_customers,
    record_outcomes,
    record_people,
    record_touches,
)
from perennial.customers.upsert import ImportedRow, Upserted
from perennial.surveys.actions import record_answers
from perennial.team.models import User
from perennial.tickets.actions import record_tickets
from perennial.units.errors import RowError
from perennial.units.sentence import sentence


@dataclass(slots=True)
class Writing:
    """What all rows of one import share. `customers`: external id → primary key; `unsplit`:
    rows with a total whose one-off share is not said."""

    kind: str
    batch: int
    currency: str
    create_customers: bool
    by: User | None
    at: datetime
    customers: dict[str, int] = field(default_factory=dict)
    created: set[str] = field(default_factory=set)
    unsplit: list[int] = field(default_factory=list)

    def write(self, records: Sequence[Record]) -> Upserted:
        """Write the good ones; the errors of the others come back with the counts."""
        outcome = Upserted()
        if self.kind != "customers":
            records, errors = self._with_customers(records, outcome)
            outcome.errors += errors
        done = self._written(records)
        outcome.added += done.added
        outcome.changed += done.changed
        outcome.same += done.same
        outcome.changes += done.changes
        outcome.errors += done.errors
        outcome.unknown_owners += done.unknown_owners
        return outcome

    def _written(self, records: Sequence[Record]) -> Upserted:
        match self.kind:
            case "customers":
                return record_customers([_imported(it) for it in records], batch=self.batch)
            case "orders":
                return self._orders(records)
            case "pauses":
                rows = [pause_row(it) for it in records]
                return _recorded(
                    record_pauses(
                        rows, customers=self.customers, batch=self.batch, by=self.by, at=self.at
                    )
                )
        record: Callable[..., Upserted] = {
            "people": record_people,
            "touches": record_touches,
            "outcomes": record_outcomes,
            "tickets": record_tickets,
            "surveys": record_answers,
            "invoices": record_invoices,
        }[self.kind]
        return record([_imported(it) for it in records], customers=self.customers, batch=self.batch)

    def _orders(self, records: Sequence[Record]) -> Upserted:
        rows, errors = order_rows(records, currency=self.currency)
        done = _recorded(
            record_lines(rows, customers=self.customers, batch=self.batch, by=self.by, at=self.at)
        )
        done.errors += errors
        refused = {error.row for error in done.errors}
        self.unsplit += [row.row for row in rows if split_missing(row) and row.row not in refused]
        return done

    def _with_customers(
        self, records: Sequence[Record], outcome: Upserted
    ) -> tuple[list[Record], list[RowError]]:
        """The records whose customer is known, or made up when that was asked for."""
        named = {str(it.values["customer_id"]) for it in records}
        self.customers |= known_customers(named - self.customers.keys())
        missing = named - self.customers.keys()
        if missing and self.create_customers:
            first = {str(it.values["customer_id"]): it for it in reversed(records)}
            made = record_customers(
                [
                    ImportedRow(
                        first[name].row,
                        {"external_id": name, "name": name},
                        _recorded_at(first[name]),
                        first[name].recorded_assumed,
                    )
                    for name in sorted(missing)
                ],
                batch=self.batch,
            )
            outcome.changes += made.changes
            self.created |= missing
            self.customers |= known_customers(missing)
            missing = set()
        good = [it for it in records if it.values["customer_id"] not in missing]
        return good, [
            _unknown_customer(it) for it in records if it.values["customer_id"] in missing
        ]


def _unknown_customer(record: Record) -> RowError:
    return RowError(
        "unknown_customer",
        sentence(
            "The customer “{customer}” is not known. Import customers first, or let this import "
            "create them (--create-customers)."
        ),
        record.row,
        "customer_id",
        params={"customer": str(record.values["customer_id"])},
    )


def _recorded_at(record: Record) -> datetime:
    assert record.recorded_at is not None
    return record.recorded_at


def _imported(record: Record) -> ImportedRow:
    return ImportedRow(record.row, record.values, _recorded_at(record), record.recorded_assumed)


def _recorded(done: Recorded) -> Upserted:
    return Upserted(added=done.added, same=done.same, errors=list(done.errors))

"""The cast, planted into the database of a test: users, customers and all their facts.

    planted = plant(end_on=date(2026, 6, 30))
    client.force_login(planted.owner)
    wilting = planted.customers[State.WILTING]

The rows are those of the demo company and go through the imports' own actions. Usage is a
Parquet file that `write_usage` makes; most tests do without.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from perennial.contracts.actions import record_lines, record_pauses
from perennial.contracts.invoices import record_invoices
from perennial.contracts.rows import OrderRow, PauseRow, Recorded
from perennial.customers.imports import (
    known_customers,
    record_customers,
    record_outcomes,
    record_people,
    record_touches,
)
from perennial.customers.models import Customer
from perennial.customers.upsert import ImportedRow, Upserted
from perennial.demo.cast import CAST, COLLEAGUES, OUTSIDER, OWNER, TEAMMATE, State
from perennial.demo.company.model import Customer as Story
from perennial.demo.company.rows import Row, fact_rows
from perennial.demo.company.voices import Voices
from perennial.demo.company.write import chance, draw_stories, history_start, write_company
from perennial.surveys.actions import record_answers
from perennial.team.actions import add_user
from perennial.team.models import User
from perennial.tickets.actions import record_tickets

ZONE = ZoneInfo("Asia/Shanghai")
SEED = 1
BATCH = 1  # stands for the import that would have brought the rows


@dataclass(frozen=True, slots=True)
class Planted:
    """The rows of the cast: customers by state, colleagues by e-mail."""

    customers: dict[State, Customer]
    users: dict[str, User]

    @property
    def owner(self) -> User:
        return self.users[OWNER.email]

    @property
    def teammate(self) -> User:
        return self.users[TEAMMATE.email]

    @property
    def outsider(self) -> User:
        return self.users[OUTSIDER.email]


def plant(*, end_on: date, language: str = "zh") -> Planted:
    """Writes users, customers, people, ledger and voices of the cast as of the end of `end_on`."""
    at = datetime.combine(end_on + timedelta(days=1), datetime.min.time(), ZONE).astimezone(UTC)
    users = add_colleagues(language=language, at=at)
    tables: dict[str, list[Row]] = defaultdict(list)
    for story in draw_stories(len(CAST), seed=SEED, end_on=end_on):
        for name, row in _rows(story, end_on=end_on, language=language):
            tables[name].append({key: _typed(value) for key, value in row.items()})
    _record(record_customers(_imported(tables["customers"]), batch=BATCH))
    known = known_customers()
    writers: dict[str, Callable[..., Upserted]] = {
        "people": record_people,
        "tickets": record_tickets,
        "surveys": record_answers,
        "invoices": record_invoices,
        "touches": record_touches,
        "outcomes": record_outcomes,
    }
    for name, write in writers.items():
        _record(write(_imported(tables[name]), customers=known, batch=BATCH))
    orders = [_order_row(number, row) for number, row in enumerate(tables["orders"], start=2)]
    pauses = [_pause_row(number, row) for number, row in enumerate(tables["pauses"], start=2)]
    _record(record_lines(orders, customers=known, batch=BATCH, by=None, at=at))
    _record(record_pauses(pauses, customers=known, batch=BATCH, by=None, at=at))
    planted = Customer.objects.in_bulk(
        [member.external_id for member in CAST], field_name="external_id"
    )
    return Planted({member.state: planted[member.external_id] for member in CAST}, users)


def add_colleagues(*, language: str, at: datetime) -> dict[str, User]:
    """The users of the cast, without passwords."""
    return {
        colleague.email: add_user(
            colleague.email,
            name=colleague.name.text(language),
            role=colleague.role,
            team=colleague.team.text(language) if colleague.team else "",
            by=None,
            at=at,
        )
        for colleague in COLLEAGUES
    }


def write_usage(to: Path, *, end_on: date, events: int = 30_000) -> Path:
    """The cast's usage up to `end_on`, as events.parquet under `to`; returns its path."""
    write_company(to, customers=len(CAST), events=events, seed=SEED, language="zh", end_on=end_on)
    return to / "events.parquet"


def _rows(story: Story, *, end_on: date, language: str) -> list[tuple[str, Row]]:
    rng = chance(f"{SEED}:voices:{story.index}")
    voices = Voices(story, rng, history_start(end_on), end_on, language)
    return [
        *fact_rows(story, end_on=end_on, language=language),
        *(("touches", row) for row in voices.touches()),
        *(("tickets", row) for row in voices.tickets()),
        *(("surveys", row) for row in voices.answers()),
        *(("invoices", row) for row in voices.invoices()),
    ]


def _typed(value: object) -> Any:
    """As the importer would read it from a file."""
    match value:
        case datetime():
            return value.replace(tzinfo=ZONE).astimezone(UTC)
        case int() if not isinstance(value, bool):
            return Decimal(value)
        case _:
            return value


def _imported(rows: list[Row]) -> list[ImportedRow]:
    return [
        ImportedRow(
            row=number,
            values={name: value for name, value in row.items() if name != "recorded_at"},
            recorded_at=row["recorded_at"],  # type: ignore[arg-type]  # _typed made it a moment
            recorded_assumed=False,
        )
        for number, row in enumerate(rows, start=2)
    ]


def _order_row(number: int, row: Row) -> OrderRow:
    given: dict[str, Any] = {
        field.name: row[field.name] for field in fields(OrderRow) if field.name in row
    }
    basis = "none"
    if given["recurring_amount"] is not None:
        basis = "term" if given["end_on"] else "interval"
    given |= {"line": str(given["line"]), "seats": int(given["seats"]) if given["seats"] else None}
    return OrderRow(
        row=number,
        signed_assumed=False,
        basis=basis,
        interval_months=1,
        void=False,
        recorded_given=True,
        recorded_assumed=False,
        **given,
    )


def _pause_row(number: int, row: Row) -> PauseRow:
    given: dict[str, Any] = {
        field.name: row[field.name] for field in fields(PauseRow) if field.name in row
    }
    return PauseRow(row=number, order_id="", recorded_given=True, recorded_assumed=False, **given)


def _record(result: Upserted | Recorded) -> None:
    """The cast has no faults: one here is a fault of the generator."""
    if result.errors:
        raise ValueError(result.errors[0])

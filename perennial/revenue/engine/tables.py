"""The ledger as Arrow tables: one row per recorded version of a line or pause.

`LINES` and `PAUSES` are what the engine reads, from memory or from Parquet files.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from perennial.contracts.rules import Basis, Kind, Line, Pause
from perennial.contracts.rules.line import ZERO
from perennial.contracts.rules.merged import under_survivors
from perennial.revenue.engine.faults import NeedsExactRoad

MONEY: Final = pa.decimal128(20, 6)
MOMENT: Final = pa.timestamp("us", "UTC")
LINES: Final = pa.schema(
    [
        ("customer_id", pa.int64()),
        ("order_id", pa.string()),
        ("line", pa.string()),
        ("kind", pa.string()),
        ("product", pa.string()),
        ("start_on", pa.date32()),
        ("end_on", pa.date32()),
        ("signed_on", pa.date32()),
        ("recorded_at", MOMENT),
        ("recorded_on", pa.date32()),  # in business time
        ("currency", pa.string()),
        ("amount", MONEY),
        ("basis", pa.string()),
        ("interval_months", pa.int32()),
        ("renews", pa.list_(pa.string())),
        ("void", pa.bool_()),
        ("seats", pa.int64()),
        ("one_off", MONEY),
        ("discount", MONEY),
        ("discount_end_on", pa.date32()),
        ("auto_renew", pa.bool_()),
        ("notice_days", pa.int32()),
    ]
)
PAUSES: Final = pa.schema(
    [
        ("customer_id", pa.int64()),
        ("order_id", pa.string()),
        ("start_on", pa.date32()),
        ("end_on", pa.date32()),
        ("recorded_at", MOMENT),
    ]
)
_AMOUNTS = ("amount", "one_off", "discount")


@dataclass(frozen=True, slots=True)
class LedgerTables:
    """All recorded rows: `lines` as LINES, `pauses` as PAUSES."""

    lines: pa.Table
    pauses: pa.Table

    def of(self, customer_ids: Collection[int]) -> tuple[list[Line], list[Pause]]:
        """The recorded rows of a few customers."""
        wanted = pa.array(list(customer_ids), pa.int64())
        lines, pauses = (
            table.filter(pc.is_in(table["customer_id"], wanted))
            for table in (self.lines, self.pauses)
        )
        return lines_of(lines), pauses_of(pauses)

    def placed(self, under: Mapping[int, int]) -> LedgerTables:
        """With the rows of merged customers at those under which they stand."""
        joined = {*under, *under.values()}
        lines, pauses = under_survivors(*self.of(joined), under)
        wanted = pa.array(list(joined), pa.int64())
        rest = [
            table.filter(pc.invert(pc.is_in(table["customer_id"], wanted)))
            for table in (self.lines, self.pauses)
        ]
        return LedgerTables(
            pa.concat_tables([rest[0], _table(lines, LINES)]),
            pa.concat_tables([rest[1], _table(pauses, PAUSES)]),
        )

    def customers_of(self, order_ids: Collection[str]) -> set[int]:
        """Whose orders these are."""
        wanted = pa.array(list(order_ids), pa.string())
        found = self.lines.filter(pc.is_in(self.lines["order_id"], wanted))
        return set(found["customer_id"].to_pylist())


def ledger_tables(lines: Sequence[Line], pauses: Sequence[Pause] = ()) -> LedgerTables:
    """The tables of a ledger that was read from files. Raises NeedsExactRoad when an amount has
    more decimals than a ledger keeps."""
    return LedgerTables(_table(lines, LINES), _table(pauses, PAUSES))


def parquet_tables(lines: Path, pauses: Path | None = None) -> LedgerTables:
    """The tables of Parquet files with the columns of LINES and PAUSES, in any order."""
    return LedgerTables(
        parquet.read_table(lines, columns=LINES.names).select(LINES.names).cast(LINES),
        PAUSES.empty_table()
        if pauses is None
        else parquet.read_table(pauses, columns=PAUSES.names).select(PAUSES.names).cast(PAUSES),
    )


def _table(rows: Sequence[Line] | Sequence[Pause], schema: pa.Schema) -> pa.Table:
    columns = []
    for field in schema:
        values: Iterable[Any] = map(attrgetter(field.name), rows)
        if field.name in _AMOUNTS:
            values = map(decimal, values)
        columns.append(pa.array(list(values), field.type))
    return pa.table(columns, schema=schema)


def decimal(amount: Fraction | None) -> Decimal | None:
    """A ledger's amount as the decimal that it was read from."""
    if amount is None:
        return None
    millionths = amount * 10**6
    if millionths.denominator != 1:
        raise NeedsExactRoad("amount_digits")
    return Decimal(millionths.numerator).scaleb(-6)


def lines_of(rows: pa.Table) -> list[Line]:
    """The recorded lines of a LINES table."""
    read: dict[str, Callable[[Any], Any]] = {
        "kind": Kind,
        "basis": Basis,
        "renews": tuple,
        "amount": lambda amount: None if amount is None else Fraction(amount),
        "one_off": lambda amount: Fraction(amount) if amount else ZERO,
        "discount": lambda amount: Fraction(amount) if amount else ZERO,
    }
    columns = [
        map(read[name], rows[name].to_pylist()) if name in read else rows[name].to_pylist()
        for name in LINES.names
    ]
    return [
        Line(**dict(zip(LINES.names, values, strict=True))) for values in zip(*columns, strict=True)
    ]


def pauses_of(rows: pa.Table) -> list[Pause]:
    """The recorded pauses of a PAUSES table."""
    return [Pause(**row) for row in rows.to_pylist()]

"""Recurring revenue: the engine against a month spine, one ledger exactly, a page, a what-if.

`python -m bench.revenue --customers 300000`: about 1.1 million order lines over 120 months. The
named baseline is the month spine of a dbt model (bench/spine.py) on the same engine and lines;
ratios are of the time on all cores, fair also on a busy machine.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from perennial.events.store import Session
    from perennial.revenue.engine import LedgerTables
    from perennial.units.period import Period

CUSTOMERS = 300_000
PAGE_CUSTOMERS = 10_000
FROM, TO = date(2015, 1, 1), date(2024, 12, 31)
LIMITS = {"fast road": 5.0, "ledger": 0.001, "what-if": 0.05, "page": 0.15}  # seconds
LEAST_RATIO = 5.0
ENOUGH = 30_000  # customers from which on the spine shows what it costs
MOST_MB = 3_000
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Taken:
    """Medians: time on the wall, and on all cores."""

    seconds: float
    cpu_seconds: float

    def over(self, other: Taken) -> str:
        """How many times the wall time of the other."""
        return f"{self.seconds / other.seconds:.1f} ×"

    def __str__(self) -> str:
        return f"{self.seconds * 1000:10,.1f} ms {self.cpu_seconds * 1000:10,.1f} CPU-ms"


def taken(work: Callable[[], Any], rounds: int = ROUNDS) -> Taken:
    """The medians of some rounds of the same work."""
    found = []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        found.append(Taken(time.perf_counter() - wall, time.process_time() - cpu))
    return median(found)


def roads(customers: int) -> list[str]:
    """The fast road, the physical limit below it, and the spines; what misses its limit."""
    from pyarrow import parquet

    from bench.ledger import ledger
    from perennial.revenue.engine import LedgerTables, fast_book, parquet_tables
    from perennial.revenue.engine.tables import PAUSES
    from perennial.units.period import Grain, periods_between

    lines = ledger(customers)
    tables = LedgerTables(lines, PAUSES.empty_table())
    months = list(periods_between(FROM, TO, Grain.MONTH))
    print(f"{lines.num_rows:,} lines, {customers:,} customers, {len(months)} months")
    bare = shown("bare sort of the same rows", taken(lambda: _sort(lines)))
    fast = shown(
        "fast road from lines: movements, GRR, NRR",
        taken(lambda: fast_book(tables).retentions(months)),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines.parquet"
        parquet.write_table(lines, path, compression="zstd")
        packed = shown(
            "fast road from a Parquet file",
            taken(lambda: fast_book(parquet_tables(path)).retentions(months)),
        )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  {fast.cpu_seconds / bare.cpu_seconds:.1f} × the bare sort; peak {memory:,.0f} MB")
    limit = LIMITS["fast road"] * max(customers / CUSTOMERS, 0.2)
    return [
        *missed("fast road", fast.seconds, limit, "s"),
        *missed("fast road from Parquet", packed.seconds, limit, "s"),
        *missed("memory", memory, MOST_MB, "MB"),
        *_spines(tables, months, fast),
    ]


def _sort(lines: pa.Table) -> None:
    """What no road can do without: the rows, read once and in order."""
    from perennial.events.store import table_session

    with table_session() as session:
        session.offer("lines", lines)
        session.run(
            "CREATE TEMP TABLE sorted AS SELECT customer_id, start_on, end_on, amount, order_id "
            "FROM lines ORDER BY customer_id, start_on"
        )


def _spines(tables: LedgerTables, months: list[Period], fast: Taken) -> list[str]:
    """The spines on the same engine. The limit compares what both do from finished terms, as the
    playbook starts from finished periods; from lines, the spine has our own first half before it,
    which is no part of its model: shown, not judged."""
    from bench.spine import ALL_MONTHS, OWN_MONTHS

    first, second = _halves(tables, months)
    shown("fast road, its half from lines to terms", first)
    shown("fast road, its half from terms", second)
    spines = {
        "each customer's own months": _spine(tables, OWN_MONTHS, ROUNDS),
        "customers × months": _spine(tables, ALL_MONTHS, 1),
    }
    misses = []
    for name, spine in spines.items():
        shown(f"spine from terms, {name}", spine)
        ratio = spine.cpu_seconds / second.cpu_seconds
        print(f"  from terms: {ratio:.1f} × the fast road's half, {spine.over(second)} on the wall")
        whole = Taken(first.seconds + spine.seconds, first.cpu_seconds + spine.cpu_seconds)
        of_lines = whole.cpu_seconds / fast.cpu_seconds
        print(f"  from lines: {of_lines:.1f} × the fast road, {whole.over(fast)} on the wall")
        if ratio < LEAST_RATIO and len(tables.lines) >= ENOUGH:
            misses.append(f"spine, {name}: {ratio:.1f} ×, at least {LEAST_RATIO:.0f} × wanted")
    return misses


def _halves(tables: LedgerTables, months: list[Period]) -> tuple[Taken, Taken]:
    """Lines to terms; terms to figures."""
    from perennial.events.store import table_session
    from perennial.revenue.engine.book import book_of_terms

    halves: tuple[list[Taken], list[Taken]] = ([], [])
    for _ in range(ROUNDS):
        with table_session() as session:
            halves[0].append(taken(partial(_terms, session, tables.lines), 1))

            def figures(session: Session = session) -> None:
                book_of_terms(session, tables).retentions(months)

            halves[1].append(taken(figures, 1))
    return median(halves[0]), median(halves[1])


def _spine(tables: LedgerTables, spine: str, rounds: int) -> Taken:
    """From periods with floating-point amounts to the table of months; checked by a month."""
    from bench.spine import PERIODS, SPINE
    from perennial.events.store import table_session
    from perennial.revenue.engine import fast_book
    from perennial.revenue.engine.amounts import MILLION, UNITS
    from perennial.revenue.rules import Movement
    from perennial.units.period import Grain, period_of

    statement = SPINE.format(first=FROM, last=TO.replace(day=1), spine=spine)
    month = period_of(date(2020, 1, 1), Grain.MONTH)
    counts = fast_book(tables).movements(month).counts
    with table_session() as session:
        session.run("SET memory_limit = '8GB'")  # with 1 GB, as the others, it gives up
        _terms(session, tables.lines)
        session.run(PERIODS.format(million=MILLION, units=UNITS))
        found: list[Any] = []
        spent = taken(lambda: found.extend(session.rows(statement)), rounds)
        session.run("SET memory_limit = '1GB'")
    row = next(row for row in found if row[0] == month.first_on)
    assert row[7:9] == (counts[Movement.NEW], counts[Movement.CHURN]), "other figures"
    return spent


def _terms(session: Session, lines: pa.Table) -> None:
    """Lines to terms, as the fast road makes them."""
    from perennial.revenue.engine.terms import make_due, make_terms, offer_lines
    from perennial.revenue.rules import DEFAULT, Rates

    offer_lines(session, lines)
    make_due(session, definitions=DEFAULT, known_before=None)
    make_terms(session, definitions=DEFAULT, rates=Rates())


def median(taken: list[Taken]) -> Taken:
    return Taken(
        statistics.median(it.seconds for it in taken),
        statistics.median(it.cpu_seconds for it in taken),
    )


def shown(name: str, work: Taken) -> Taken:
    print(f"{name:<44}{work}", flush=True)
    return work


def missed(name: str, found: float, limit: float, unit: str) -> list[str]:
    """What to say when a limit was passed."""
    over = found / limit - 1
    told = f"{name}: {found:,.3g} {unit}, limit {limit:,.3g} {unit}, {over:.0%} over"
    return [told] if over > 0 else []


def one_ledger() -> list[str]:
    """The exact road for one customer: 20 lines, 24 months of movements."""
    from bench.ledger import one_customer
    from perennial.contracts.rules import resolve
    from perennial.revenue.engine.tables import lines_of
    from perennial.revenue.rules import histories
    from perennial.units.period import Grain, periods_between

    lines = lines_of(one_customer(20))
    months = list(periods_between(date(2023, 1, 1), date(2024, 12, 31), Grain.MONTH))

    def work() -> None:
        book = histories(resolve(lines))
        for month in months:
            book.movements(month)

    found = shown("one ledger exactly, 20 lines, 24 months", taken(work, 50))
    return missed("one ledger", found.cpu_seconds * 1000, LIMITS["ledger"] * 1000, "ms")


def what_if() -> list[str]:
    from perennial.revenue.rules.whatif import whatif

    rates = (Fraction(1, 2), Fraction(4, 5))

    def work() -> None:
        whatif(Fraction(1000), growth=Fraction(3, 10), renewals=rates, periods=10)

    found = shown("what-if, ten years, two rates", taken(work, 50))
    return missed("what-if", found.seconds * 1000, LIMITS["what-if"] * 1000, "ms")


def page(customers: int) -> list[str]:
    """Server time of the Revenue page, now and as known a month ago (warm and cold)."""
    from django.test import Client

    from bench.pages import prepare
    from perennial.config.server import collect_static

    client = Client()
    client.force_login(prepare(customers))
    collect_static()
    misses = []
    for name, path in (("now", ""), ("as known in May", "?as_of=2026-05-31&known_at=2026-05-31")):
        ask = partial(client.get, f"/revenue/{path}")
        title = f"Revenue page, {customers:,} customers, {name}"
        shown(f"{title}, first", taken(ask, 1))
        warm = shown(f"{title}, then", taken(ask, 10))
        misses += missed(title, warm.seconds * 1000, LIMITS["page"] * 1000, "ms")
    return misses


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--page-customers", type=int, default=PAGE_CUSTOMERS)
    parser.add_argument("--home", type=Path, help="a home that was prepared before")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PERENNIAL_HOME"] = str(asked.home or folder)
        os.environ["DJANGO_SETTINGS_MODULE"] = "perennial.config.settings"
        import django

        django.setup()
        print(datetime.now(UTC).strftime("%Y-%m-%d"))
        misses = roads(asked.customers) + one_ledger() + what_if()
        misses += page(asked.page_customers) if asked.page_customers else []
    for miss in misses:
        print(f"missed: {miss}")
    return len(misses)


if __name__ == "__main__":
    sys.exit(main())

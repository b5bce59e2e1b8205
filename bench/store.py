"""The analytical store: import rate, daily activity against a bare scan, one more day, memory.

`python -m bench.store --events 50000000`: ten thousand customers, 180 days. Ratios are taken in
one run against a named baseline: DuckDB scanning the same columns of the same Parquet files.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

END = date(2026, 6, 30)
DAYS = 180
CUSTOMERS = 10_000
NEXT_DAY_EVENTS = 300_000
SESSION_EVENTS = 20  # events of one person in one sitting
SCANNED = ("day", "received_on", "customer", "person", "product", "event", "value")


@dataclass(frozen=True, slots=True)
class Taken:
    """Time on the wall and on all cores; ratios use the latter, fair also on a busy machine."""

    seconds: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Line:
    """One measurement; `ratio` is to the named baseline, `limit` what it may be at most."""

    name: str
    taken: Taken
    baseline: str = ""
    ratio: float | None = None
    limit: float | None = None
    note: str = ""

    def __str__(self) -> str:
        ratio = "" if self.ratio is None else f"{self.ratio:6.2f} × {self.baseline}"
        limit = "" if self.limit is None else f" (at most {self.limit:g})"
        times = f"{self.taken.seconds:8.2f} s {self.taken.cpu_seconds:8.2f} CPU-s"
        return f"{self.name:<46}{times}  {ratio}{limit}  {self.note}".rstrip()


def write_events(path: Path, *, events: int, last_on: date, days: int) -> None:
    """A Parquet file of sessions in the order of time, spread evenly over days and customers."""
    from perennial.events.store import file_literal, open_store

    start = datetime.combine(last_on - timedelta(days=days - 1), datetime.min.time(), UTC)
    start -= timedelta(hours=8)  # midnight in Shanghai
    step = days * 86_400_000_000 // events
    with open_store().session() as session:
        session.run("SET preserve_insertion_order = true")
        session.run(
            f"COPY (SELECT 'c' || s % {CUSTOMERS} AS customer_id, "
            f"'c' || s % {CUSTOMERS} || '-' || hash(s) % 15 AS user_id, "
            "'feature_' || hash(i * 13) % 40 AS event, 'p' || hash(s, 17) % 3 AS product, "
            f"TIMESTAMPTZ '{start}' + to_microseconds(i * {step}) AS timestamp "
            f"FROM (SELECT i, hash(i // {SESSION_EVENTS}) AS s FROM range({events}) AS t(i))) "
            f"TO {file_literal(path)} (FORMAT parquet, COMPRESSION zstd)"
        )


def timed(work: Callable[[], Any]) -> tuple[Taken, Any]:
    wall, cpu = time.perf_counter(), time.process_time()
    answer = work()
    return Taken(time.perf_counter() - wall, time.process_time() - cpu), answer


def load(path: Path, *, batch: int) -> int:
    from perennial.events.load import EventFile, Format, import_events
    from perennial.events.queries import known_customers
    from perennial.events.store import open_store

    file = EventFile(path=path, format=Format.PARQUET, batch=batch, time_zone=ZoneInfo("UTC"))
    done = import_events(
        file,
        store=open_store(),
        known_customers=known_customers(),
        zone=ZoneInfo("Asia/Shanghai"),
        at=datetime(2027, 1, 1, tzinfo=UTC),
    )
    return done.added


def scan(source: str, columns: tuple[str, ...], *, each: str = "max({})") -> float:
    """CPU seconds of the bare engine for reading every value of these columns (the greatest of
    each), the better of two runs. Cheaper scans answer from dictionaries and see few values;
    where a file's statistics would answer the greatest, `each` asks for something else."""
    from perennial.events.store import open_store

    touched = ", ".join(f"{each.format(column)}::VARCHAR" for column in columns)
    with open_store().session() as session:
        sql = f"SELECT {touched} FROM {source}"
        return min(timed(lambda: session.rows(sql))[0].cpu_seconds for _ in "ab")


def measure(*, events: int, folder: Path) -> list[Line]:
    """Everything at one size of history; `folder` is for the file of events."""
    from perennial.events.store import file_literal, open_store
    from perennial.metrics.jobs import fill
    from perennial.metrics.queries import customer_metrics, daily_counts

    path = folder / "events.parquet"
    write_events(path, events=events, last_on=END, days=DAYS)
    columns = ("customer_id", "user_id", "event", "product", "timestamp")
    bare = scan(f"read_parquet({file_literal(path)})", columns, each="max(hash({}))")
    taken, added = timed(lambda: load(path, batch=1))
    lines = [
        Line(
            f"import of {events:,} events",
            taken,
            "bare scan of the file",
            taken.cpu_seconds / bare,
            note=f"{added / taken.seconds:,.0f} rows/s (at least 300,000)",
        )
    ]
    taken, _ = timed(lambda: fill(day=END))
    bare = scan(f"({open_store().snapshot('events').sql()})", SCANNED)
    lines.append(
        Line(
            "daily activity per person, written",
            taken,
            "bare scan of the same columns",
            taken.cpu_seconds / bare,
            5,
        )
    )
    taken, rows = timed(lambda: customer_metrics(as_of=END))
    lines.append(Line("figures of all customers", taken, note=f"{len(rows):,} customers"))
    week20 = timed(lambda: daily_counts(from_on=END - timedelta(days=139), to_on=END))[0]
    lines.append(Line("twenty weeks of daily counts", week20))
    return lines


def one_more_day(*, day: date, events: int, folder: Path, batch: int) -> Taken:
    """From a file with one more day of events to fresh figures."""
    from perennial.metrics.jobs import fill
    from perennial.metrics.queries import customer_metrics

    path = folder / f"day-{day}.parquet"
    write_events(path, events=events, last_on=day, days=1)
    return timed(lambda: (load(path, batch=batch), fill(day=day), customer_metrics(as_of=day)))[0]


def main(*, events: int) -> None:
    """Measure with a tenth of the history and with all of it, in homes of their own."""
    more: dict[int, Taken] = {}
    for size in (events // 10, events):
        with tempfile.TemporaryDirectory(prefix="perennial-bench-") as name:
            folder = Path(name)
            _set_up(folder)
            print(f"\n{size:,} events of {CUSTOMERS:,} customers in {DAYS} days")
            for line in measure(events=size, folder=folder):
                print(line)
            days = [END + timedelta(days=number) for number in (1, 2, 3)]
            per_day = NEXT_DAY_EVENTS * events // 50_000_000
            taken = [
                one_more_day(day=day, events=per_day, folder=folder, batch=10 + number)
                for number, day in enumerate(days)
            ]
            more[size] = sorted(taken, key=lambda it: it.cpu_seconds)[1]
            print(Line(f"one more day of {per_day:,} events to fresh figures", more[size]))
    small, large = more.values()
    ratio = large.cpu_seconds / small.cpu_seconds
    print()
    print(Line("the same day, ten times the history", large, "at a tenth", ratio, 1.3))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:,.0f} MB (at most 3,000)")


def _set_up(home: Path) -> None:
    """An empty home with its database."""
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    os.environ["PERENNIAL_HOME"] = str(home)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perennial.config.settings")
    django.setup()
    connection.close()
    settings.PERENNIAL_HOME = home
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = (
        home / "bench.sqlite3"
    )
    call_command("migrate", verbosity=0, skip_checks=True)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=5_000_000, help="size of the history")
    main(events=options.parse_args().events)

"""What usage costs at a large history: from the inbox to figures, windows, one customer's events.

`python -m bench.usage --events 50000000`: ten thousand customers, 180 days, and a tenth of it.
`--home DIR` keeps the two histories there, so that the next run begins at once. The days that
arrive come over HTTP, as a stock client sends them, and stand in the inbox when the clock starts.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.arriving import BATCH, Arrived, arrive, median
from bench.store import (
    CUSTOMERS,
    DAYS,
    NEXT_DAY_EVENTS,
    Line,
    Taken,
    _set_up,
    load,
    scan,
    timed,
    write_events,
)

if TYPE_CHECKING:
    import ibis.expr.types as ir

WEEKS = 26
LOOKED_UP = 40  # customers whose last events are asked for
RECENT = 100
SCANNED = ("day", "customer", "person", "event", "value")
LIMITS = {  # seconds, bytes
    "day": 3.0,
    "flat": 1.3,
    "raw": 3.0,
    "daily": 1.0,
    "weeks": 10.0,
    "query": 0.150,
    "page": 0.220,
    "event_bytes": 45.0,
    "index_bytes": 20.0,
}


def prepare(home: Path, *, events: int) -> date:
    """The history in this home, made if it is not there; the last day that it has."""
    from perennial.events.queries import event_summary
    from perennial.metrics.jobs import fill

    made = home / "history.json"
    if not made.exists():
        last_on = datetime.now(UTC).date() - timedelta(days=30)  # the days that arrive are past
        path = home / "events.parquet"
        write_events(path, events=events, last_on=last_on, days=DAYS)
        taken, added = timed(lambda: load(path, batch=1))
        path.unlink()
        print(Line(f"made: {added:,} events imported", taken), flush=True)
        fill(day=last_on)
        made.write_text("{}")
    found = event_summary().last_on
    assert found
    return found


def month_figures(as_of: date) -> ir.Table:
    """The 28-day feature set: events, people, active days and breadth of every customer."""
    import ibis

    from perennial.metrics.catalog import ACTIVE_DAYS, ACTIVE_PEOPLE, EVENT_COUNT, FEATURE_BREADTH
    from perennial.metrics.catalog.rows import Reading
    from perennial.metrics.catalog.use import Use, span_columns
    from perennial.metrics.catalog.windows import MONTH_DAYS, rows_until

    rows = rows_until(as_of, Reading())
    rows = rows.filter(rows.day > as_of - timedelta(days=MONTH_DAYS))
    rows = rows.mutate(age=ibis.literal(as_of).delta(rows.day, unit="day").cast("int64"))
    columns: dict[str, ir.Value] = {}
    for name, days in (("week", 7), ("month", MONTH_DAYS)):
        columns |= span_columns(rows, name=name, days=days, age=rows.age, inside=rows.age < days)
    people = rows.group_by("customer", "person").agg(**columns)
    return people.group_by("customer").agg(
        **{
            f"{metric.name}_{name}": metric.parts(Use(people, name, days), None)["value"]
            for metric in (EVENT_COUNT, ACTIVE_PEOPLE, ACTIVE_DAYS, FEATURE_BREADTH)
            for name, days in (("week", 7), ("month", MONTH_DAYS))
        }
    )


def ask(as_of: date, *, raw: bool = False, known_by: date | None = None) -> Any:
    """The feature set on the engine: from daily activity, or straight from events."""
    from perennial.events.store import answer, open_store
    from perennial.metrics.activity import unfilled
    from perennial.metrics.queries.definitions import definitions

    store, defined = open_store(), definitions(as_of)
    first = as_of - timedelta(days=27)
    fresh = {}
    if raw:
        days = {first + timedelta(days=number) for number in range(28)}
        fresh = {"activity": unfilled(store, days, defined, known_by=known_by)}
    return answer(
        month_figures(as_of),
        first_on=first,
        last_on=as_of,
        known_by=known_by,
        offered={"features": defined.masks()},
        fresh=fresh,
    )


def best(work: Callable[[], Any]) -> tuple[Taken, Any]:
    """The median of three; the first warms what is worked out once."""
    work()
    runs = [timed(work) for _ in range(3)]
    return median([taken for taken, _ in runs]), runs[0][1]


def windows(as_of: date) -> Iterator[tuple[Line, bool]]:
    from perennial.events.store import open_store

    first = as_of - timedelta(days=27)
    snapshot = open_store().snapshot("events")
    month = f"({snapshot.sql(snapshot.between(first, as_of))}) AS events"
    bare = scan(month, SCANNED)
    raw, rows = best(lambda: ask(as_of, raw=True))
    daily, same = best(lambda: ask(as_of))
    assert rows.sort_by("customer").equals(same.sort_by("customer")), "raw and daily differ"
    scanned = "bare scan of the same columns"
    for name, taken, limit in (
        ("28-day features from raw events", raw, LIMITS["raw"]),
        ("28-day features from daily activity", daily, LIMITS["daily"]),
    ):
        ratio = taken.cpu_seconds / bare
        note = f"at most {limit:g} s; {len(rows):,} customers"
        yield Line(name, taken, scanned, ratio, note=note), taken.seconds > limit
    weeks = [as_of - timedelta(days=7 * number) for number in range(WEEKS)]
    taken, _ = timed(lambda: [ask(on, known_by=on) for on in weeks])
    yield (
        Line(
            f"{WEEKS} weekly dates, each as known then",
            taken,
            "one date, as known now",
            taken.cpu_seconds / daily.cpu_seconds,
            note=f"at most {LIMITS['weeks']:g} s",
        ),
        taken.seconds > LIMITS["weeks"],
    )


def one_customer() -> Iterator[tuple[Line, bool]]:
    """Last events of some customers: the query, and the page with their usage."""
    from django.test import Client

    from perennial.config.server import collect_static
    from perennial.customers.models import Customer
    from perennial.events.queries import recent_events
    from perennial.team.models import Role, User

    names = [f"c{number * 97 % CUSTOMERS}" for number in range(LOOKED_UP)]
    queries = [timed(lambda name=name: recent_events(name, limit=RECENT)) for name in names]  # type: ignore[misc]
    assert any(len(found) for _, found in queries)
    collect_static()
    user = User.objects.filter(role=Role.ADMIN).first()
    user = user or User.objects.create(email="bench@example.invalid", role=Role.ADMIN)
    client = Client()
    client.force_login(user)
    pages = []
    for name in names:
        customer, _ = Customer.objects.get_or_create(
            external_id=name, defaults={"name": name, "recorded_at": datetime.now(UTC)}
        )
        address = f"/customers/{customer.pk}/?tab=usage"
        taken, answer = timed(lambda address=address: client.get(address))  # type: ignore[misc]
        assert answer.status_code == 200
        pages.append(taken)
    for title, times, limit in (
        (f"last {RECENT} events of a customer", [it for it, _ in queries], LIMITS["query"]),
        ("page with the latest events of a customer", pages, LIMITS["page"]),
    ):
        seconds = sorted(it.seconds for it in times[1:])
        p95 = seconds[int(len(seconds) * 0.95) - 1]
        note = f"p95 {p95 * 1000:.0f} ms (at most {limit * 1000:g}), median of {len(seconds)} left"
        yield Line(title, median(times[1:]), note=note), p95 > limit


def measure(home: Path, *, events: int, arriving: int) -> tuple[Arrived, int]:
    """All of it with one history; how many limits were missed."""
    missed = 0
    print(f"\n{events:,} events of {CUSTOMERS:,} customers in {DAYS} days", flush=True)
    _set_up(home)
    last_on = prepare(home, events=events)
    arrived = arrive(after=last_on, events=arriving)
    print(Line(f"{arriving:,} events, inbox to store", arrived.loading))
    print(Line("… to fresh figures of all customers", arrived.taken, note="at most 3 s"))
    print(
        f"{arrived.event_bytes:.1f} bytes an event that arrived (at most 45), "
        f"{arrived.index_bytes:.1f} in the index (at most 20)",
        flush=True,
    )
    for line, over in (*windows(last_on), *one_customer()):
        print(line, flush=True)
        missed += over
    return arrived, missed


def main(*, events: int, home: Path | None) -> int:
    """A tenth of the history, then all of it, each in a process of its own."""
    arriving = max(BATCH, NEXT_DAY_EVENTS * events // 50_000_000 // BATCH * BATCH)
    found = []
    with (
        tempfile.TemporaryDirectory(prefix="perennial-bench-") as name,
        ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as processes,
    ):
        for size in (events // 10, events):
            folder = (home or Path(name)) / str(size)
            folder.mkdir(parents=True, exist_ok=True)
            job = processes.submit(measure, folder, events=size, arriving=arriving)
            found.append(job.result())
    (small, _), (large, missed) = found
    ratio = large.taken.cpu_seconds / small.taken.cpu_seconds
    print()
    print(Line("the same day, ten times the history", large.taken, "at a tenth", ratio, 1.3))
    over = (
        large.taken.seconds > LIMITS["day"],
        ratio > LIMITS["flat"],
        large.event_bytes > LIMITS["event_bytes"],
        large.index_bytes > LIMITS["index_bytes"],
    )
    return missed + sum(over)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=5_000_000, help="size of the history")
    options.add_argument("--home", type=Path, help="a folder that keeps the histories")
    asked = options.parse_args()
    sys.exit(main(events=asked.events, home=asked.home))

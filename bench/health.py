"""What a day's health costs, and a draft's preview; with no history and with three years of it.

`python -m bench.health --customers 10000`. Baselines: the plain rule, one customer after the
other, against all at once; the day with three years of scores behind it against none.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from bench.day import perennial

EVENTS_EACH = 300  # of a customer, over the demo's history
YEARS_DAYS = 3 * 365
DAY_SECONDS = 3.0
PREVIEW_SECONDS = 1.0
GROWS_AT_MOST = 1.3
LOOP_CUSTOMERS = 1_000  # the plain rule is asked of so many


def _home(home: Path, *, customers: int) -> date:
    """A home with every kind of fact, its usage computed; the day that is to be judged."""
    files = home.parent / "files"
    perennial(
        home,
        *("demo", "--to", str(files), "--customers", str(customers)),
        *("--events", str(customers * EVENTS_EACH)),
    )
    kinds = ("customers", "people", "orders", "tickets", "invoices", "surveys", "touches")
    for kind in kinds:
        if (files / f"{kind}.csv").exists():
            perennial(home, "import", kind, str(files / f"{kind}.csv"))
    perennial(home, "import", "events", str(files / "events.parquet"))
    shutil.rmtree(files)
    os.environ["PERENNIAL_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "perennial.config.settings"
    import django

    django.setup()
    return computed_until()


def computed_until() -> date:
    """The last day with events, after the steps that health stands on."""
    from perennial.contracts import jobs as contracts
    from perennial.events.queries import event_summary
    from perennial.health import jobs as health
    from perennial.metrics import jobs as metrics

    day = event_summary().last_on
    assert day
    metrics.fill(day=day)
    contracts.fill(day=day)
    health.fill(day=day)  # classes of the past and a first model are made once
    return day


def _seconds(day: date, *, times: int = 3) -> float:
    """The best of some runs of one day's health, each into a history without that day."""
    from perennial.health.jobs import fill

    taken = []
    for _ in range(times):
        _forget(day)
        start = time.perf_counter()
        fill(day=day)
        taken.append(time.perf_counter() - start)
    return min(taken)


def _forget(day: date) -> None:
    """Take the rows of one day out of the history."""
    from perennial.events.store import open_store

    store = open_store()
    with store.writing(), store.session() as session:
        change = store.change("health_history", session)
        for file in store.snapshot("health_history").between(day, day):
            rows = store.snapshot("health_history").sql((file,))
            change.add(f"SELECT * FROM ({rows}) WHERE day <> '{day}'", month=file.month)
            change.remove(file)
        if change.removed:
            store.commit(change, days=[day])


def _row_bytes(day: date) -> float:
    from perennial.events.store import open_store

    files = open_store().snapshot("health_history").between(day, day)
    return sum(file.size for file in files) / sum(file.rows for file in files)


def _remember(day: date) -> int:
    """Three years of history before a day: its rows again on every day, with other scores."""
    from perennial.events.store import open_store
    from perennial.events.store.engine import identifier

    store = open_store()
    first, end = day - timedelta(days=YEARS_DAYS), day - timedelta(days=1)
    with store.writing(), store.session() as session:
        rows = store.snapshot("health_history").sql(
            store.snapshot("health_history").between(day, day)
        )
        names = [it for it in store.snapshot("health_history").table.columns if it != "day"]
        session.run(f"CREATE TEMP TABLE one AS SELECT * FROM ({rows}) WHERE day = '{day}'")
        change = store.change("health_history", session)
        start = first
        while start <= end:
            month = start.replace(day=1)
            last = min(end, (month + timedelta(days=32)).replace(day=1) - timedelta(days=1))
            others = ", ".join(identifier(name) for name in names if name != "parts")
            change.add(
                f"SELECT d.day::DATE AS day, {others}, "
                "replace(parts, '\"measures\"', '\"measures\"' || repeat(' ', "
                "(hash(customer, d.day) % 3)::INT)) AS parts "
                f"FROM one, (SELECT unnest(generate_series(DATE '{start}', DATE '{last}', "
                "INTERVAL 1 DAY)) AS day) d",
                month=month,
            )
            start = last + timedelta(days=1)
        store.commit(change, days=[first, end])
    return store.snapshot("health_history").rows


def _previews(day: date) -> tuple[float, float]:
    """Seconds of a draft over everybody at once, and by the plain rule (as if for all)."""
    from perennial.health.inputs.cases import day_cases
    from perennial.health.inputs.reading import gather
    from perennial.health.judging import judge_all
    from perennial.health.rules import Reading, judge
    from perennial.health.rules.defaults import SHIPPED

    cases = day_cases(day)
    readings = gather(cases, sorted({it.source for by in SHIPPED for it in by.items}))
    judge_all(readings, SHIPPED)  # the facts that audiences ask for are read once
    start = time.perf_counter()
    judge_all(readings, SHIPPED)
    at_once = time.perf_counter() - start
    some = min(len(cases), LOOP_CUSTOMERS)
    plain = [
        {
            name: Reading(None if column.value[n] != column.value[n] else float(column.value[n]))
            for name, column in readings.items()
        }
        for n in range(some)
    ]
    connected = frozenset(name for name, column in readings.items() if column.connected.any())
    start = time.perf_counter()
    for one in plain:
        judge(one, profile=SHIPPED[0], connected=connected, as_of=day)
    loop = (time.perf_counter() - start) * len(cases) / max(some, 1)
    return at_once, loop


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=10_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        day = _home(Path(folder) / "home", customers=asked.customers)
        empty = _seconds(day)
        at_once, loop = _previews(day)
        row_bytes = _row_bytes(day)
        start = time.perf_counter()
        rows = _remember(day)
        made = time.perf_counter() - start
        full = _seconds(day)
    print(
        f"  a draft on {asked.customers:,} customers, bands included: {at_once:.3f} s (at most "
        f"{PREVIEW_SECONDS:g}); the plain rule one by one takes {loop / at_once:.0f} × as long\n"
        f"  the day's health: {empty:.2f} s with no history (at most {DAY_SECONDS:g}), "
        f"{full:.2f} s with three years of it = {full / empty:.2f} × (at most {GROWS_AT_MOST})\n"
        f"  three years of scores: {rows:,} rows, written in {made:.0f} s; {row_bytes:.0f} bytes a "
        f"row on a real day, so {row_bytes * rows / 2**30:.1f} GiB"
    )
    slow = max(empty, full) > DAY_SECONDS or full > GROWS_AT_MOST * empty
    return int(slow or at_once > PREVIEW_SECONDS)


if __name__ == "__main__":
    sys.exit(main())

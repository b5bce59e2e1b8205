"""When is Spark worth it? The same questions on both engines over a growing history.

`python -m bench.scale --events 5000000`: a hundredth, a tenth and all of it, on a Spark cluster
of two workers with one core each on this machine, against the embedded engine on all cores. From
these follows the cost model of docs/guide/scaling.md: a question costs some seconds to begin and
some per million events, and Spark's are divided among its cores.
"""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

WORKER_CORES = 2
ENGINES = ("duckdb", "local-cluster")


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of a question: to begin, and per million events."""

    begin: float
    per_million: float

    def at(self, millions: float, *, share: float = 1) -> float:
        """Seconds for so many events, with this multiple of the measured cores."""
        return self.begin + self.per_million * millions / share


def fitted(measured: dict[float, float]) -> Cost:
    """The straight line through the smallest and the largest size (millions → seconds)."""
    (small, fast), (large, slow) = min(measured.items()), max(measured.items())
    per_million = max((slow - fast) / (large - small), 1e-9)
    return Cost(max(fast - per_million * small, 0), per_million)


def questions() -> dict[str, Callable[[], Any]]:
    """What is asked: a month of people from daily activity, and of some events from raw ones."""
    from bench.store import END
    from perennial.metrics.catalog import metric_named
    from perennial.metrics.queries.asked import Asked, ask
    from perennial.metrics.rules.periods import By, Grain

    people, count = metric_named("active_people"), metric_named("event_count")
    assert people and count
    first = END.replace(month=1, day=1)
    base = Asked(people, Grain.MONTH, By.CUSTOMER, first, END, END)
    some = replace(base, metric=count, event="feature_7")
    return {"from daily activity": lambda: ask(base), "from raw events": lambda: ask(some)}


def seconds(work: Callable[[], Any]) -> float:
    """The better of two runs."""
    taken = []
    for _ in "ab":
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def measure(events: int) -> dict[tuple[str, str], float]:
    """Seconds by question and engine for one size of history, in a home of its own."""
    from django.conf import settings

    from bench.store import DAYS, END, _set_up, load, write_events

    found = {}
    with tempfile.TemporaryDirectory(prefix="perennial-bench-") as name:
        folder = Path(name)
        _set_up(folder)
        from perennial.events.store import open_store
        from perennial.metrics.jobs import fill

        write_events(folder / "events.parquet", events=events, last_on=END, days=DAYS)
        load(folder / "events.parquet", batch=1)
        fill(day=END)
        size = sum(file.size for file in open_store().snapshot("events").files)
        print(f"\n{events:,} events, {size / events:.1f} bytes each")
        for question, work in questions().items():
            for engine in ENGINES:
                settings.PERENNIAL_ENGINE = engine
                found[question, engine] = seconds(work)
            settings.PERENNIAL_ENGINE = "duckdb"
            embedded, spark = (found[question, engine] for engine in ENGINES)
            print(
                f"{question:<22}{embedded:8.2f} s  Spark {spark:8.2f} s  {spark / embedded:6.1f} ×"
            )
    return found


def main(*, events: int) -> None:
    if importlib.util.find_spec("pyspark") is None:
        print("not measured: Spark is not installed (make spark)")
        return
    sizes = [events // 100, events // 10, events]
    found = {}
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as processes:
        for size in sizes:  # each with a home, and a cluster, of its own
            found[size] = processes.submit(measure, size).result()
    print("\nseconds to begin + seconds per million events; cores at which Spark overtakes")
    for question in dict.fromkeys(question for question, _ in found[events]):
        embedded, spark = (
            fitted({size / 1e6: found[size][question, engine] for size in sizes})
            for engine in ENGINES
        )
        print(
            f"{question:<22}{embedded.begin:6.2f} + {embedded.per_million:.4f}"
            f"   Spark {spark.begin:6.2f} + {spark.per_million:.4f} on {WORKER_CORES} cores"
        )
        for millions in (50, 500, 5000):
            print(f"  {millions:>6,} M: {told(embedded, spark, millions=millions)}")


def told(embedded: Cost, spark: Cost, *, millions: float) -> str:
    """What the two lines say of one size: the embedded engine's seconds, and the cores with
    which Spark takes as long, when the work divides evenly."""
    limit = embedded.at(millions)
    left = limit - spark.begin
    if left <= 0:
        return f"embedded {limit:.1f} s; Spark takes longer to begin, whatever its cores"
    cores = WORKER_CORES * spark.per_million * millions / left
    return f"embedded {limit:.1f} s; Spark as fast from {cores:.0f} cores on"


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=5_000_000, help="the largest history")
    main(events=options.parse_args().events)

"""Server time of the pages at 10,000 customers: median, 95th percentile, queries, bytes.

`python -m bench.pages --customers 10000`. The baseline is the same request to the log-in page:
what Django itself costs on this machine.
"""

from __future__ import annotations

import argparse
import gzip
import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

PAGES = (
    ("Log-in (baseline)", "/log-in/"),
    ("Customers", "/customers/"),
    ("Customers, searched", "/customers/?q=bj"),
    ("Customer", "/customers/{customer}/"),
    ("Today", "/"),
    ("Today, one lane", "/?lane=risk"),
    ("Month", "/calendar/?scope=all"),
    ("Team", "/team/"),
    ("Actions", "/work/?tab=all"),
    ("Alerts", "/alerts/"),
    ("Palette", "/palette/?q=bj"),
    ("Revenue", "/revenue/"),
    ("Revenue, as known", "/revenue/?known_at=2026-03-31"),
    ("Cohorts", "/revenue/cohorts/"),
)
LIMITS = {  # seconds, median
    "Customers": 0.100,
    "Customer": 0.100,
    "Today": 0.150,
    "Month": 0.150,
    "Team": 0.150,
    "Alerts": 0.100,
    "Palette": 0.100,
    "Revenue": 0.150,
    "Revenue, as known": 0.150,
    "Cohorts": 0.150,
}
MOST_QUERIES = {"Today": 40, "Customer": 75}  # pages of many slices; of the others
MOST_QUERIES_ELSE = 30
QUEUE = """
SELECT customer_id, MAX(rank_value) FILTER (WHERE lane <> 'good_news') AS pressing
FROM work_workitem WHERE state IN ('open', 'in_progress')
GROUP BY customer_id ORDER BY pressing DESC LIMIT 15
"""  # the ranked customers and nothing else: what Today would cost without a page around it
ROUNDS = 20


def prepare(customers: int) -> Any:
    """A home with the demo company of this size and its last day; its administrator."""
    from contextlib import nullcontext

    from perennial.config import database, pipeline
    from perennial.demo.load import make_home
    from perennial.units.progress import silent

    database.ready()
    made = make_home(
        end_on=date(2026, 6, 30),
        at=datetime.now(UTC),
        watch=lambda _title: nullcontext(silent),
        customers=customers,
        events=customers * 100,
        language="zh",
    )
    pipeline.run(day=made.end_on)
    return made.opens_as


def measure(client: Any, path: str) -> tuple[list[float], int, int]:
    """Seconds of each round, queries of one request, compressed bytes of its page."""
    from django.db import connection

    queries: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        queries.append(sql)
        return execute(sql, *rest)

    client.get(path)  # warm: what is worked out once per state of the data
    with connection.execute_wrapper(note):
        answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        client.get(path)
        seconds.append(time.perf_counter() - start)
    return seconds, len(queries), len(gzip.compress(answer.content))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--home", type=Path, help="a home that was prepared before")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PERENNIAL_HOME"] = str(asked.home or folder)
        os.environ["DJANGO_SETTINGS_MODULE"] = "perennial.config.settings"
        import django

        django.setup()
        return report(asked.customers)


def report(customers: int) -> int:
    from django.test import Client

    from perennial.config.server import collect_static
    from perennial.customers.models import Customer

    user = prepare(customers)
    collect_static()
    client = Client()
    client.force_login(user)
    first = Customer.objects.order_by("pk").values_list("pk", flat=True)[0]
    baseline, today, over = 0.0, 0.0, 0
    print(f"{'page':<24}{'median':>10}{'p95':>10}{'× log-in':>10}{'queries':>9}{'KB':>7}")
    for name, path in PAGES:
        asking = client if baseline else Client()
        seconds, queries, size = measure(asking, path.format(customer=first))
        median, worst = statistics.median(seconds), sorted(seconds)[int(ROUNDS * 0.95) - 1]
        baseline = baseline or median
        most = MOST_QUERIES.get(name, MOST_QUERIES_ELSE)
        today = median if name == "Today" else today
        over += median > LIMITS.get(name, 60) or queries > most
        print(
            f"{name:<24}{median * 1000:>7.0f} ms{worst * 1000:>7.0f} ms{median / baseline:>10.1f}"
            f"{queries:>9}{size / 1000:>7.1f}"
        )
    bare = _bare()
    print(f"Today {today / bare:.0f} × the bare SQL of its queue ({bare * 1000:.1f} ms)")
    return over


def _bare() -> float:
    """Median seconds of the queue's SQL alone."""
    from django.db import connection

    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(QUEUE)
            cursor.fetchall()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


if __name__ == "__main__":
    sys.exit(main())

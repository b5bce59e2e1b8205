"""One more day of 300,000 events through the whole day's run, with a short and a long history.

`python -m bench.day --events 50000000 --customers 10000`. The baseline is the same day after a
tenth of the history: a day must not become dearer as a home grows.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

DAY = date(2026, 6, 30)
TENTH = 10
GROWS_AT_MOST = 1.3
SECONDS_AT_MOST = 10.0


def perennial(home: Path, *arguments: str) -> float:
    """Run a command; its seconds. Its peak of memory is in `resource` afterwards."""
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "perennial.config.cli", *arguments],
        env=os.environ | {"PERENNIAL_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - start


def one_more_day(folder: Path, *, events: int, customers: int, new_events: int) -> float:
    """Seconds of import and run of one more day, after a history of so many events."""
    home, files, fresh = folder / "home", folder / "files", folder / "fresh.ndjson"
    perennial(
        home, "demo", "--to", str(files), "--customers", str(customers), "--events", str(events)
    )
    for kind in ("customers", "people", "orders", "pauses"):
        perennial(home, "import", kind, str(files / f"{kind}.csv"))
    perennial(home, "import", "events", str(files / "events.parquet"))
    first = json.loads((files / "truth" / "parameters.json").read_text())
    last_on = date.fromisoformat(str(first.get("end_on", DAY)))
    perennial(home, "run", "--day", str(last_on - timedelta(days=1)))
    with fresh.open("w") as file:
        for n in range(new_events):
            moment = f"{last_on}T{n % 24:02}:{n // 24 % 60:02}:{n % 60:02}+08:00"
            row = {
                "event": "report_opened",
                "timestamp": moment,
                "message_id": f"m-{n}",
                "user_id": f"U{n % (customers * 6)}",
                "customer_id": _known(files, n),
            }
            file.write(json.dumps(row) + "\n")
    loading = perennial(home, "import", "events", str(fresh))
    running = perennial(home, "run", "--day", str(last_on))
    print(
        f"  {events:>11,} events of history: import {loading:.1f} s, run {running:.1f} s",
        flush=True,
    )
    return loading + running


_ids: list[str] = []


def _known(files: Path, n: int) -> str:
    if not _ids:
        lines = (files / "customers.csv").read_text(encoding="utf-8-sig").splitlines()
        place = lines[0].split(",").index("external_id")
        _ids.extend(line.split(",")[place] for line in lines[1:])
    return _ids[n % len(_ids)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=50_000_000)
    parser.add_argument("--customers", type=int, default=10_000)
    asked = parser.parse_args()
    new_events = max(1_000, 300_000 * asked.customers // 10_000)
    seconds = []
    for events in (asked.events // TENTH, asked.events):
        _ids.clear()
        with tempfile.TemporaryDirectory() as folder:
            seconds.append(
                one_more_day(
                    Path(folder), events=events, customers=asked.customers, new_events=new_events
                )
            )
    short, long = seconds
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    print(
        f"  one more day of {new_events:,} events: {long:.1f} s (at most {SECONDS_AT_MOST:g});"
        f" {long / short:.2f} × the day after a tenth of the history (at most {GROWS_AT_MOST});"
        f" peak of any command {peak:.2f} GiB"
    )
    return int(long > SECONDS_AT_MOST or long > GROWS_AT_MOST * short)


if __name__ == "__main__":
    sys.exit(main())

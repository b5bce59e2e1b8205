"""A backtest of 5,000 renewals at four horizons, against one day's run of the same home.

`python -m bench.backtest --customers 4000 --events 3000000`. The baseline is `perennial run` of
one day: a backtest that ran a day for every day before a renewal would take hundreds of those.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from datetime import date
from os import environ
from pathlib import Path
from typing import Any

from bench.day import perennial

RENEWALS = 5_000
SECONDS_AT_MOST = 20.0
KINDS = ("customers", "people", "orders", "pauses", "tickets", "invoices", "surveys", "touches")


def backtest(home: Path) -> tuple[float, Any]:
    """Seconds of the whole command, and its document."""
    command = ["health", "backtest", "--outcomes", "renewals", "--json"]
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "perennial.config.cli", *command],
        env=environ | {"PERENNIAL_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - start, json.loads(done.stdout)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=3_000_000)
    parser.add_argument("--customers", type=int, default=4_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home, files = Path(folder) / "home", Path(folder) / "files"
        size = ("--customers", str(asked.customers), "--events", str(asked.events))
        perennial(home, "demo", "--to", str(files), *size)
        for kind in KINDS:
            perennial(home, "import", kind, str(files / f"{kind}.csv"))
        perennial(home, "import", "events", str(files / "events.parquet"))
        made = json.loads((files / "truth" / "parameters.json").read_text())
        end_on = date.fromisoformat(str(made["end_on"]))
        perennial(home, "run", "--day", str(end_on))  # fills what is read by both
        day = perennial(home, "run", "--day", str(end_on))
        seconds, found = backtest(home)
        again, same = backtest(home)
    renewals = found["horizons"][0]["n"]
    at_most = SECONDS_AT_MOST * max(1.0, renewals / RENEWALS)
    print(
        f"  {renewals:,} renewals at {len(found['horizons'])} horizons: {seconds:.1f} s, again"
        f" {again:.1f} s (at most {at_most:.0f}); {seconds / day:.2f} × a day's run of {day:.1f} s"
    )
    return int(min(seconds, again) > at_most or found != same)


if __name__ == "__main__":
    sys.exit(main())

"""`make bench`: every measurement, one after the other; ARGS="--scale 0.01" for a quick look.

Each prints ratios against a named baseline of the same run: those travel between machines. The
absolute figures belong to the machine that is named first.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from pathlib import Path

EVENTS = 50_000_000
CUSTOMERS = 10_000
PAYERS = 300_000  # of the order lines in bench/revenue.py


def machine() -> str:
    model = "unknown processor"
    if (info := Path("/proc/cpuinfo")).exists():
        lines = [it for it in info.read_text().splitlines() if it.startswith("model name")]
        model = lines[0].partition(":")[2].strip() if lines else model
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--scale", type=float, default=1.0, help="1 is 50 M events, 10,000 customers"
    )
    names = ["store", "usage", "day", "pages", "revenue"]
    names += ["intake", "drops", "fading", "scale", "health", "backtest", "playbooks"]
    parser.add_argument("--only", choices=[*names, "risk"], help="one of them")
    parser.add_argument("--home", type=Path, help="keeps the histories of `usage`")
    asked = parser.parse_args()
    events, customers = int(EVENTS * asked.scale), max(100, int(CUSTOMERS * asked.scale))
    runs = {
        "store": ["--events", str(events)],
        "usage": ["--events", str(events), *(["--home", str(asked.home)] if asked.home else [])],
        "day": ["--events", str(events), "--customers", str(customers)],
        "pages": ["--customers", str(customers)],
        "revenue": [
            *("--customers", str(max(1000, int(PAYERS * asked.scale)))),
            *("--page-customers", str(customers)),
        ],
        "intake": ["--seconds", str(max(1.0, 4 * asked.scale))],
        "drops": ["--customers", str(max(300, customers // 5)), "--seeds", "5"],
        "fading": [],
        "scale": ["--events", str(events)],
        "health": ["--customers", str(customers)],
        "backtest": [
            *("--events", str(max(100_000, int(3_000_000 * asked.scale)))),
            *("--customers", str(max(300, int(4_000 * asked.scale)))),
        ],
        "playbooks": ["--customers", str(max(300, customers // 2))],
        "risk": ["--seeds", "5" if asked.scale >= 1 else "1"],
    }
    print(machine(), flush=True)
    failed = 0
    for name, options in runs.items():
        if asked.only in (None, name):
            print(f"\n{name}", flush=True)
            command = [sys.executable, "-m", f"bench.{name}", *options]
            failed += subprocess.run(command, check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())

"""Drop alerts on generated truth, by the road a user takes: demo, import, `alerts replay --json`.

`python -m bench.drops [--seeds 5] [--customers 2000]`. Profile d2 plants permanent drops in two
years of scattered, drifting usage with holidays; what it planted and when is in its `truth/`.
False is every alert about a customer that is not within eight weeks after its planted drop, also
a second one about the same drop later on. The holidays are those of the calendar, not of the
generator's files.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

AFTERMATH_DAYS = 56
FROM_WEEK = 26  # where the first drop can be; before it there is too little history
# First day of the long breaks of these years, and how many days they last.
BREAKS = [
    (date(year, 10, 1), 7) for year in range(2019, 2031)
] + [
    (date(2020, 1, 24), 8), (date(2021, 2, 11), 8), (date(2022, 1, 31), 8), (date(2023, 1, 21), 8),
    (date(2024, 2, 9), 8), (date(2025, 1, 28), 8), (date(2026, 2, 16), 8), (date(2027, 2, 5), 8),
    (date(2028, 1, 25), 8), (date(2029, 2, 12), 8), (date(2030, 2, 2), 8),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """A share of the planted drops that must be found: of these depths and weekly rates."""

    name: str
    depths: tuple[float, ...]
    rates: tuple[float, float]
    within_days: int
    at_least: float


CELLS = (
    Cell("70 % drops at ≥ 20 a week, in 4 weeks", (0.7,), (20, 1e9), 28, 0.80),
    Cell("≥ 90 % drops at ≥ 20 a week, in 4 weeks", (0.9, 1.0), (20, 1e9), 28, 0.95),
    Cell("≥ 90 % drops at 5–20 a week, in 4 weeks", (0.9, 1.0), (5, 20), 28, 0.85),
    Cell("full stops at ≥ 20 a week, in 2 weeks", (1.0,), (20, 1e9), 14, 0.90),
    Cell("50 % drops at ≥ 20 a week, in 4 weeks", (0.5,), (20, 1e9), 28, 0.0),
)
FALSE_AT_MOST, HOLIDAY_AT_MOST = 0.30, 0.10
FALSE, HOLIDAY, COMPANY = "false alarms a customer-year", "of them in holiday weeks", "company-wide"


def holiday_weeks(first: date, last: date) -> set[date]:
    """Days whose last seven days hold a day of a long break."""
    return {
        start + timedelta(days=after)
        for start, length in BREAKS
        for after in range(length + 6)
        if first <= start + timedelta(days=after) <= last
    }


def figures(
    alerts: Iterable[dict[str, Any]],
    drops: Iterable[dict[str, str]],
    *,
    customers: int,
    first: date,
    last: date,
) -> dict[str, float]:
    """What is promised, by name; `alerts` of any day before `first` are left out."""
    planted = {
        it["customer_id"]: (date.fromisoformat(it["starts_on"]), float(it["depth"]),
                            float(it["weekly_rate"]))
        for it in drops
    }  # fmt: skip
    raised: dict[str, list[date]] = {}
    false: list[date] = []
    kinds: Counter[str] = Counter()
    company = 0
    for it in alerts:
        on, who = date.fromisoformat(it["raised_on"]), it["customer"]
        if on < first:
            continue
        if who is None:
            company += 1
            continue
        raised.setdefault(who, []).append(on)
        start = planted[who][0] if who in planted else None
        if start is None or not start <= on < start + timedelta(days=AFTERMATH_DAYS):
            false.append(on)
            kinds[it["kind"]] += 1
    years = customers * ((last - first).days + 1) / 365.25
    holidays = holiday_weeks(first, last)
    found = {FALSE: len(false) / years}
    found |= {f"  {kind}": kinds[kind] / years for kind in ("sudden", "slow", "stop", "fade")}
    found |= {HOLIDAY: sum(on in holidays for on in false) / max(len(false), 1), COMPANY: company}
    for cell in CELLS:
        meant = [
            any(start <= on < start + timedelta(days=cell.within_days)
                for on in raised.get(who, []))
            for who, (start, depth, rate) in planted.items()
            if depth in cell.depths and cell.rates[0] <= rate < cell.rates[1]
        ]  # fmt: skip
        found[cell.name] = sum(meant) / max(len(meant), 1)
    return found


def measured(folder: Path, *, seed: int, customers: int) -> dict[str, float]:
    files = folder / f"d2-{seed}"
    home = os.environ | {"PERENNIAL_HOME": str(folder / f"home-{seed}")}

    def perennial(*words: str) -> str:
        command = [sys.executable, "-m", "perennial.config.cli", *words]
        return subprocess.run(
            command, env=home, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ).stdout.decode()

    size = ("--customers", str(customers), "--seed", str(seed))
    perennial("demo", "--profile", "d2", *size, "--to", str(files))
    made = json.loads((files / "truth" / "parameters.json").read_text())
    start, last = date.fromisoformat(made["start_on"]), date.fromisoformat(made["end_on"])
    perennial("import", "customers", str(files / "customers.csv"))
    perennial("import", "events", str(files / "events.parquet"))
    begun = time.perf_counter()
    replayed = perennial("alerts", "replay", "--from", str(start), "--to", str(last), "--json")
    seconds = time.perf_counter() - begun
    with (files / "truth" / "drops.csv").open(encoding="utf-8-sig", newline="") as truth:
        found = figures(
            json.loads(replayed),
            list(csv.DictReader(truth)),
            customers=customers,
            first=start + timedelta(weeks=FROM_WEEK),
            last=last,
        )
    return found | {"seconds of the replay": seconds}


def kept(found: dict[str, float]) -> bool:
    """Whether these (mean) figures are as good as promised."""
    good = found[FALSE] <= FALSE_AT_MOST and found[HOLIDAY] <= HOLIDAY_AT_MOST
    return good and all(found[cell.name] >= cell.at_least for cell in CELLS)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--customers", type=int, default=2000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runs = [
            measured(Path(folder), seed=seed, customers=asked.customers)
            for seed in range(1, asked.seeds + 1)
        ]
    means = {name: sum(run[name] for run in runs) / len(runs) for name in runs[0]}
    for name, mean in means.items():
        values = [run[name] for run in runs]
        print(f"  {name:<42} {mean:8.3f}   ({min(values):.3f} to {max(values):.3f})")
    good = kept(means)
    print(f"  as promised over {len(runs)} seeds: {'yes' if good else 'NO'}")
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())

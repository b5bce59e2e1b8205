"""Who died or faded in real histories, and who of them was called in time: the replayed alerts
against a simple rule. `python -m bench.fading`; skips what the shared data do not have.

Died: silent for 365 days from the last event. Faded: the first day on which the last 365 days
hold at most a quarter of the best 365 days before (of at least 20 events). Caught: an alert
within the 365 days before. The rule: 28 days at ≤ 40 % of the mean of the three 28-day blocks
before, where that mean is ≥ 5; at rest for 28 days after it spoke.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

YEAR, BLOCK = 365, 28
LEAST_BEST, FADED_SHARE = 20, 0.25
RULE_SHARE, RULE_LEAST = 0.4, 5
EVERY_DAYS = (1, 7, 28)  # the rule looked at daily, weekly, and block by block
FILES = ("org_activity_dev.parquet", "git_activity_dev.parquet")
KEY = ["account", "cid", "event", "user", "ts"]
Alert = tuple[int, int]  # row, day


@dataclass(frozen=True, slots=True)
class Histories:
    """Events by company and day; `until`: the last day on which each was observed."""

    names: list[str]
    first_on: date
    counts: NDArray[np.float64]
    until: NDArray[np.int64]

    def days(self, row: int) -> int:
        """From the first event to the last day observed."""
        return int(self.until[row] - np.flatnonzero(self.counts[row])[0] + 1)


def histories(path: Path) -> Histories:
    """Of a file with these columns; equal rows count once."""
    table = pq.read_table(path, columns=KEY)
    table = table.group_by(KEY).aggregate([])
    names = sorted(set(table["account"].to_pylist()))
    place = {name: row for row, name in enumerate(names)}
    at = table["ts"].to_numpy().astype("datetime64[s]") + np.timedelta64(8, "h")
    days = at.astype("datetime64[D]")
    first = days.min()
    last = int((days.max() - first).astype(int))
    counts = np.zeros((len(names), last + 1))
    rows = [place[name] for name in table["account"].to_pylist()]
    np.add.at(counts, (rows, (days - first).astype(int)), 1)
    until = np.full(len(names), last)
    beside = path.with_name(path.stem + "_accounts.csv")
    if beside.exists():
        for row in pacsv.read_csv(beside).to_pylist():
            if row["account"] in place:
                seen = np.datetime64(row["observed_until"]) - first
                until[place[row["account"]]] = min(last, int(seen.astype(int)))
    return Histories(names, date.fromisoformat(str(first)), counts, until)


def outcomes(it: Histories) -> dict[str, dict[int, int]]:
    """Rows and the days on which they died or faded; `either`: died, else faded."""
    died, faded = {}, {}
    for row, counts in enumerate(it.counts):
        active = np.flatnonzero(counts[: it.until[row] + 1])
        if not len(active):
            continue
        if active[-1] + YEAR <= it.until[row]:
            died[row] = int(active[-1])
        total = np.concatenate([[0], np.cumsum(counts)])
        years = total[YEAR:] - total[:-YEAR]  # element k ends on day k + 364
        best = np.maximum.accumulate(years)
        ends = np.arange(YEAR, len(years))
        ends = ends[(ends - YEAR >= active[0]) & (ends + YEAR - 1 <= it.until[row])]
        low = (best[ends - YEAR] >= LEAST_BEST) & (years[ends] <= FADED_SHARE * best[ends - YEAR])
        if low.any():
            faded[row] = int(ends[low][0]) + YEAR - 1
    return {"died": died, "faded": faded, "either": faded | died}


def rule(it: Histories, *, every_days: int) -> list[Alert]:
    """What the simple rule says, looked at every so many days."""
    total = np.concatenate([np.zeros((len(it.counts), 1)), np.cumsum(it.counts, axis=1)], axis=1)
    quiet_until, found = np.zeros(len(it.counts)), []
    for day in range(4 * BLOCK - 1, it.counts.shape[1], every_days):
        now = total[:, day + 1] - total[:, day + 1 - BLOCK]
        before = (total[:, day + 1 - BLOCK] - total[:, day + 1 - 4 * BLOCK]) / 3
        hit = (before >= RULE_LEAST) & (now <= RULE_SHARE * before) & (day >= quiet_until)
        found += [(int(row), day) for row in np.flatnonzero(hit & (day <= it.until))]
        quiet_until[hit] = day + BLOCK
    return found


def caught(alerts: Iterable[Alert], ended: dict[int, int]) -> int:
    by_row: dict[int, list[int]] = {}
    for row, day in alerts:
        by_row.setdefault(row, []).append(day)
    return sum(
        any(end - YEAR <= day <= end for day in by_row.get(row, [])) for row, end in ended.items()
    )


def per_year(alerts: list[Alert], it: Histories) -> float:
    return len(alerts) / (sum(it.days(row) for row in range(len(it.names))) / 365.25)


def replayed(path: Path, it: Histories, *, home: Path) -> list[Alert]:
    """By the commands: import, replay."""
    base = [sys.executable, "-m", "perennial.config.cli"]
    names = ["timestamp=ts", "customer_id=account", "user_id=user", "received_at=rcv"]
    last = it.first_on + timedelta(days=it.counts.shape[1] - 1)
    asked = ["alerts", "replay", "--from", str(it.first_on), "--to", str(last), "--json"]
    printed = b""
    for words in (
        ["import", "events", str(path), "--map", *names, "--id", "account+cid+event+user+ts"],
        asked,
    ):
        printed = subprocess.run(
            [*base, *words],
            env=os.environ | {"PERENNIAL_HOME": str(home)},
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ).stdout
    place = {name: row for row, name in enumerate(it.names)}
    return [
        (place[alert["customer"]], (date.fromisoformat(alert["raised_on"]) - it.first_on).days)
        for alert in json.loads(printed)
        if alert["customer"]
    ]


def report(it: Histories, ours: list[Alert]) -> bool:
    """Print who caught how many at what rate; whether ours caught more at no more alerts."""
    ended = outcomes(it)
    print(f"  {len(it.names)} companies: " + ", ".join(
        f"{len(rows)} {name}" for name, rows in ended.items()
    ))  # fmt: skip
    runs = {"alerts of the replay": ours}
    runs |= {f"rule, every {days} days": rule(it, every_days=days) for days in EVERY_DAYS}
    figures = {}
    for name, alerts in runs.items():
        counts = [caught(alerts, rows) for rows in ended.values()]
        figures[name] = (counts[-1], per_year(alerts, it))
        shown = ", ".join(f"{n} {what}" for n, what in zip(counts, ended, strict=True))
        print(f"  {name:<22} caught {shown}; {per_year(alerts, it):.2f} alerts a company-year")
    (ours_caught, ours_rate), *others = figures.values()
    return all(ours_caught > other and ours_rate <= rate for other, rate in others)


def main() -> int:
    folder = Path(os.environ.get("PERENNIAL_SHARED_DATA", "../shared/data"))
    failed = 0
    for name in FILES:
        if not (folder / name).exists():
            print(f"  {name}: not here")
            continue
        it = histories(folder / name)
        print(f"  {name}")
        with tempfile.TemporaryDirectory() as home:
            good = report(it, replayed(folder / name, it, home=Path(home)))
        if name == FILES[0]:  # the other has 15 companies: to be read, not to be passed
            failed = int(not good)
    return failed


if __name__ == "__main__":
    sys.exit(main())

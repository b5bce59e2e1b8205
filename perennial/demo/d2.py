"""Profile d2: usage by day with planted permanent drops, to measure drop alerts honestly.

2,000 customers × 104 weeks; weekly means log-normal with median 25; negative-binomial weeks of
dispersion r ∈ {3, 8, 30}; slow drift; 春节 and 国庆; 300 drops of 50, 70, 90 and 100 %.
Source: metric specification D2. One row per customer and day, `value` counts its events.
"""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from perennial.demo.calendar import day_factors
from perennial.demo.files import CsvFiles, write_json


@dataclass(frozen=True, slots=True)
class D2Parameters:
    weeks: int = 104
    weekly_median: float = 25.0
    weekly_log_sd: float = 1.0
    dispersions: tuple[int, ...] = (3, 8, 30)
    drift_weekly_log_sd: float = 0.012  # random walk of the log mean
    drops: int = 300
    depths: tuple[float, ...] = (0.5, 0.7, 0.9, 1.0)
    first_drop_week: int = 26
    last_drop_week: int = 96


@dataclass(frozen=True, slots=True)
class Drop:
    customer: int
    day: int
    depth: float
    weekly_rate: float


def write_d2(to: Path, *, customers: int, seed: int, end_on: date) -> dict[str, int]:
    """Writes customers.csv, events.parquet and truth/; returns the rows of each file."""
    parameters, generator = D2Parameters(), np.random.default_rng([seed, 20])
    start_on = end_on - timedelta(days=parameters.weeks * 7 - 1)
    means = _weekly_means(customers, generator=generator, parameters=parameters)
    drops = _plant(means, generator=generator, parameters=parameters)
    dispersion = generator.choice(np.array(parameters.dispersions), customers)
    counts = _counts(
        means, drops=drops, dispersion=dispersion, generator=generator, start_on=start_on
    )
    ids = [f"D{number + 1:05d}" for number in range(customers)]
    with CsvFiles(to, ("customers", "truth/drops")) as files:
        for identity in ids:
            files.add(
                "customers",
                {
                    "external_id": identity,
                    "name": f"Customer {identity}",
                    "created_on": start_on,
                    "observed_until": end_on,
                },
            )
        for drop in drops:
            files.add(
                "truth/drops",
                {
                    "customer_id": ids[drop.customer],
                    "starts_on": start_on + timedelta(days=drop.day),
                    "depth": drop.depth,
                    "kind": "stop" if drop.depth == 1 else "sudden",
                    "weekly_rate": f"{drop.weekly_rate:.3f}",
                },
            )
        rows = dict(files.rows)
    rows["events"] = _write_days(to / "events.parquet", ids=ids, counts=counts, start_on=start_on)
    settings = {"profile": "d2", "seed": seed, "customers": customers}
    settings |= {"start_on": start_on.isoformat(), "end_on": end_on.isoformat()}
    write_json(to / "truth" / "parameters.json", settings | asdict(parameters))
    return rows


def _weekly_means(
    customers: int, *, generator: np.random.Generator, parameters: D2Parameters
) -> NDArray[np.float64]:
    """Mean events by customer and week, before holidays and drops."""
    level = np.log(parameters.weekly_median) + parameters.weekly_log_sd * generator.normal(
        size=(customers, 1)
    )
    steps = generator.normal(0, parameters.drift_weekly_log_sd, (customers, parameters.weeks))
    means: NDArray[np.float64] = np.exp(level + np.cumsum(steps, axis=1))
    return means


def _plant(
    means: NDArray[np.float64], *, generator: np.random.Generator, parameters: D2Parameters
) -> list[Drop]:
    """Equally many drops of each depth, at any day of the week, one per customer at most."""
    drops = min(parameters.drops, len(means) // 2)
    chosen = generator.permutation(len(means))[:drops]
    first, last = parameters.first_drop_week * 7, parameters.last_drop_week * 7
    days = generator.integers(first, last, drops)
    return [
        Drop(
            customer=int(customer),
            day=int(day),
            depth=parameters.depths[number % len(parameters.depths)],
            weekly_rate=float(means[customer, day // 7]),
        )
        for number, (customer, day) in enumerate(zip(chosen, days, strict=True))
    ]


def _counts(
    means: NDArray[np.float64],
    *,
    drops: list[Drop],
    dispersion: NDArray[np.int64],
    generator: np.random.Generator,
    start_on: date,
) -> NDArray[np.int64]:
    """Events by customer and day: gamma noise by week makes the weeks negative binomial."""
    weeks = means.shape[1]
    shape = dispersion[:, None].astype(float)
    noisy = means * generator.standard_gamma(np.broadcast_to(shape, means.shape)) / shape
    rhythm = day_factors(date(2001, 7, 2) + timedelta(days=start_on.weekday()), 7)
    daily = (
        np.repeat(noisy, 7, axis=1)
        * day_factors(start_on, weeks * 7, long_only=True)
        / rhythm.sum()
    )
    for drop in drops:
        daily[drop.customer, drop.day :] *= 1 - drop.depth
    counts: NDArray[np.int64] = generator.poisson(daily)
    return counts


def _write_days(path: Path, *, ids: list[str], counts: NDArray[np.int64], start_on: date) -> int:
    """One row per customer and day with events, in order of time, at noon in Shanghai."""
    days, customers = np.nonzero(counts.T)
    noon = np.datetime64(start_on, "ms") + np.timedelta64(4, "h")
    at = noon + days.astype("timedelta64[D]")
    moment = pa.timestamp("ms", tz="UTC")
    identity = [f"{ids[customer]}-{day}" for customer, day in zip(customers, days, strict=True)]
    table = pa.table(
        {
            "event": pa.DictionaryArray.from_arrays(np.zeros(len(at), dtype=np.int32), ["used"]),
            "timestamp": pa.array(at).cast(moment),
            "received_at": pa.array(at + np.timedelta64(1, "m")).cast(moment),
            "customer_id": pa.DictionaryArray.from_arrays(customers.astype(np.int32), ids),
            "value": pa.array(counts.T[days, customers].astype(np.float64)),
            "message_id": pa.array(identity),
        }
    )
    pq.write_table(table, path, compression="zstd", store_schema=False, row_group_size=500_000)
    return int(table.num_rows)

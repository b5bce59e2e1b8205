"""Writes a generated data set: import files and the truth behind them. Same seed, same bytes."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from perennial.demo.company.write import write_company
from perennial.demo.d2 import write_d2
from perennial.demo.d3 import write_d3
from perennial.units.moment import last_complete_day
from perennial.units.progress import Progress, silent

DEFAULT_CUSTOMERS = {"company": 300, "d2": 2_000, "d3": 4_000}
BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")


def write(
    to: Path,
    *,
    customers: int | None = None,
    events: int | None = None,
    seed: int = 1,
    profile: str = "company",
    language: str = "zh",
    end_on: date | None = None,
    billed: bool = False,
    progress: Progress = silent,
) -> dict[str, int]:
    """Writes the files of a profile into the folder `to` and returns the rows of each.

    `customers` is the number of customers (d3: of renewals), `events` the exact number of usage
    events (company only). `end_on` is the last day of the data, yesterday unless given.
    `billed` (company only): a few customers pay in dollars or by use, as in the demo home.
    `progress(done, total)` counts events. Raises ValueError for an unknown profile.
    """
    if profile not in DEFAULT_CUSTOMERS:
        raise ValueError(profile)
    to = Path(to)
    to.mkdir(parents=True, exist_ok=True)
    end_on = end_on or last_complete_day(datetime.now(UTC), BUSINESS_ZONE)
    customers = customers or DEFAULT_CUSTOMERS[profile]
    if profile == "d2":
        return write_d2(to, customers=customers, seed=seed, end_on=end_on)
    if profile == "d3":
        return write_d3(to, renewals=customers, seed=seed, end_on=end_on)
    return write_company(
        to,
        customers=customers,
        events=events,
        seed=seed,
        language=language,
        end_on=end_on,
        billed=billed,
        progress=progress,
    )

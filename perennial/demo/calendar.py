"""The working rhythm of a Chinese company: weekdays, 春节, 国庆, working weekends.

Used only to generate data; the detectors do not know this file.
"""

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

WEEKDAY_FACTORS = (1.06, 1.10, 1.08, 1.04, 0.92, 0.16, 0.10)  # Monday first
HOLIDAY_FACTOR = 0.10
WORKING_WEEKEND_FACTOR = 0.75  # 调休

# First day of the lunar year (春节), from the almanac.
SPRING_FESTIVALS = (
    date(2015, 2, 19),
    date(2016, 2, 8),
    date(2017, 1, 28),
    date(2018, 2, 16),
    date(2019, 2, 5),
    date(2020, 1, 25),
    date(2021, 2, 12),
    date(2022, 2, 1),
    date(2023, 1, 22),
    date(2024, 2, 10),
    date(2025, 1, 29),
    date(2026, 2, 17),
    date(2027, 2, 6),
    date(2028, 1, 26),
    date(2029, 2, 13),
    date(2030, 2, 3),
    date(2031, 1, 23),
    date(2032, 2, 11),
    date(2033, 1, 31),
    date(2034, 2, 19),
    date(2035, 2, 8),
)


def holidays(year: int) -> tuple[tuple[date, date], ...]:
    """The statutory breaks of a year as half-open periods [start, end)."""
    breaks = [
        (date(year, 1, 1), date(year, 1, 2)),
        (date(year, 4, 4), date(year, 4, 7)),
        (date(year, 5, 1), date(year, 5, 6)),
        (date(year, 10, 1), date(year, 10, 8)),
    ]
    breaks += [
        (festival - timedelta(days=1), festival + timedelta(days=7))
        for festival in SPRING_FESTIVALS
        if festival.year == year
    ]
    return tuple(sorted(breaks))


def day_factors(start_on: date, days: int, *, long_only: bool = False) -> NDArray[np.float64]:
    """Expected activity of each day against a mean working day: weekly rhythm and holidays.

    `long_only` leaves out the breaks shorter than a week.
    """
    weekdays = (start_on.weekday() + np.arange(days)) % 7
    factors = np.array(WEEKDAY_FACTORS)[weekdays]
    for year in range(start_on.year - 1, start_on.year + days // 365 + 3):
        for start, end in holidays(year):
            first, last = (start - start_on).days, (end - start_on).days
            if long_only and last - first < 7:
                continue
            if last - first >= 7:
                _long_break(factors, first=first, last=last, spring=start.month <= 2)
            factors[max(first, 0) : max(last, 0)] = HOLIDAY_FACTOR
    return factors


def _long_break(factors: NDArray[np.float64], *, first: int, last: int, spring: bool) -> None:
    """People leave early before a long break, come back late, and work the weekend beside it."""
    ramps = {first - 1: 0.75, last: 0.85}
    if spring:
        ramps |= {first - day: 0.4 + 0.11 * day for day in range(1, 6)}
        ramps |= {last + day: 0.55 + 0.1 * day for day in range(5)}
    for day in (*range(first - 7, first), *range(last, last + 7)):
        if 0 <= day < len(factors) and factors[day] == WEEKDAY_FACTORS[5 if day >= last else 6]:
            factors[day] = WORKING_WEEKEND_FACTOR  # one Saturday after, one Sunday before
    for day, ramp in ramps.items():
        if 0 <= day < len(factors):
            factors[day] *= ramp

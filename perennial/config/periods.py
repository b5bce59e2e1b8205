"""From what people type for `--from` and `--to` to the days that are meant."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import click
from django.utils.translation import gettext as _

from perennial.units.dates import FIRST_YEAR, LAST_YEAR
from perennial.units.moment import business_day
from perennial.units.period import Grain, Period, period_of

_PERIOD = re.compile(r"(\d{4})(?:-?[Qq]([1-4])|[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?")


class PeriodType(click.ParamType[Period]):
    """2025, 2025-Q1, 2025-01 or 2025-01-15, as the Period that it names."""

    name = "period"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Period:
        if isinstance(value, Period):
            return value
        found = read_period(str(value))
        if found is None:
            text = _("“{value}” is no period. Write 2025, 2025-Q1, 2025-01 or 2025-01-15.")
            self.fail(text.format(value=value), param, ctx)
        return found


def read_period(text: str) -> Period | None:
    """The period that a person means, or None.

    >>> read_period("2025-Q1").last_on.isoformat()
    '2025-03-31'
    """
    found = _PERIOD.fullmatch(text.strip())
    if found is None:
        return None
    year, quarter, month, day = (int(it) if it else None for it in found.groups())
    assert year is not None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        if quarter is not None:
            return period_of(date(year, quarter * 3, 1), Grain.QUARTER)
        if month is None:
            return period_of(date(year, 1, 1), Grain.YEAR)
        if day is None:
            return period_of(date(year, month, 1), Grain.MONTH)
        return period_of(date(year, month, day), Grain.DAY)
    except ValueError:
        return None


PERIOD = PeriodType()


def today() -> date:
    """The business day that it is now."""
    from django.conf import settings

    return business_day(datetime.now(UTC), settings.PERENNIAL_TIME_ZONE)

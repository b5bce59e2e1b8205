"""Two clocks: which day a figure is of, and which day's knowledge it rests on.

What was recorded after the end of `known_on` did not happen yet: orders, pauses, invoices, but
also decisions about definitions and rates. Without `known_on` everything recorded counts.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Final, TypeVar

from django.conf import settings
from django.db.models import QuerySet

from perennial.revenue.models import Definition, FxRate
from perennial.revenue.rules.definitions import NAMES, Definitions, with_values
from perennial.revenue.rules.rates import Rates
from perennial.team.days import last_day
from perennial.units.moment import day_end, last_complete_day

FIXED: Final = "currency"  # the installation's, not a setting of the page
Recorded = TypeVar("Recorded", Definition, FxRate)


@dataclass(frozen=True, slots=True)
class Clock:
    """`as_of`: the last day that is shown. `known_on`: the last day whose records count; None
    is now (restated). `last_on`: the last computed day, which is shown when none is asked for."""

    as_of: date
    known_on: date | None = None
    last_on: date | None = None

    @property
    def is_cut(self) -> bool:
        """An earlier day is shown than could be."""
        return self.last_on is not None and self.as_of != self.last_on

    @property
    def known_before(self) -> datetime | None:
        """First moment of what is not known yet."""
        return moment_after(self.known_on)


def last_shown_day(*, now: datetime) -> date:
    """The last day that was computed; before the first run, yesterday in business time."""
    return last_day() or last_complete_day(now, settings.PERENNIAL_TIME_ZONE)


def moment_after(known_on: date | None) -> datetime | None:
    """First moment after a business day; None stays None (now)."""
    return None if known_on is None else day_end(known_on, settings.PERENNIAL_TIME_ZONE)


def definitions_at(known_on: date | None = None) -> Definitions:
    """The definitions in force by the end of `known_on` (None: now), in the company's currency."""
    default = Definitions(currency=settings.PERENNIAL_CURRENCY)
    rows = _known(Definition.objects.filter(name__in=set(NAMES) - {FIXED}), known_on)
    newest = dict(rows.order_by("recorded_at", "pk").values_list("name", "value"))
    return with_values(default, {name: value for name, value in newest.items() if value})


def rates_at(known_on: date | None = None) -> Rates:
    """Plan and spot rates to the company's currency, as recorded by the end of `known_on`."""
    newest: dict[tuple[str, date | None], Fraction | None] = {}
    ours = FxRate.objects.filter(into=settings.PERENNIAL_CURRENCY)
    rows = _known(ours, known_on).order_by("recorded_at", "pk")
    for currency, effective_on, rate in rows.values_list("currency", "effective_on", "rate"):
        newest[currency, effective_on] = None if rate is None else Fraction(rate)
    plan: dict[str, Fraction] = {}
    spot: dict[str, list[tuple[date, Fraction]]] = defaultdict(list)
    for (currency, from_on), known in newest.items():
        if known is not None and from_on is None:
            plan[currency] = known
        elif known is not None and from_on is not None:
            spot[currency].append((from_on, known))
    return Rates(plan=plan, spot={code: tuple(sorted(steps)) for code, steps in spot.items()})


def _known(rows: QuerySet[Recorded], known_on: date | None) -> QuerySet[Recorded]:
    before = moment_after(known_on)
    return rows if before is None else rows.filter(recorded_at__lt=before)

"""A file of exchange rates: plan rates, and spot rates where a row says from when on it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import cast

from django.utils.translation import pgettext_lazy

from perennial.connectors.fields import Field, Type
from perennial.connectors.kinds.kind import CURRENCY, Kind
from perennial.connectors.ledger_files.reading import as_it_is, read_file
from perennial.revenue.rules.rates import Rates
from perennial.units.dates import Dates
from perennial.units.mapping import Column

RATES = Kind(
    "rates",
    pgettext_lazy("column", "Exchange rates"),
    (
        replace(CURRENCY, required=True),
        Field(
            "rate",
            pgettext_lazy("column", "Rate"),
            Type.RATE,
            required=True,
            alike=("fx_rate", "exchange_rate", "汇率"),
        ),
        Field(
            "effective_on",
            pgettext_lazy("column", "Holds from"),
            Type.DATE,
            alike=("on", "date", "from", "生效日期", "日期"),
        ),
    ),
    key=("currency", "effective_on"),
    effective="effective_on",
)


@dataclass(frozen=True, slots=True)
class RatesFile:
    rates: Rates
    ignored: tuple[str, ...] = ()


def read_rates(
    path: Path, *, map: Mapping[str, Column] | None = None, dates: Dates | None = None
) -> RatesFile:
    """Units of the company's currency per one unit of each. Raises InputRefused with `errors`."""
    reading = read_file(RATES, path, map, dates, row=as_it_is)
    reading.settle()
    plan: dict[str, Fraction] = {}
    spot: dict[str, list[tuple[date, Fraction]]] = {}
    for record in reading.rows:
        currency = str(record.values["currency"])
        rate = Fraction(cast(Decimal, record.values["rate"]))
        day = cast(date | None, record.values.get("effective_on"))
        if day is None:
            plan[currency] = rate
        else:
            spot.setdefault(currency, []).append((day, rate))
    steps = {currency: tuple(sorted(its)) for currency, its in spot.items()}
    return RatesFile(Rates(plan=plan, spot=steps), reading.plan.unused)

"""Closed periods (封账): what was frozen, and whether it still is what was frozen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from perennial.revenue.documents.close import LINES, fingerprint
from perennial.revenue.models import Close, CloseLine
from perennial.revenue.queries.store import amount
from perennial.revenue.rules.definitions import Definitions, with_values
from perennial.revenue.rules.rates import Rates
from perennial.revenue.wording.questions import written
from perennial.units.period import Period


@dataclass(frozen=True, slots=True)
class Frozen:
    """A close as its lists show it; amounts are exact. `in_force`: no later close of the same
    period replaced it."""

    pk: int
    period: Period
    known_on: date
    made_at: datetime
    made_by: str
    note: str
    amounts: Mapping[str, Fraction]
    counts: Mapping[str, int]
    customers: int
    in_force: bool

    @property
    def start(self) -> Fraction:
        return self.amounts["start"]

    @property
    def end(self) -> Fraction:
        return self.amounts["end"]


def closes() -> list[Frozen]:
    """All closes in the company's currency, the latest period first, a newer close before the
    one that it replaced. Company-wide: callers require Page.COMPANY_REVENUE."""
    found = []
    newest: set[str] = set()
    for close in _ours().order_by("-last_on", "first_on", "-made_at", "-pk"):
        found.append(_frozen(close, in_force=close.period not in newest))
        newest.add(close.period)
    return found


def close_before(period: Period) -> Frozen | None:
    """The close in force whose last day is the eve of this period, the longest period first."""
    rows = _ours().filter(last_on=period.eve_on)
    return _newest(rows.order_by("-made_at", "-pk"))


def close_of(period: Period) -> Frozen | None:
    """The close in force of exactly these days."""
    rows = _ours().filter(first_on=period.first_on, last_on=period.last_on)
    return _newest(rows.order_by("-made_at", "-pk"))


def frozen(close: Close) -> Frozen:
    newest = _ours().filter(period=close.period).order_by("-made_at", "-pk").first()
    return _frozen(close, in_force=newest is None or newest.pk == close.pk)


def _ours() -> QuerySet[Close]:
    return Close.objects.filter(currency=settings.PERENNIAL_CURRENCY).select_related("made_by")


def _newest(rows: QuerySet[Close]) -> Frozen | None:
    close = rows.first()
    return _frozen(close, in_force=True) if close else None


def _frozen(close: Close, *, in_force: bool) -> Frozen:
    exact = close.figures["exact"]
    return Frozen(
        pk=close.pk,
        period=period_of_close(close),
        known_on=close.known_on,
        made_at=close.made_at,
        made_by=close.made_by.name if close.made_by else "",
        note=close.note,
        amounts={name: amount(exact["amounts"][name]) for name in LINES},
        counts=exact["counts"],
        customers=exact["customers"],
        in_force=in_force,
    )


def period_of_close(close: Close) -> Period:
    return Period(close.period, close.first_on, close.last_on)


def definitions_of(close: Close) -> Definitions:
    """The definitions as they were frozen."""
    told = {name: written(value) for name, value in close.definitions.items()}
    return with_values(Definitions(), told)


def rates_of(close: Close) -> Rates:
    """The rates as they were frozen."""
    plan = {currency: amount(rate) for currency, rate in close.rates["plan"].items()}
    spot = {
        currency: tuple((date.fromisoformat(day), amount(rate)) for day, rate in steps)
        for currency, steps in close.rates["spot"].items()
    }
    return Rates(plan=plan, spot=spot)


def document_of(close: Close, lines: Iterable[CloseLine]) -> dict[str, Any]:
    """All that was frozen, the customers by their number in this installation."""
    return {
        "period": close.period,
        "first_on": close.first_on.isoformat(),
        "last_on": close.last_on.isoformat(),
        "known_on": close.known_on.isoformat(),
        "currency": close.currency,
        "definitions": close.definitions,
        "rates": close.rates,
        "figures": close.figures,
        "lines": sorted(
            [
                line.customer_id, line.unit, line.before_exact, line.after_exact,
                line.paying_before, line.paying_after, line.kind,
            ]
            for line in lines
        ),
    }  # fmt: skip


def is_intact(close: Close) -> bool:
    """What is kept still has the fingerprint that it was closed with."""
    return fingerprint(document_of(close, close.lines.all())) == close.fingerprint


@dataclass(frozen=True, slots=True)
class KeptLine:
    """One customer (product, order) of a close; amounts exact."""

    customer_id: int
    unit: str
    before: Fraction
    after: Fraction
    kind: str


def kept_lines(close: Close) -> list[KeptLine]:
    """The frozen customers, the largest end first."""
    found = [
        KeptLine(pk, unit, amount(before), amount(after), kind)
        for pk, unit, before, after, kind in close.lines.values_list(
            "customer_id", "unit", "before_exact", "after_exact", "kind"
        )
    ]
    return sorted(found, key=lambda line: (-line.after, line.customer_id, line.unit))

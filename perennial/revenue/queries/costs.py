"""What the company spent by month, as recorded by the end of a day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from perennial.revenue.models import MonthlyCost, MonthlyCostKind
from perennial.revenue.queries.clock import moment_after
from perennial.units.period import Period, add_months

Channel = str


def kept_costs(
    kind: str, *, channel: str = "", known_on: date | None = None
) -> dict[date, Decimal | None]:
    """Month (first day) → the newest amount; None: withdrawn."""
    found = _newest(kind, known_on)
    return {month_on: amount for (month_on, of), amount in found.items() if of == channel}


def _newest(kind: str, known_on: date | None) -> dict[tuple[date, Channel], Decimal | None]:
    rows = MonthlyCost.objects.filter(kind=kind)
    if (before := moment_after(known_on)) is not None:
        rows = rows.filter(recorded_at__lt=before)
    ordered = rows.order_by("recorded_at", "pk").values_list("month_on", "channel", "amount")
    return {(month_on, channel): amount for month_on, channel, amount in ordered}


def cost_of(
    period: Period, kind: MonthlyCostKind, *, lag_months: int = 0, known_on: date | None = None
) -> tuple[Fraction | None, list[date]]:
    """What the calendar months of a period cost (`lag_months` earlier ones), and the months that
    nobody recorded: as long as one is missing, the sum is None. Channels split a month's whole
    amount; where only they are recorded, they make it up."""
    spent: dict[date, Fraction] = {}
    found = {key: Fraction(it) for key, it in _newest(kind, known_on).items() if it is not None}
    for (month_on, channel), amount in found.items():
        if channel and (month_on, "") not in found:
            spent[month_on] = spent.get(month_on, Fraction(0)) + amount
        elif not channel:
            spent[month_on] = amount
    months = months_of(period, lag_months=lag_months)
    missing = [month_on for month_on in months if month_on not in spent]
    if missing:
        return None, missing
    return sum((spent[month_on] for month_on in months), Fraction(0)), []


def months_of(period: Period, *, lag_months: int = 0) -> list[date]:
    """The first days of the months that a period touches."""
    first = add_months(period.first_on.replace(day=1), -lag_months)
    last = add_months(period.last_on.replace(day=1), -lag_months)
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [add_months(first, it) for it in range(count)]

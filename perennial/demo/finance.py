"""What finance of the demo company recorded: plan rates, what the months cost (each in the month
after it), the gross margin and the cost of an hour, and the closes of the last months."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from django.conf import settings

from perennial.demo.closing import closings
from perennial.demo.parameters import CompanyParameters
from perennial.demo.words import Pair
from perennial.revenue.actions.closes import close_period
from perennial.revenue.actions.costs import record_costs
from perennial.revenue.actions.definitions import set_rate
from perennial.revenue.actions.parameters import set_parameters
from perennial.revenue.models import MonthlyCostKind
from perennial.revenue.rules.parameters import ECONOMICS, GROSS_MARGIN, SERVICE
from perennial.team.models import User
from perennial.units.period import ONE_DAY, add_months

MONTHS: Final = 24
DOLLAR: Final = Decimal("7.1")
# CNY a month for each customer of the company, by how much of it a month is dearer than the one
# before, and what the season adds: trade fairs in March and November.
PER_CUSTOMER: Final = {MonthlyCostKind.SALES_MARKETING: 1_480, MonthlyCostKind.DELIVERY: 1_100}
DEARER: Final = Decimal("0.012")
FAIRS: Final = {3: Decimal("1.2"), 11: Decimal("1.15")}
MARGIN: Final = "78%"
HOUR_COST: Final = "160"
DONE_AFTER: Final = timedelta(days=5)  # finance is done with a month so long after its end
NOTE: Final = Pair("月度封账", "Monthly close")


def morning(day: date, *, at: datetime) -> datetime:
    """Ten o'clock of a business day, but not after `at`."""
    return min(datetime.combine(day, time(10), settings.PERENNIAL_TIME_ZONE), at)


def set_plan_rate(*, end_on: date, by: User, at: datetime) -> None:
    """From the beginning: an order in dollars cannot be told without."""
    first_on = add_months(end_on, -CompanyParameters().ledger_months - 2)
    set_rate("USD", rate=DOLLAR, by=by, at=morning(first_on, at=at))


def record_finance(*, customers: int, end_on: date, by: User, at: datetime) -> None:
    """The months that were over by `end_on`, and what does not change from month to month."""
    running_on = (end_on + ONE_DAY).replace(day=1)
    for back in range(MONTHS, 0, -1):
        month_on = add_months(running_on, -back)
        done_at = morning(add_months(month_on, 1) + DONE_AFTER, at=at)
        dearer = 1 + DEARER * (MONTHS - back)
        for kind, each in PER_CUSTOMER.items():
            fair = FAIRS.get(month_on.month) if kind is MonthlyCostKind.SALES_MARKETING else None
            amount = round(customers * each * dearer * (fair or 1), -3)
            record_costs({month_on: Decimal(int(amount))}, kind=kind, by=by, at=done_at)
    begun_at = morning(add_months(running_on, -MONTHS), at=at)
    set_parameters(SERVICE, values={"service.hour_cost": HOUR_COST}, by=by, at=begun_at)
    set_parameters(ECONOMICS, values={GROSS_MARGIN: MARGIN}, by=by, at=begun_at)


def close_months(*, end_on: date, language: str, by: User, at: datetime) -> None:
    """On the morning after the day that they are known by."""
    for closing in closings(end_on):
        close_period(
            closing.month,
            known_on=closing.known_on,
            note=NOTE.text(language),
            by=by,
            at=morning(closing.known_on + ONE_DAY, at=at),
        )

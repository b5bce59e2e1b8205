"""What finance of the demo company recorded: monthly costs, each in the month after it, and the
cost of an hour. Without them the unit economics would have nothing to divide."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.conf import settings

from perennial.revenue.actions.costs import record_costs
from perennial.revenue.actions.parameters import set_parameters
from perennial.revenue.models import MonthlyCost, MonthlyCostKind
from perennial.revenue.rules.parameters import SERVICE
from perennial.units.moment import day_start
from perennial.units.period import ONE_DAY, add_months

MONTHS: Final = 24
# CNY a month for each customer of the company, and by how much of it a month is dearer.
PER_CUSTOMER: Final = {MonthlyCostKind.SALES_MARKETING: 1_300, MonthlyCostKind.DELIVERY: 750}
DEARER: Final = Decimal("0.012")
HOUR_COST: Final = "160"
CLOSED_AFTER: Final = timedelta(days=5)  # finance is done with a month so long after its end


def record_finance(*, customers: int, end_on: date, at: datetime) -> None:
    """The months that were over by `end_on`; nothing when it was done before."""
    if MonthlyCost.objects.exists():
        return
    zone = settings.PERENNIAL_TIME_ZONE
    running_on = (end_on + ONE_DAY).replace(day=1)
    for back in range(MONTHS, 0, -1):
        month_on = add_months(running_on, -back)
        closed_at = day_start(add_months(month_on, 1) + CLOSED_AFTER, zone)
        for kind, each in PER_CUSTOMER.items():
            amount = round(customers * each * (1 + DEARER * (MONTHS - back)), -3)
            record_costs(
                {month_on: Decimal(int(amount))}, kind=kind, by=None, at=min(closed_at, at)
            )
    set_parameters(SERVICE, values={"service.hour_cost": HOUR_COST}, by=None, at=at)

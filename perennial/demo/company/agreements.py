"""What was agreed beside the price: renewal by itself, days of notice, a discount to begin with.

Each customer has a stream of chance for it, so that the rest of its story stays as it was.
"""

from dataclasses import replace
from datetime import timedelta
from random import Random

from perennial.demo.company.model import Agreement, Customer, priced
from perennial.demo.parameters import CompanyParameters
from perennial.units.period import add_months

DISCOUNT_MONTHS = 3
FIRST_YEAR = 12


def draw_agreement(rng: Random, *, parameters: CompanyParameters) -> Agreement:
    """Who renews by itself gives notice; of the others some have agreed on days of notice."""
    renews_itself = rng.random() < parameters.auto_renew_share
    notice_days = rng.choice((30, 30, 60)) if renews_itself or rng.random() < 0.5 else None
    return Agreement(renews_itself, notice_days)


def discount_first_year(customer: Customer, *, rng: Random, parameters: CompanyParameters) -> None:
    """Some first orders over a year start cheaper; the amount has the discount taken off."""
    if customer.cast or rng.random() >= parameters.discount_share:
        return
    for place, order in enumerate(customer.orders):
        if order.kind != "new" or order.line != 1 or not order.recurring_amount:
            continue
        if order.end_on == add_months(order.start_on, FIRST_YEAR):
            discount = float(order.recurring_amount) * rng.uniform(0.05, 0.15)
            customer.orders[place] = replace(
                order,
                discount_amount=priced(discount, step=100),
                discount_end_on=add_months(order.start_on, DISCOUNT_MONTHS),
            )
        return


def notice_lead(agreement: Agreement, *, rng: Random) -> timedelta:
    """How long before the end of the term a customer gives notice."""
    return timedelta(days=(agreement.notice_days or 0) + rng.randrange(1, 20))

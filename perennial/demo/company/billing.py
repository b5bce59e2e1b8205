"""How a few customers of the demo home are billed: in US dollars, or by what they use.

Only the home has them: plain files stay in one currency, so that they need no exchange rate.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from perennial.demo.company.model import Customer, Order
from perennial.units.period import ONE_DAY, add_months

DOLLAR_PRICE = Decimal("0.14")  # dollars where others pay one yuan: at most two decimals
ABROAD, LARGE = 4, 60_000
METERED = 6
METERED_PRODUCT = "BI"
METERED_MONTHS = 12
USE_RATE = 0.006  # of a year's subscription, billed for an ordinary month


def bill_in_dollars(stories: Sequence[Customer], *, end_on: date) -> None:
    """The first few larger customers in service, beside the cast."""
    large = (it for it in _served(stories, end_on) if it.arr >= LARGE)
    for story, _ in zip(large, range(ABROAD), strict=False):
        story.orders[:] = [_in_dollars(order) for order in story.orders]


def meter_usage(stories: Sequence[Customer], *, end_on: date, rng: Random) -> None:
    """Calls of the analysis product, billed after each month: never part of MRR."""
    users = (it for it in _served(stories[::-1], end_on) if METERED_PRODUCT in it.products)
    for story, _ in zip(users, range(METERED), strict=False):
        story.orders.extend(_metered(story, end_on=end_on, rng=rng))


def _served(stories: Sequence[Customer], on: date) -> Iterator[Customer]:
    for story in stories:
        pays = story.cast is None and any(order.kind == "new" for order in story.orders)
        if pays and max(service.end_on for service in story.services) > on:
            yield story


def _in_dollars(order: Order) -> Order:
    return replace(
        order,
        currency="USD",
        recurring_amount=_dollars(order.recurring_amount),
        one_off_amount=_dollars(order.one_off_amount),
        discount_amount=_dollars(order.discount_amount),
    )


def _dollars(amount: int | Decimal | None) -> Decimal | None:
    return None if amount is None else amount * DOLLAR_PRICE


def _metered(story: Customer, *, end_on: date, rng: Random) -> Iterator[Order]:
    running_on = (end_on + ONE_DAY).replace(day=1)
    for back in range(METERED_MONTHS, 0, -1):
        start_on = add_months(running_on, -back)
        closes_on = add_months(start_on, 1)
        billed_on = closes_on + timedelta(days=2)
        if start_on < story.first_on or billed_on > end_on:
            continue
        yield Order(
            order_id=f"US-{story.external_id[1:]}-{start_on:%Y%m}",
            line=1,
            kind="usage",
            product=METERED_PRODUCT,
            seats=None,
            signed_on=billed_on,
            start_on=start_on,
            end_on=closes_on,
            recurring_amount=round(story.arr * USE_RATE * rng.uniform(0.6, 1.5)),
            recorded_at=datetime.combine(billed_on, time(10)),
            currency=story.orders[-1].currency,
        )

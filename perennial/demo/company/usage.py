"""How much each customer uses the product: expected events by customer and day, then counts."""

from dataclasses import dataclass
from datetime import date
from random import Random

import numpy as np
from numpy.typing import NDArray

from perennial.demo.calendar import day_factors
from perennial.demo.company.model import Customer, Decline, Service
from perennial.demo.parameters import PRODUCTS, CompanyParameters

RAMP_IN_DAYS = 45  # from signing to everyday use
TRIAL_LEVEL = 0.35


@dataclass(frozen=True, slots=True)
class Users:
    """Who can cause events: flat over all customers, ordered by customer.

    `customer` is the index of the customer, days count from the first day of the history.
    """

    customer: NDArray[np.int32]
    number: NDArray[np.int32]
    manager: NDArray[np.bool_]
    from_day: NDArray[np.int32]
    to_day: NDArray[np.int32]


def expected_usage(
    customer: Customer, *, rng: Random, start_on: date, days: int
) -> NDArray[np.float32]:
    """Expected events of one customer on each day, without the calendar; only ratios matter."""
    level = np.zeros(days)
    for service in customer.services:
        first, last = _span(service, start_on=start_on, days=days)
        intensity = service.seats**0.93 * (TRIAL_LEVEL if service.trial else 1.0)
        level[first:last] = np.maximum(level[first:last], intensity)
    begun = (customer.first_on - start_on).days
    age = np.arange(days) - begun
    level *= np.clip(0.25 + 0.75 * age / RAMP_IN_DAYS, 0.25, 1.0)
    taste = rng.gauss(0, 0.3) if customer.cast is None else 0.4
    level *= np.exp(0.42 * customer.quality + taste)
    trend = 0.25 * customer.quality + rng.gauss(0, 0.2)  # log level per year
    season = 0.08 * np.sin((np.arange(days) / 365 + rng.random()) * 2 * np.pi)
    level *= np.exp(np.clip(age / 365 * trend, -0.7, 0.7) + season)
    for decline in customer.declines:
        level *= _decline_factor(decline, start_on=start_on, days=days)
    return level.astype(np.float32)


def _span(service: Service, *, start_on: date, days: int) -> tuple[int, int]:
    first, last = (service.start_on - start_on).days, (service.end_on - start_on).days
    return min(max(first, 0), days), min(max(last, 0), days)


def _decline_factor(decline: Decline, *, start_on: date, days: int) -> NDArray[np.float64]:
    since = np.arange(days) - (decline.starts_on - start_on).days
    share = np.clip((since + 1) / (decline.ramp_days + 1), 0, 1)
    if decline.recovers_on is not None:
        back = np.arange(days) - (decline.recovers_on - start_on).days
        share = share * np.clip(1 - (back + 1) / 10, 0, 1)
    return 1 - decline.depth * share


def draw_counts(
    expected: NDArray[np.float32],
    *,
    generator: np.random.Generator,
    parameters: CompanyParameters,
    start_on: date,
    events: int,
) -> NDArray[np.int32]:
    """Whole events by customer and day, `events` in all: gamma noise by week and day, Poisson.

    Works in place on `expected` in blocks of customers, so that memory stays flat.
    """
    customers, days = expected.shape
    weeks = (np.arange(days) + start_on.weekday()) // 7
    factors = day_factors(start_on, days)
    outage = days - parameters.outage_days_ago
    factors[max(outage, 0) : max(outage + parameters.outage_days, 0)] *= parameters.outage_factor
    expected *= factors.astype(np.float32)
    week_shape, day_shape = parameters.weekly_dispersion, parameters.daily_dispersion
    for low in range(0, customers, 512):
        block = expected[low : low + 512]
        weekly = generator.standard_gamma(week_shape, (len(block), int(weeks[-1]) + 1)) / week_shape
        block *= weekly[:, weeks]
        block *= generator.standard_gamma(day_shape, block.shape, dtype=np.float32) / day_shape
    expected *= events / float(expected.sum(dtype=np.float64))
    counts = np.empty(expected.shape, dtype=np.int32)
    for low in range(0, customers, 512):
        counts[low : low + 512] = generator.poisson(expected[low : low + 512])
    missing = events - int(counts.sum(dtype=np.int64))
    _settle(counts, possible=expected > 0, generator=generator, missing=missing)
    return counts


def _settle(
    counts: NDArray[np.int32],
    *,
    possible: NDArray[np.bool_],
    generator: np.random.Generator,
    missing: int,
) -> None:
    """Adds or takes single events until the total is exact."""
    flat = counts.reshape(-1)
    while missing:
        cells = np.flatnonzero(flat if missing < 0 else possible)
        picked = generator.choice(cells, size=min(abs(missing), len(cells)), replace=False)
        flat[picked] += 1 if missing > 0 else -1
        missing -= len(picked) if missing > 0 else -len(picked)


def draw_users(customers: list[Customer], *, seed: int, start_on: date, days: int) -> Users:
    """Named contacts first, then the front line, as many as seats are taken up."""
    generator = np.random.default_rng([seed, 2])
    rows: list[tuple[int, int, bool, int, int]] = []
    for customer in customers:
        begun = (customer.first_on - start_on).days
        for number, person in enumerate(customer.people, start=1):
            left = (person.to_on - start_on).days if person.to_on else days
            came = (person.from_on - start_on).days
            rows.append((customer.index, number, person.grade != "B", max(came, begun), left))
        seats = max((service.seats for service in customer.services), default=0)
        taken_up = np.clip(0.47 + 0.2 * customer.quality + generator.normal(0, 0.12), 0.12, 0.98)
        more = max(round(seats * float(taken_up)) - len(customer.people), 1)
        joins = np.sort(generator.exponential(40, more)).astype(int) + begun
        stays = generator.exponential(2_400, more).astype(int) + 30
        for offset in range(more):
            number = len(customer.people) + 1 + offset
            manager = offset < more // 12
            rows.append(
                (customer.index, number, manager, joins[offset], joins[offset] + stays[offset])
            )
    columns = list(zip(*rows, strict=True))
    return Users(
        customer=np.array(columns[0], dtype=np.int32),
        number=np.array(columns[1], dtype=np.int32),
        manager=np.array(columns[2], dtype=np.bool_),
        from_day=np.array(columns[3], dtype=np.int32),
        to_day=np.array(columns[4], dtype=np.int32),
    )


def product_sets(customers: list[Customer], *, start_on: date) -> list[tuple[int, int, int]]:
    """(day, customer, set of products as bits), by day: what each may use from that day on."""
    changes = [
        ((service.start_on - start_on).days, customer.index, bits(service.products))
        for customer in customers
        for service in customer.services
    ]
    return sorted(changes)


def bits(products: tuple[str, ...]) -> int:
    return sum(1 << PRODUCTS.index(product) for product in products)

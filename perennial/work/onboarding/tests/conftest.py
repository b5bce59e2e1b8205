"""The cast, its newest customer, and colleagues who hand it over."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from perennial.config.pipeline import jobs_of
from perennial.customers.models import Customer, Stage
from perennial.demo.cast import State
from perennial.demo.plant import Planted, plant

DAY = date(2026, 6, 30)
NOW = datetime(2026, 7, 1, 2, tzinfo=UTC)  # ten in the morning of the next business day


@pytest.fixture
def cast(db: None) -> Planted:
    return plant(end_on=DAY)


@pytest.fixture
def planted(cast: Planted) -> Customer:
    """The customer that opened two weeks ago, in the stage of onboarding."""
    customer = cast.customers[State.PLANTED]
    Customer.objects.filter(pk=customer.pk).update(stage=Stage.ONBOARDING)
    customer.refresh_from_db()
    jobs_of("contracts").fill(day=DAY)
    return customer

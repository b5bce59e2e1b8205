"""The cast at the end of June 2026, on the morning after."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine

from perennial.customers.models import Customer
from perennial.demo.cast import State
from perennial.demo.plant import Planted, plant

DAY = date(2026, 6, 30)
NOW = datetime(2026, 7, 1, 3, tzinfo=UTC)


@pytest.fixture
def planted(db: None) -> Iterator[Planted]:
    with time_machine.travel(NOW, tick=False):
        yield plant(end_on=DAY)


@pytest.fixture
def customer(planted: Planted) -> Customer:
    return planted.customers[State.BLOOMING]

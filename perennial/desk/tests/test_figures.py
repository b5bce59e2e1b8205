"""The day's last step on the cast: right figures, written only where they changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib import import_module

import pytest
import time_machine

from perennial.customers.models import Touch
from perennial.demo.cast import State, customer
from perennial.demo.plant import Planted, plant
from perennial.desk import jobs
from perennial.desk.models import CustomerFigures
from perennial.desk.queries import as_of

ON = date(2026, 6, 30)
pytestmark = pytest.mark.django_db


@pytest.fixture
def planted() -> Planted:
    found = plant(end_on=ON)
    with time_machine.travel(datetime(2026, 7, 1, 1, tzinfo=UTC), tick=False):
        for step in ("contracts", "revenue", "health", "alerts", "work"):
            import_module(f"perennial.{step}.jobs").fill(day=ON)
        jobs.fill(day=ON)
    return found


def of(planted: Planted, state: State) -> CustomerFigures:
    return planted.customers[state].figures


def test_the_figures_are_those_of_the_cast(planted: Planted) -> None:
    due = of(planted, State.DUE)
    told = customer(State.DUE)
    assert due.renewal_on == ON + timedelta(days=told.due_in_days)
    assert due.stage == "pre_renewal"
    assert due.arr == pytest.approx(Decimal(told.arr), rel=Decimal("0.2"))
    assert due.arr is not None
    assert due.mrr is not None
    assert abs(due.arr - due.mrr * 12) <= Decimal("0.06")
    assert of(planted, State.PLANTED).stage == "onboarding"
    lost = of(planted, State.LOST)
    assert (lost.stage, lost.arr) == ("churned", Decimal(0))
    assert of(planted, State.UNHAPPY).nps == 3
    assert as_of() == ON


def test_without_events_usage_is_unknown_not_zero(planted: Planted) -> None:
    silent = of(planted, State.SILENT)
    assert silent.seats_bought == customer(State.SILENT).seats
    assert (silent.seats_used, silent.usage_trend_rate, silent.last_seen_on) == (None, None, None)
    assert not silent.is_silent


def test_run_twice_it_writes_nothing(planted: Planted) -> None:
    assert jobs.fill(day=ON) == {
        "customers": len(planted.customers),
        "written": 0,
        "segments": 0,
        "segment_changes": 0,
    }


def test_only_what_changed_is_written_and_yesterday_is_remembered(planted: Planted) -> None:
    before = of(planted, State.DUE).score
    Touch.objects.create(
        customer=planted.customers[State.DUE],
        happened_at=datetime(2026, 7, 1, 2, tzinfo=UTC),
        recorded_at=datetime(2026, 7, 1, 2, tzinfo=UTC),
    )
    jobs.fill(day=ON)  # the touch lies after the day: unseen
    assert of(planted, State.DUE).last_touch_on != date(2026, 7, 1)
    jobs.fill(day=ON + timedelta(days=1))
    due = CustomerFigures.objects.get(customer=planted.customers[State.DUE])
    assert due.last_touch_on == date(2026, 7, 1)
    assert due.score_before == before


def test_an_older_day_does_not_mix_into_the_newest(planted: Planted) -> None:
    before = list(CustomerFigures.objects.order_by("pk").values())
    assert jobs.fill(day=ON - timedelta(days=40))["written"] == 0
    assert list(CustomerFigures.objects.order_by("pk").values()) == before
    assert as_of() == ON

"""Contracts that fell due in spring 2026: two thirds renewed; who was lost had stopped using."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from perennial.contracts.models import OrderLine
from perennial.customers.models import Customer
from perennial.metrics.tests.conftest import Fact
from perennial.units.moment import day_start

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 4, tzinfo=ZONE)
Happen = Callable[[Sequence[Fact]], dict[str, int]]


def moment(day: date) -> datetime:
    return day_start(day, ZONE)


def order(of: Customer, order_id: str, start: date, end: date, **also: object) -> None:
    given: dict[str, object] = {
        "kind": "new", "recurring_amount": Decimal(1000), "basis": "arr", "currency": "CNY",
        "signed_on": start, "recorded_at": moment(start),
    } | also  # fmt: skip
    OrderLine.objects.create(customer=of, order_id=order_id, start_on=start, end_on=end, **given)


def due_on(number: int) -> date:
    return date(2026, 3, 1) + timedelta(days=number)


def company(happen: Happen, *, customers: int = 45) -> None:
    """Every third customer is lost; its use ends three months before, the others' goes on."""
    facts: list[Fact] = []
    for number in range(customers):
        end, name = due_on(number) + timedelta(days=1), f"c{number:02}"
        start = end - timedelta(days=365)
        made = Customer.objects.create(
            external_id=name, name=name, created_on=start, recorded_at=moment(start)
        )
        order(made, f"{name}-1", start, end)
        is_lost = number % 3 == 0
        if not is_lost:
            order(made, f"{name}-2", end, end + timedelta(days=365), kind="renewal",
                  renews=[f"{name}-1"], signed_on=end - timedelta(days=5),
                  recorded_at=moment(end - timedelta(days=5)))  # fmt: skip
        last = end - timedelta(days=100 if is_lost else 0)
        days = (last - (start + timedelta(days=60))).days
        facts += [
            Fact(last - timedelta(days=it), name, person=f"{name}-{it % 2}")
            for it in range(0, days, 2)
        ]
    happen(facts)

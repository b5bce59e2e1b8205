"""A small ledger in the tables, and people who look at it, for tests through HTTP."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.test import Client

from perennial.contracts.models import OrderLine
from perennial.customers.models import Customer
from perennial.revenue import jobs
from perennial.team.models import Role, User
from perennial.units.moment import day_start
from perennial.units.period import Grain, period_of

ZONE = ZoneInfo("Asia/Shanghai")
AS_OF = date(2026, 11, 21)
OCTOBER = period_of(date(2026, 10, 1), Grain.MONTH)
KNOWN = date(2026, 11, 5)
NOW = datetime.fromisoformat("2026-11-22T10:00:00+08:00")


def noon(day: date) -> datetime:
    return day_start(day, ZONE).replace(minute=1)


def log_in(role: Role, language: str = "en") -> Client:
    """A colleague of this role, logged in."""
    email = f"{role}-{User.objects.count()}@x.invalid"
    user = User.objects.create(email=email, name=role, role=role, language=language)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def customer(name: str, owner: User | None = None) -> Customer:
    return Customer.objects.create(external_id=name, name=name, owner=owner, recorded_at=NOW)


def order(of: Customer, order_id: str, start: date, mrr: int, **also: Any) -> OrderLine:
    """An open-ended order of so much a month, recorded on its first day."""
    given = {
        "kind": "new", "recurring_amount": Decimal(mrr), "basis": "mrr", "currency": "CNY",
        "signed_on": start, "recorded_at": noon(start),
    } | also  # fmt: skip
    return OrderLine.objects.create(customer=of, order_id=order_id, start_on=start, **given)


def company_of_october() -> dict[str, Customer]:
    """In October 2026 one stays (1000), one comes (300), one leaves (200)."""
    made = {name: customer(name) for name in ("stays", "comes", "leaves")}
    order(made["stays"], "s", date(2025, 1, 1), 1000)
    order(made["comes"], "c", date(2026, 10, 10), 300)
    order(made["leaves"], "l", date(2025, 1, 1), 200, end_on=date(2026, 10, 20))
    jobs.fill(day=AS_OF)
    return made


def corrections(company: dict[str, Customer]) -> None:
    """After KNOWN it turns out: one stayed for less, another had come in October."""
    late = noon(date(2026, 11, 10))
    order(company["leaves"], "l2", date(2026, 10, 20), 150, recorded_at=late)
    order(customer("forgotten"), "f", date(2026, 10, 25), 70, recorded_at=late)
    jobs.fill(day=AS_OF)


def boss() -> User:
    return User.objects.create(email="boss@x.invalid", name="Boss", role=Role.FINANCE)

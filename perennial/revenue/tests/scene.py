"""A small ledger in the tables, and people who look at it, for tests through HTTP."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.test import Client

from perennial.contracts.models import OrderLine
from perennial.customers.models import Customer
from perennial.team.models import Role, User
from perennial.units.moment import day_start

ZONE = ZoneInfo("Asia/Shanghai")
AS_OF = date(2026, 11, 21)
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

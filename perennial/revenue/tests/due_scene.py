"""A company whose contracts fall due, and people who look at it, for tests through HTTP."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.test import Client

from perennial.contracts import jobs as contracts_jobs
from perennial.customers.models import Customer
from perennial.revenue import jobs
from perennial.revenue.tests import scene
from perennial.revenue.tests.scene import AS_OF, NOW
from perennial.team.models import Role, User

BACKEND = "django.contrib.auth.backends.ModelBackend"
END = date(2026, 9, 1)
TIERS = {"more": "S", "less": "A", "lost": "A", "closed": "", "open": "S"}


def user(role: Role, name: str = "", **also: Any) -> User:
    name = name or role.value
    return User.objects.create(
        email=f"{name}@x.invalid", name=name, role=role, language="en", **also
    )


def log_in(of: User) -> Client:
    client = Client()
    client.force_login(of, backend=BACKEND)
    return client


def order(of: Customer, order_id: str, start: date, end: date, arr: int, **also: Any) -> None:
    also = {"recurring_amount": Decimal(arr), "basis": "arr", "end_on": end} | also
    scene.order(of, order_id, start, arr, **also)


def due_company(csm: User) -> dict[str, Customer]:
    """Due in 2026-Q3: one renewed for more, one for less, one lost, one closed down; and one
    due in the running quarter."""
    made = {
        name: Customer.objects.create(
            external_id=name, name=name, recorded_at=NOW, tier=tier,
            owner=csm if name in ("more", "lost") else None,
        )
        for name, tier in TIERS.items()
    }  # fmt: skip
    begin = date(2025, 9, 1)
    for name, amount in (("more", 1000), ("less", 4000), ("lost", 2000), ("closed", 3000)):
        order(made[name], f"{name}-1", begin, END, amount)
    after = date(2027, 9, 1)
    renewal = {"kind": "renewal", "signed_on": END - timedelta(days=5)}
    order(made["more"], "more-2", END, after, 1500, renews=["more-1"], **renewal)
    order(made["less"], "less-2", END, after, 3000, renews=["less-1"], **renewal)
    order(made["open"], "open-1", date(2025, 12, 1), date(2026, 12, 1), 700)
    contracts_jobs.fill(day=AS_OF)
    jobs.fill(day=AS_OF)
    return made


def page(client: Client, query: str = "grain=quarter&period=2026-Q3") -> Any:
    return client.get(f"/revenue/renewals/?{query}")


def names(answer: Any) -> set[str]:
    return {row["customer"].name for row in answer.context["rows"]}

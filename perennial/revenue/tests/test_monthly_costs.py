"""Monthly costs: typed or pasted, append-only, recorded by those who decide."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from perennial.revenue.models import MonthlyCost
from perennial.revenue.rules.cost_rows import cost_rows
from perennial.revenue.tests.test_views import NOW, log_in
from perennial.team.models import AuditEntry, Role
from perennial.units.errors import InputRefused

pytestmark = pytest.mark.django_db
PAGE = "/revenue/economics/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def costs(client: Client, rows: str, kind: str = "sales_marketing"):
    typed = {"kind": kind, "rows": rows, "next": PAGE}
    return client.post("/revenue/costs/", typed, follow=True)


def test_costs_are_kept_as_they_were_known():
    client = log_in(Role.FINANCE)
    costs(client, "2026-10, 100")
    with time_machine.travel(NOW + timedelta(days=2), tick=False):
        later = log_in(Role.ADMIN)
        costs(later, "2026-10, ¥1,200.50")
        now = later.get(f"{PAGE}?view=costs").context["cost_rows"]
        then = later.get(f"{PAGE}?view=costs&known_at=2026-11-22").context["cost_rows"]
    assert cell(now) == Decimal("1200.50") and cell(then) == 100
    assert [row.amount for row in MonthlyCost.objects.order_by("pk")] == [100, Decimal("1200.50")]
    assert AuditEntry.objects.filter(action="costs_recorded").count() == 2


def cell(rows):
    """Sales and marketing in October 2026."""
    return next(cells[0][2] for month, cells in rows if month == date(2026, 10, 1))


def test_months_can_be_typed_over_and_withdrawn():
    client = log_in(Role.FINANCE)
    costs(client, "2026-10, 100\n2026-09, 90")
    typed = {"cost.sales_marketing.2026-10": "", "cost.sales_marketing.2026-09": "95", "next": PAGE,
             "cost.delivery.2026-10": "40"}  # fmt: skip
    client.post("/revenue/costs/", typed)
    kept = MonthlyCost.objects.order_by("pk").values_list("kind", "month_on", "amount")[2:]
    assert set(kept) == {
        ("sales_marketing", date(2026, 10, 1), None),
        ("sales_marketing", date(2026, 9, 1), Decimal(95)),
        ("delivery", date(2026, 10, 1), Decimal(40)),
    }


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("2026-13, 5", "Row 1 names no month: 2026-13, 5"),
        ("2026-10, 5\nhello", "Row 2 names no month: hello"),
        ("2026-10, five", "Row 1 has no amount: 2026-10, five"),
        ("2026-10, 5\n2026-10, 6", "Row 2 says otherwise: 2026-10, 6"),
        ("2026-10, -5", "A cost cannot be negative."),
        ("2026-10, 1e400", "A cost cannot be negative."),
        ("2026-10, NaN", "Row 1 has no amount"),
    ],
)
def test_wrong_rows_are_named_and_nothing_is_written(rows, message):
    page = costs(log_in(Role.FINANCE), rows)
    assert message in page.content.decode()
    assert not MonthlyCost.objects.exists()


@pytest.mark.parametrize(
    ("row", "month_on", "amount"),
    [
        ("2026-10,350000", date(2026, 10, 1), Decimal(350_000)),
        ("2026/1\t12,345.60", date(2026, 1, 1), Decimal("12345.60")),
        ("2026年3月，¥9 ", date(2026, 3, 1), Decimal(9)),
        ("2026-02-15; 7", date(2026, 2, 1), Decimal(7)),
        ("2026-10", date(2026, 10, 1), None),
    ],
)
def test_a_row_is_read_as_people_write_it(row, month_on, amount):
    assert cost_rows(row) == {month_on: amount}


def test_no_rows_are_refused():
    with pytest.raises(InputRefused):
        cost_rows("\n")


@pytest.mark.parametrize("role", [Role.LEADER, Role.CSM, Role.SUPPORT, Role.VIEWER])
def test_costs_are_recorded_by_those_who_decide(role):
    assert costs(log_in(role), "2026-10, 5").status_code == 403
    assert not MonthlyCost.objects.exists()

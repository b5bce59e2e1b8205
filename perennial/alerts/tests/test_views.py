from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.test import Client

from perennial.alerts.models import Alert, Ending, Rule
from perennial.customers.models import Customer
from perennial.team.models import Role, User

NOW = datetime(2026, 7, 1, tzinfo=UTC)
DAY = date(2026, 6, 30)
pytestmark = pytest.mark.django_db


def alert(name: str, owner: User, *, resolved_on: date | None = None) -> Alert:
    customer = Customer.objects.create(external_id=name, name=name, owner=owner, recorded_at=NOW)
    return Alert.objects.create(
        customer=customer,
        rule=Rule.USAGE_DROP,
        kind="sudden",
        metric="event_count",
        expected=120,
        observed=42,
        probability=0.0005,
        severity=0.65,
        params={"days": 7, "expected": 120, "observed": 42, "drop_rate": 0.65},
        since_on=DAY,
        raised_on=DAY,
        last_fired_on=DAY,
        resolved_on=resolved_on,
        ending=Ending.RECOVERED if resolved_on else "",
    )


def test_the_list_shows_own_alerts_with_reason_and_evidence(client: Client):
    owner = User.objects.create(email="o@example.com", name="O", role=Role.CSM, language="zh-hans")
    other = User.objects.create(email="p@example.com", name="P", role=Role.CSM)
    alert("北京卓泽", owner)
    alert("上海云霞", owner, resolved_on=DAY)
    alert("别人的客户", other)
    client.force_login(owner)
    page = client.get("/alerts/", headers={"accept-language": "zh-CN"}).content.decode()
    assert "北京卓泽" in page
    assert "近 7 天使用 42 次，按以往应有 120 次左右，下降 65%" in page
    assert "上海云霞" not in page
    assert "别人的客户" not in page
    resolved = client.get("/alerts/?state=resolved&rule=usage_drop").content.decode()
    assert "上海云霞" in resolved
    assert "北京卓泽" not in resolved


def test_an_amount_overdue_is_shown_to_those_only_who_see_money(client: Client):
    late = alert("北京卓泽", User.objects.create(email="o@example.com", name="O", role=Role.CSM))
    late.rule, late.kind = Rule.INVOICE_OVERDUE, ""
    late.params = {"days": 21, "count": 2, "amount": "364.00", "currency": "CNY"}
    late.save()
    customer = f"/customers/{late.customer_id}/"
    for role, sees in ((Role.SUPPORT, False), (Role.VIEWER, False), (Role.FINANCE, True)):
        client.force_login(User.objects.create(email=f"{role}@example.com", name=role, role=role))
        for address in ("/alerts/", customer, f"{customer}?tab=timeline"):
            page = client.get(address).content.decode()
            assert "2 invoices overdue" in page, (role, address)
            assert ("¥364" in page) is sees, (role, address)


def test_the_list_asks_the_database_little(
    client: Client, django_assert_max_num_queries: pytest.FixtureRequest
):
    owner = User.objects.create(email="o@example.com", name="O", role=Role.CSM)
    for number in range(20):
        alert(f"c{number}", owner)
    client.force_login(owner)
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        assert client.get("/alerts/").status_code == 200

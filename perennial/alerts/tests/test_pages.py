"""The pages of alerts: by role, by customer, in words; rules, quiet days, verdicts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.test import Client

from perennial.alerts.actions import judge_alert
from perennial.alerts.models import Alert, Evidence, OwnRule, QuietWindow, Rule, Verdict
from perennial.alerts.queries.judged import precisions
from perennial.config.definitions import changes, export_text, read_path
from perennial.customers.models import Customer
from perennial.team.models import AuditEntry, Role, Team, User
from perennial.tickets.models import Ticket
from perennial.work.models import WorkItem

NOW = datetime(2026, 7, 1, tzinfo=UTC)
DAY = date(2026, 6, 30)
pytestmark = pytest.mark.django_db
FORM = {
    "enter": "1;tickets.gte.1", "leave": "", "severity_rate": "0.5", "calm_days": "2",
    "cool_down_days": "14", "title_zh": "有工单", "title_en": "Has tickets", "name": "has_tickets",
    "is_on": "on",
}  # fmt: skip


@pytest.fixture
def owner() -> User:
    return User.objects.create(email="o@example.com", name="O", role=Role.CSM)


@pytest.fixture
def admin() -> User:
    return User.objects.create(email="a@example.com", name="A", role=Role.ADMIN)


def customer(name: str, owner: User | None = None) -> Customer:
    return Customer.objects.create(external_id=name, name=name, owner=owner, recorded_at=NOW)


def alert(of: Customer | None, rule: Rule = Rule.SILENT, **more: object) -> Alert:
    values = {
        "metric": "event_count", "severity": 0.9, "since_on": DAY, "raised_on": DAY,
        "last_fired_on": DAY, "params": {"days": 60, "last_on": "2026-05-01"},
    } | more  # fmt: skip
    return Alert.objects.create(customer=of, rule=rule, **values)


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_alerts_of_one_customer_are_one_card(client: Client, owner: User):
    one = customer("北京卓泽", owner)
    alert(one)
    alert(one, Rule.DETRACTOR, params={"score": 3}, severity=0.5)
    alert(customer("上海云霞", owner), severity=0.2)
    client.force_login(owner)
    page = text(client, "/alerts/")
    assert page.count('<li class="alert-card') == 2
    assert page.count("北京卓泽") == page.count("上海云霞"), "named once, whatever it has"
    assert page.index("北京卓泽") < page.index("上海云霞"), "the gravest first"
    assert text(client, "/alerts/?rule=detractor").count('<li class="alert-card') == 1


def test_scopes_are_mine_my_teams_and_all(client: Client, owner: User, admin: User):
    team = Team.objects.create(name="华东")
    mate = User.objects.create(email="m@example.com", name="M", role=Role.CSM, team=team)
    User.objects.filter(pk=admin.pk).update(team=team)
    alert(customer("自己的", admin))
    alert(customer("同组的", mate))
    alert(customer("别组的", owner))
    client.force_login(User.objects.get(pk=admin.pk))
    shown = {
        scope: [
            name in text(client, f"/alerts/?scope={scope}") for name in ("自己", "同组", "别组")
        ]
        for scope in ("own", "team", "all")
    }
    assert shown == {
        "own": [True, False, False],
        "team": [True, True, False],
        "all": [True, True, True],
    }


def test_one_alert_shows_evidence_rule_work_and_takes_a_verdict(client: Client, owner: User):
    one = customer("北京卓泽", owner)
    found = alert(one)
    Evidence.objects.create(alert=found, day=DAY, observed=0, params=found.params)
    item = WorkItem.objects.create(
        customer=one, reason="silent", lane="risk", params=found.params, rank_value=1,
        raised_on=DAY, last_fired_on=DAY,
    )  # fmt: skip
    client.force_login(owner)
    address = f"/alerts/{found.pk}/"
    page = text(client, address)
    assert "no use for 60 days, the last on 2026-05-01" in page
    assert f"/work/{item.pk}/complete/" in page
    assert "No use for as many days as the rule of activity says." in page
    client.post(f"/alerts/{found.pk}/verdict/", {"said": "right", "note": "was so"})
    assert "judged right" in text(client, address)
    client.post(f"/alerts/{found.pk}/verdict/", {"said": "wrong"})
    assert Verdict.objects.get().was_right is False
    client.post(f"/alerts/{found.pk}/verdict/", {"said": "unsaid"})
    assert not Verdict.objects.exists()
    client.post(f"/work/{item.pk}/snooze/", {"days": "7", "next": address})
    assert "snoozed" in text(client, address)


@pytest.mark.parametrize("rule", [it for it in Rule if it != Rule.OWN], ids=str)
def test_a_foreign_alert_does_not_exist(client: Client, owner: User, admin: User, rule: Rule):
    theirs = alert(customer("北京卓泽", admin), rule)
    client.force_login(owner)
    assert client.get(f"/alerts/{theirs.pk}/").status_code == 404
    assert client.post(f"/alerts/{theirs.pk}/verdict/", {"said": "right"}).status_code == 404


@pytest.mark.parametrize(
    ("role", "looks", "defines"),
    [
        (Role.ADMIN, 200, 200),
        (Role.LEADER, 200, 200),
        (Role.CSM, 200, 403),
        (Role.FINANCE, 200, 403),
        (Role.SUPPORT, 200, 403),
        (Role.VIEWER, 200, 403),
    ],
    ids=str,
)
def test_pages_by_role(client: Client, role: Role, looks: int, defines: int):
    client.force_login(User.objects.create(email="r@example.com", name="R", role=role))
    for page in ("/alerts/", "/alerts/rules/"):
        assert client.get(page).status_code == looks, page
    for page in ("/alerts/rules/new/", "/alerts/rules/preview/", "/alerts/rules/quiet/"):
        assert client.get(page).status_code == defines, page
    made = client.post("/alerts/rules/new/", FORM)
    assert OwnRule.objects.exists() is (defines == 200)
    assert made.status_code == (302 if defines == 200 else 403)


def test_an_own_rule_is_previewed_on_real_customers(client: Client, admin: User):
    with_ticket, without = customer("北京卓泽"), customer("上海云霞")
    Ticket.objects.create(
        external_id="t", customer=with_ticket, opened_at=NOW.replace(year=2020), recorded_at=NOW
    )
    client.force_login(admin)
    page = text(client, "/alerts/rules/preview/?enter=1;tickets.gte.1")
    assert with_ticket.name in page
    assert without.name not in page
    assert "Open tickets ≥ 1" in page
    refused = text(client, "/alerts/rules/preview/?enter=1;open_alerts.gte.1")
    assert "There is no field" in refused, "a field of the slices above is none of ours"


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("enter", "", "required"),
        ("enter", "tickets > 3", "cannot be read"),
        ("leave", "1;no_field.gte.1", "There is no field"),
        ("severity_rate", "7", "less than or equal to 1"),
        ("calm_days", "0", "greater than or equal to 1"),
        ("name", "Has Tickets", "is no name"),
    ],
)
def test_a_wrong_rule_is_refused_beside_its_field(
    client: Client, admin: User, field: str, value: str, fault: str
):
    client.force_login(admin)
    answer = client.post("/alerts/rules/new/", FORM | {field: value})
    assert answer.status_code == 422
    assert fault in answer.content.decode()
    assert not OwnRule.objects.exists()


def test_a_rule_is_changed_and_taken_back_with_audit_lines(client: Client, admin: User):
    client.force_login(admin)
    client.post("/alerts/rules/new/", FORM)
    client.post("/alerts/rules/own/has_tickets/", FORM | {"calm_days": "5"})
    assert OwnRule.objects.get().calm_days == 5
    assert "Has tickets" in text(client, "/alerts/rules/")
    client.post("/alerts/rules/own/has_tickets/back/")
    assert not OwnRule.objects.exists()
    assert client.get("/alerts/rules/own/has_tickets/").status_code == 404
    actions = AuditEntry.objects.filter(object_type="alert_rule").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == [
        "alert_rule_defined",
        "alert_rule_changed",
        "alert_rule_taken_back",
    ]


def test_quiet_days_are_announced_and_taken_back(client: Client, admin: User):
    one = customer("北京卓泽")
    client.force_login(admin)
    given = {
        "title": "店庆",
        "from_on": "2026-08-01",
        "to_on": "2026-08-03",
        "customer": "北京卓泽",
    }
    wrong = client.post("/alerts/rules/quiet/", given | {"to_on": "2026-07-01"})
    assert "It ends before it begins." in wrong.content.decode()
    assert client.post("/alerts/rules/quiet/", given).status_code == 302
    window = QuietWindow.objects.get(customer=one)
    assert "店庆" in text(client, "/alerts/rules/")
    client.post(f"/alerts/rules/quiet/{window.pk}/drop/")
    assert not QuietWindow.objects.exists()


def test_precision_needs_ten_judged_alerts(client: Client, admin: User):
    client.force_login(admin)
    for number in range(10):
        found = alert(customer(f"c{number}"))
        judge_alert(found, was_right=number < 8, by=admin, at=NOW)
        kept = precisions(admin)[Rule.SILENT.value, ""]
        assert (kept.judged, kept.rate) == (number + 1, 0.8 if number == 9 else None)
    page = text(client, "/alerts/rules/")
    assert "80%" in page
    assert "49%–94%" in page


def test_rules_and_windows_are_text_that_comes_back(client: Client, admin: User, tmp_path: Path):
    client.force_login(admin)
    client.post("/alerts/rules/new/", FORM)
    client.post(
        "/alerts/rules/quiet/", {"title": "国庆", "from_on": "2026-10-01", "to_on": "2026-10-07"}
    )
    file = tmp_path / "all.yaml"
    file.write_text(export_text(), encoding="utf-8")
    assert "alert_rules:" in file.read_text("utf-8")
    assert changes(read_path(file)) == []
    file.write_text(file.read_text("utf-8").replace("tickets.gte.1", "tickets.gte.2"), "utf-8")
    assert [(it.kind, it.name) for it in changes(read_path(file))] == [
        ("alert_rules", "has_tickets")
    ]

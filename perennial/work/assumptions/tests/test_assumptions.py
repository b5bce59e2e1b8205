"""Chance and hours of a reason: changed by leaders, seen by all, replaced by what was measured."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from perennial.config.definitions import export_text
from perennial.customers.models import Customer
from perennial.team.models import AuditEntry, User
from perennial.work.assumptions.queries import assumptions, bases
from perennial.work.models import Outcome, State, WorkItem

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
PAGE = "/work/assumptions/"


@pytest.fixture
def leader():
    return User.objects.create(email="lea@x.invalid", name="lea", role="leader")


def item(name: str, **values) -> WorkItem:
    customer = Customer.objects.create(external_id=name, name=name, recorded_at=NOW)
    terms = {
        "stake": "100000.00",
        "stand_in": None,
        "severity_rate": 0.5,
        "chance_rate": 0.35,
        "urgency_rate": 0.8,
        "effort_hours": 1.5,
    }
    return WorkItem.objects.create(
        customer=customer,
        reason="usage_drop",
        lane="risk",
        terms=terms,
        money_at_risk=Decimal(100_000),
        rank_value=9333.333333,
        raised_on=date(2026, 11, 21),
        last_fired_on=date(2026, 11, 21),
        **values,
    )


def closed(count: int, outcome: str, by: User | None) -> None:
    for at in range(count):
        done = {"closed_by": by, "closed_on": date(2026, 11, 20), "closed_at": NOW}
        item(f"{outcome}{at}{by}", state=State.DONE, outcome=outcome, **done)


def change(client, *, version=0, chance="50", hours="1"):
    given = {"version": version, "chance": chance, "effort_hours": hours, "cool_down_days": 14}
    return client.post(f"{PAGE}usage_drop/", given)


def test_a_change_ranks_open_items_at_once_and_can_be_undone(client, leader):
    client.force_login(leader)
    waiting = item("C1")
    assert change(client).status_code == 302
    waiting.refresh_from_db()
    assert waiting.rank_value == 20_000  # 100,000 × .5 × .5 × .8 ÷ 1
    assert AuditEntry.objects.get(action="assumption.kept").by == leader
    client.post(f"{PAGE}usage_drop/undo/1/")
    waiting.refresh_from_db()
    assert waiting.rank_value == pytest.approx(9333.333333)  # 100,000 × .5 × .35 × .8 ÷ 1.5
    assert assumptions()["usage_drop"].chance_rate == 0.35


def test_undo_brings_back_the_version_before(client, leader):
    client.force_login(leader)
    change(client)
    change(client, version=1, chance="60")
    client.post(f"{PAGE}usage_drop/undo/2/")
    assert assumptions()["usage_drop"].chance_rate == 0.5


def test_two_who_change_the_same_reason_see_each_other(client, leader):
    client.force_login(leader)
    change(client)
    late = change(client, chance="70")
    assert late.status_code == 422
    page = late.content.decode()
    assert "Somebody else has changed this" in page
    assert "50%" in page and 'value="70"' in page, "both values are on the page"
    assert assumptions()["usage_drop"].chance_rate == 0.5


WRONG = [
    pytest.param({"chance": "0"}, id="no-chance"),
    pytest.param({"chance": "101"}, id="more-than-sure"),
    pytest.param({"hours": "0"}, id="no-work"),
    pytest.param({"hours": "nan"}, id="not-a-number"),
]


@pytest.mark.parametrize("values", WRONG)
def test_values_out_of_range_stay_in_the_form(client, leader, values):
    client.force_login(leader)
    assert change(client, **values).status_code == 422
    assert not AuditEntry.objects.filter(action="assumption.kept").exists()


def test_everybody_looks_and_only_leaders_change(client):
    csm = User.objects.create(email="csm@x.invalid", name="csm", role="csm")
    client.force_login(csm)
    assert "A CS leader or an administrator can change these" in client.get(PAGE).content.decode()
    assert change(client).status_code == 403


def test_fifty_items_closed_by_people_replace_the_assumption(client, leader):
    closed(30, Outcome.SUCCESS, leader)
    closed(19, Outcome.FAILED, leader)
    closed(40, Outcome.NOT_NEEDED, leader)
    closed(40, Outcome.AUTO_RESOLVED, None)
    assert bases()["usage_drop"].chance.rate == 0.35, "49 cases are too few"
    item("C50", state=State.DONE, outcome=Outcome.FAILED, closed_by=leader)
    chance = bases()["usage_drop"].chance
    assert (chance.rate, chance.cases) == (0.6, 50)
    client.force_login(leader)
    assert "60% · measured n=50, 46–72%" in client.get(PAGE).content.decode()


def test_what_the_company_says_is_written_into_its_definitions(client, leader):
    assert "assumptions: []" in export_text()
    client.force_login(leader)
    change(client)
    assert "- reason: usage_drop\n  chance: 0.5\n  effort_hours: 1.0" in export_text()

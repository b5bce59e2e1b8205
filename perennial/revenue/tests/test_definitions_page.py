"""Definitions and rates through HTTP: who reads, who decides, what follows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import get_args, get_type_hints

import pytest
import time_machine

from perennial.contracts.models import Invoice
from perennial.revenue import actions, jobs
from perennial.revenue.models import Definition, FxRate, RevenueMark
from perennial.revenue.queries import contracted_mrr_on, mrr_on
from perennial.revenue.queries.clock import definitions_at, rates_at
from perennial.revenue.rules.definitions import DEFAULT, NAMES, Definitions
from perennial.revenue.tests.scene import AS_OF, NOW, customer, log_in, order
from perennial.revenue.wording.questions import BY_NAME, written
from perennial.team.models import AuditEntry, Role
from perennial.units.errors import InputRefused

pytestmark = pytest.mark.django_db
MARCH = datetime(2026, 3, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def define(name: str, value: str, at: datetime = NOW) -> Definition:
    return actions.define(name, value=value, by=None, at=at)


def rate(currency: str, value: str | None, at: datetime = NOW, **also: date) -> FxRate:
    given = None if value is None else Decimal(value)
    return actions.set_rate(currency, rate=given, by=None, at=at, **also)


def test_every_definition_is_a_question_with_words_for_every_choice():
    assert set(BY_NAME) == set(NAMES) - {"currency"}
    hints = get_type_hints(Definitions)
    for name, question in BY_NAME.items():
        kind = next(one for one in (*get_args(hints[name]), hints[name]) if one is not type(None))
        told = {choice.value for choice in question.choices}
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            assert told == set(kind), name
        elif kind is bool:
            assert told == {"true", "false"}, name
        else:
            assert not told and question.unit, name
        assert question.default == written(getattr(DEFAULT, name))


@pytest.mark.parametrize("role", [Role.ADMIN, Role.FINANCE, Role.LEADER, Role.CSM])
def test_all_who_see_revenue_read_the_definitions(role):
    page = log_in(role).get("/revenue/definitions/")
    text = page.content.decode()
    assert page.status_code == 200 and "The day a customer is lost" in text
    decides = role in (Role.ADMIN, Role.FINANCE)
    assert ("Finance and administrators can change" in text) is not decides


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.VIEWER])
def test_roles_without_money_see_no_definitions(role):
    assert log_in(role).get("/revenue/definitions/").status_code == 403


@pytest.mark.parametrize("role", [Role.LEADER, Role.CSM, Role.SUPPORT, Role.VIEWER])
def test_only_those_who_decide_record_anything(role):
    client = log_in(role)
    for address, data in (
        ("/revenue/definitions/level/", {"value": "product"}),
        ("/revenue/rates/", {"currency": "USD", "rate": "7"}),
    ):
        assert client.post(address, data).status_code == 403
    assert not Definition.objects.exists() and not FxRate.objects.exists()


def test_a_decision_is_recorded_audited_and_followed_at_once():
    leaves = customer("leaves")
    order(leaves, "a", date(2026, 1, 1), 100)
    order(
        leaves, "x", date(2026, 12, 1), 0, kind="cancellation", renews=["a"],
        recurring_amount=None, basis="none", signed_on=date(2026, 11, 10),
    )  # fmt: skip
    jobs.fill(day=AS_OF)
    assert mrr_on(None, AS_OF) == {leaves.pk: 100}
    client = log_in(Role.FINANCE)
    answer = client.post("/revenue/definitions/churn_recognition/", {"value": "on_notice"})
    assert answer.status_code == 302
    assert definitions_at().churn_recognition == "on_notice"
    assert client.get("/revenue/?period=2026-11").context["end"] == 0
    jobs.fill(day=AS_OF)
    assert mrr_on(None, AS_OF) == {leaves.pk: 0}
    line = AuditEntry.objects.get(action="definition_changed")
    assert line.detail == {"before": "service_end", "after": "on_notice"}
    text = client.get("/revenue/definitions/").content.decode()
    assert "Notice" in text and "default: End of service" in text
    used = client.get("/revenue/").context["definitions_used"]
    assert ("The day a customer is lost", "Notice", False) in [(str(t), v, o) for t, v, o in used]


@pytest.mark.parametrize(
    ("name", "data", "value"),
    [
        ("delinquent_after_days", {"value": "number", "number": "45"}, 45),
        ("delinquent_after_days", {"value": "never"}, None),
        ("reactivation_window_days", {"value": "number", "number": "90"}, 90),
        ("nrr_reactivation", {"value": "true"}, True),
        ("grace_days", {"value": "number", "number": "0"}, 0),
    ],
)
def test_numbers_and_yes_or_no_are_recorded(name, data, value):
    assert log_in(Role.ADMIN).post(f"/revenue/definitions/{name}/", data).status_code == 302
    assert getattr(definitions_at(), name) == value


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("level", {"value": "moon"}, "“moon” is not a value of level"),
        ("level", {"value": "customer"}, "It is defined so already."),
        ("grace_days", {"value": "number", "number": "-3"}, "“-3” is not a value"),
        ("colour", {"value": "red"}, "There is no setting “colour”"),
        ("currency", {"value": "USD"}, "PERENNIAL_CURRENCY"),
    ],
)
def test_what_cannot_be_defined_is_refused_in_one_sentence(name, data, says):
    page = log_in(Role.FINANCE).post(f"/revenue/definitions/{name}/", data)
    assert page.status_code == 422 and says in page.content.decode()
    assert not Definition.objects.exists()


def test_setting_back_is_a_new_record():
    define("level", "product", at=MARCH)
    define("level", "customer", at=NOW)
    assert definitions_at() == definitions_at(MARCH.date() - timedelta(days=1))
    assert definitions_at(MARCH.date()).level == "product"
    assert Definition.objects.count() == 2


def test_a_rate_holds_from_its_record_and_can_be_replaced_and_withdrawn():
    rate("usd", "7.1", at=MARCH)
    rate("USD", "7.2", at=MARCH + timedelta(days=5))
    rate("USD", "6.9", at=NOW, effective_on=date(2026, 4, 1))
    assert rates_at(date(2026, 3, 9)).plan == {}
    assert rates_at(date(2026, 3, 10)).plan == {"USD": Fraction("7.1")}
    assert rates_at().plan == {"USD": Fraction("7.2")}
    assert rates_at().spot == {"USD": ((date(2026, 4, 1), Fraction("6.9")),)}
    rate("USD", None, at=NOW)
    assert rates_at().plan == {}
    assert FxRate.objects.count() == 4


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"currency": "USD", "rate": "0"}, "A rate is a number above zero."),
        ({"currency": "USD", "rate": "seven"}, "Enter a number."),
        ({"currency": "US", "rate": "7"}, "is not a currency"),
        ({"currency": "CNY", "rate": "1"}, "own currency"),
        ({"currency": "USD"}, "This field is required."),
        ({"currency": "USD", "withdraw": "1"}, "It is the rate already."),
    ],
)
def test_a_bad_rate_is_refused(data, says):
    page = log_in(Role.FINANCE).post("/revenue/rates/", data)
    assert page.status_code == 422 and says in page.content.decode()


def test_a_rate_makes_the_unknown_known():
    foreign = customer("foreign")
    order(foreign, "a", date(2026, 1, 1), 100, currency="USD")
    jobs.fill(day=AS_OF)
    client = log_in(Role.FINANCE)
    assert client.get("/revenue/").context["end"] is None
    assert contracted_mrr_on(None, AS_OF) == {foreign.pk: None}
    page = client.get("/revenue/definitions/").content.decode()
    assert "missing for 1 customer" in page
    client.post("/revenue/rates/", {"currency": "USD", "rate": "7.2"})
    assert client.get("/revenue/").context["end"] == 720
    jobs.fill(day=AS_OF)
    assert client.get("/revenue/").context["end"] == 720
    assert RevenueMark.objects.get().missing_rates == []


def test_a_customer_in_arrears_is_no_revenue_but_can_still_be_lost():
    late = customer("late")
    order(late, "a", date(2026, 1, 1), 100)
    Invoice.objects.create(
        external_id="i", customer=late, issued_on=date(2026, 9, 1), due_on=date(2026, 9, 30),
        amount=100, currency="CNY", recorded_at=NOW,
    )  # fmt: skip
    jobs.fill(day=AS_OF)
    assert mrr_on(None, date(2026, 10, 30)) == {late.pk: 100}
    assert mrr_on(None, date(2026, 10, 31)) == {late.pk: 0}
    assert contracted_mrr_on(None, AS_OF) == {late.pk: 100}
    Invoice.objects.update(paid_on=date(2026, 11, 10))
    assert jobs.fill(day=AS_OF)["customers"] == 1
    assert mrr_on(None, AS_OF) == {late.pk: 100}


def test_what_is_redone_is_what_changed():
    for name in ("one", "two"):
        order(customer(name), name, date(2026, 1, 1), 100)
    jobs.fill(day=AS_OF)
    define("early_days", "60")
    assert jobs.fill(day=AS_OF)["customers"] == 0  # no state of a customer depends on it
    define("pause_policy", "keep")
    assert jobs.fill(day=AS_OF)["customers"] == 2


def test_defining_it_again_is_refused():
    with pytest.raises(InputRefused, match="so already"):
        define("level", "customer")


def test_by_product_a_dropped_product_is_churn_on_every_page():
    both = customer("both")
    order(both, "crm", date(2026, 1, 1), 100, product="crm")
    order(both, "im", date(2026, 1, 1), 40, product="im", end_on=date(2026, 10, 10))
    jobs.fill(day=AS_OF)
    client = log_in(Role.FINANCE)
    report = client.get("/revenue/?period=2026-10").context["report"]
    assert (report.amounts["contraction"], report.amounts["churn"]) == (-40, 0)
    define("level", "product")
    report = client.get("/revenue/?period=2026-10").context["report"]
    assert (report.amounts["contraction"], report.amounts["churn"]) == (0, -40)
    behind = client.get("/revenue/movers/?period=2026-10&kind=churn")
    assert [(it.customer.name, it.unit) for it in behind.context["movers"]] == [("both", "im")]
    payers = client.get("/revenue/customers/?period=2026-10").context["payers"]
    assert [(it.unit, it.state.mrr) for it in payers] == [("crm", 100)]
    data = {"period": "2026-10", "known_on": "2026-11-21"}
    assert client.post("/revenue/closes/", data).status_code == 302
    close = client.get("/revenue/closes/").context["closes"][0][0]
    page = client.get(f"/revenue/closes/{close.pk}/")
    assert page.context["is_intact"] and page.context["changed"] == 0


def test_at_spot_rates_currencies_have_a_line_of_their_own():
    foreign = customer("foreign")
    order(foreign, "a", date(2026, 1, 1), 100, currency="USD")
    for day, value in ((date(2026, 1, 1), "7.0"), (date(2026, 10, 15), "7.2")):
        rate("USD", value, effective_on=day)
    define("fx", "spot")
    jobs.fill(day=AS_OF)
    page = log_in(Role.FINANCE).get("/revenue/?period=2026-10")
    report = page.context["report"]
    assert (report.start, report.fx, report.end, report.net) == (700, 20, 720, 0)
    assert "What only the spot rates changed." in page.content.decode()

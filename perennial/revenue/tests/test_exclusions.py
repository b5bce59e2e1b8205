"""Leaving due items out of the adjusted rates (剔除): two people, reason and evidence, by HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from perennial.customers.models import Customer
from perennial.revenue.models import Definition, Exclusion
from perennial.revenue.tests.due_scene import due_company, log_in, names, page, user
from perennial.revenue.tests.scene import NOW
from perennial.team.models import AuditEntry, Role, Team, User

pytestmark = pytest.mark.django_db
SHEET = "/revenue/renewals/exclusion/?order="


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def team() -> Team:
    return Team.objects.create(name="North")


@pytest.fixture
def csm(team) -> User:
    return user(Role.CSM, "own", team=team)


@pytest.fixture
def company(csm) -> dict[str, Customer]:
    return due_company(csm)


def propose(client: Client, order_id: str = "closed-1", **also):
    given = {"do": "propose", "reason": "closed", "evidence": "register, 2026-08-30"} | also
    return client.post(SHEET + order_id, given, headers={"HX-Request": "true"})


def decide(client: Client, do: str, order_id: str = "closed-1"):
    return client.post(SHEET + order_id, {"do": do}, headers={"HX-Request": "true"})


def test_an_exclusion_counts_once_somebody_else_approved_it(company):
    proposer, finance = log_in(user(Role.FINANCE, "one")), log_in(user(Role.FINANCE, "two"))
    assert propose(proposer).status_code == 204
    waiting = page(proposer)
    assert waiting.context["raw"] == waiting.context["tiers"][-1]["adjusted"]
    assert "waits for approval" in waiting.content.decode()
    assert waiting.content.decode().count("exclusion proposed") == 1
    assert decide(proposer, "approve").status_code == 422
    assert decide(finance, "approve").status_code == 204
    found = page(proposer)
    text = found.content.decode()
    adjusted = found.context["tiers"][-1]["adjusted"]
    assert (found.context["raw"].due_amount, adjusted.due_amount) == (10000, 7000)
    for told in ("register, 2026-08-30", "customer closed down", "two", "raw: lost"):
        assert told in text
    assert [card.adjusted for card in found.context["cards"]] == ["66.7%", "57.1%", "64.3%", ""]
    assert names(page(proposer, "period=2026-Q3&status=excluded")) == {"closed"}
    lines = AuditEntry.objects.filter(object_id="closed-1").order_by("pk")
    assert [line.action for line in lines] == ["exclusion_proposed", "exclusion_approved"]


def test_a_withdrawn_exclusion_counts_again_and_the_past_is_kept(company):
    one, two = log_in(user(Role.FINANCE, "one")), log_in(user(Role.FINANCE, "two"))
    propose(one)
    decide(two, "approve")
    with time_machine.travel(NOW + timedelta(days=2), tick=False):
        assert decide(one, "withdraw").status_code == 204
        assert page(one).context["tiers"][-1]["adjusted"].due_amount == 10000
        then = page(one, "period=2026-Q3&known_at=2026-11-22")
        assert then.context["tiers"][-1]["adjusted"].due_amount == 7000
    assert Exclusion.objects.count() == 3


def test_what_waits_for_approval_shows_in_every_period(company):
    one = log_in(user(Role.FINANCE, "one"))
    propose(one)
    found = page(one, "grain=month&period=2026-05")
    assert [row["held"].row.order_id for row in found.context["exclusions"]] == ["closed-1"]
    assert "another period" in found.content.decode()
    decide(log_in(user(Role.FINANCE, "two")), "approve")
    assert page(one, "grain=month&period=2026-05").context["exclusions"] == []


def test_a_csm_proposes_for_own_customers_and_decides_nothing(company, csm):
    client = log_in(csm)
    assert propose(client, "lost-1").status_code == 204
    assert decide(client, "approve", "lost-1").status_code == 403
    assert decide(client, "withdraw", "lost-1").status_code == 204
    assert propose(client, "closed-1").status_code == 404
    assert client.get(SHEET + "closed-1").status_code == 404
    assert client.get(SHEET + "nonsense").status_code == 404


def test_a_csm_cannot_withdraw_what_others_decided(company, csm):
    one, two = log_in(user(Role.FINANCE, "one")), log_in(user(Role.FINANCE, "two"))
    propose(one, "lost-1")
    assert decide(log_in(csm), "withdraw", "lost-1").status_code == 403
    decide(two, "approve", "lost-1")
    assert decide(log_in(csm), "withdraw", "lost-1").status_code == 403


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"reason": ""}, "Choose a reason."),
        ({"reason": "bored"}, "Choose a reason."),
        ({"evidence": "  "}, "Say what proves it"),
        ({"evidence": "x" * 1001}, "Say what proves it"),
    ],
)
def test_a_proposal_needs_a_reason_and_evidence(company, given, said):
    answer = propose(log_in(user(Role.FINANCE)), **given)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Exclusion.objects.exists()


def test_nothing_is_proposed_twice_or_approved_without_a_proposal(company):
    one, two = log_in(user(Role.FINANCE, "one")), log_in(user(Role.FINANCE, "two"))
    assert decide(two, "approve").status_code == 422
    propose(one)
    assert "already" in propose(two).content.decode()
    decide(two, "approve")
    assert decide(two, "approve").status_code == 422


def test_the_base_of_a_merged_customer_may_move_to_the_survivor(company):
    one, two = log_in(user(Role.FINANCE, "one")), log_in(user(Role.FINANCE, "two"))
    propose(one, reason="merged")
    decide(two, "approve")
    Customer.objects.filter(name="closed").update(merged_into=company["less"])
    Definition.objects.create(name="merged_base", value="move", recorded_at=NOW - timedelta(1))
    adjusted = page(one).context["tiers"][-1]["adjusted"]
    assert (adjusted.due_customers, adjusted.due_amount) == (3, 10000)

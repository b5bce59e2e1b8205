"""Pages of plans through HTTP: what they show, what they refuse, what two people do at once."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from perennial.customers.models import Customer, FitOpinion, Person
from perennial.demo.cast import State
from perennial.demo.plant import Planted
from perennial.team.models import AuditEntry
from perennial.work.models import Goal, Plan, PlanAction, Strategy, WorkDefinition
from perennial.work.plans.actions.goals import add_goal
from perennial.work.plans.actions.joint import add_action, set_strategy
from perennial.work.plans.actions.plans import make_plan, set_state
from perennial.work.plans.definitions import in_force
from perennial.work.plans.tests.conftest import NOW

HX = {"HX-Request": "true"}


@pytest.fixture
def plan(planted: Planted, customer: Customer) -> Plan:
    """A running plan with one goal, an action on each side and a strategy."""
    by = planted.owner
    plan = make_plan(
        customer,
        title="回款提速",
        starts_on=date(2026, 6, 1),
        ends_on=date(2026, 12, 1),
        by=by,
        at=NOW,
    )
    set_state(plan, state="active", version=plan.version, by=by, at=NOW)
    goal = {"title": "订单", "metric": "", "unit": "单", "baseline": 100.0, "target": 200.0}
    add_goal(plan, values=goal | {"is_shared": True}, by=by, at=NOW)
    for side in ("ours", "theirs"):
        values = {"title": f"{side} 的事", "side": side, "due_on": date(2026, 6, 15)}
        add_action(plan, values=values, by=by, at=NOW)
    person = Person.objects.filter(customer=customer).first()
    assert person is not None
    strategy = {"person_id": person.pk, "wants": "省心", "approach": "先做一次演示"}
    set_strategy(plan, strategy=None, values=strategy, version=1, by=by, at=NOW)
    return plan


@pytest.fixture
def client(planted: Planted) -> Client:
    client = Client(headers={"accept-language": "en"})
    planted.owner.language = "en"
    planted.owner.save()
    client.force_login(planted.owner)
    return client


@pytest.mark.parametrize(
    "name", ["list", "touchpoints", "definitions", "choose"], ids=lambda it: str(it)
)
def test_every_page_without_a_plan_answers(client: Client, name: str):
    assert client.get(reverse(f"plans:{name}")).status_code == 200


def test_the_list_shows_progress_and_what_is_late(client: Client, plan: Plan):
    page = client.get(reverse("plans:list")).content.decode()
    assert plan.title in page
    assert "2 late" in page
    assert "0 of 1 known" in page


def test_a_plan_shows_goals_both_sides_and_strategies(client: Client, plan: Plan):
    page = client.get(reverse("plans:plan", args=[plan.pk])).content.decode()
    for text in ("订单", "ours 的事", "theirs 的事", "先做一次演示", "late, was due on"):
        assert text in page


def test_a_new_plan_from_a_template_has_its_goals_and_actions(client: Client, customer: Customer):
    address = reverse("plans:new", args=[customer.pk])
    assert client.get(address, headers=HX).status_code == 200
    typed = {"template": "first_value", "title": "First value", "starts_on": "2026-07-01"}
    assert client.post(address, typed, headers=HX).status_code == 204
    plan = Plan.objects.get(title="First value")
    assert plan.state == Plan.State.DRAFT
    assert plan.goals.count() == 3
    assert plan.goals.order_by("position")[0].title == "Seats in use"
    assert plan.actions.count() == 7


def test_an_end_before_the_start_is_refused_beside_its_field(client: Client, customer: Customer):
    typed = {"title": "x", "starts_on": "2026-07-01", "ends_on": "2026-06-01"}
    answer = client.post(reverse("plans:new", args=[customer.pk]), typed, headers=HX)
    assert answer.status_code == 422
    assert "It ends before it starts." in answer.content.decode()
    assert not Plan.objects.exists()


def edit_form(plan: Plan, **changed: str) -> dict[str, str]:
    return {
        "version": str(plan.version),
        "title": plan.title,
        "starts_on": plan.starts_on.isoformat(),
        "ends_on": plan.ends_on.isoformat() if plan.ends_on else "",
        "owner": "",
        "success_words": plan.success_words,
        "expectation_gap": plan.expectation_gap,
    } | changed


def test_the_second_of_two_editors_sees_both_values(client: Client, plan: Plan):
    plan.refresh_from_db()
    address = reverse("plans:edit", args=[plan.pk])
    first = edit_form(plan, success_words="the first says")
    second = edit_form(plan, success_words="the second says")
    assert client.post(address, first, headers=HX).status_code == 204
    answer = client.post(address, second, headers=HX)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "the first says" in page
    assert "the second says" in page
    plan.refresh_from_db()
    assert plan.success_words == "the first says"
    again = second | {"version": str(plan.version)}
    assert client.post(address, again, headers=HX).status_code == 204


def test_a_note_of_a_megabyte_is_refused_beside_its_field(client: Client, plan: Plan):
    plan.refresh_from_db()
    typed = edit_form(plan, success_words="长" * 350_000)
    answer = client.post(reverse("plans:edit", args=[plan.pk]), typed, headers=HX)
    assert answer.status_code == 422
    assert "4000" in answer.content.decode()


def test_what_is_typed_is_text_and_no_html(client: Client, plan: Plan):
    plan.refresh_from_db()
    typed = edit_form(plan, success_words="<script>alert(1)</script>")
    client.post(reverse("plans:edit", args=[plan.pk]), typed, headers=HX)
    page = client.get(reverse("plans:plan", args=[plan.pk])).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_ticking_and_its_undo(client: Client, plan: Plan):
    action = plan.actions.get(side="ours")
    address = reverse("plans:tick", args=[action.pk])
    answer = client.post(address, {"version": action.version}, headers=HX)
    assert answer.status_code == 204
    action.refresh_from_db()
    assert action.done_on == date(2026, 7, 1)
    undo = reverse("plans:undo", args=[AuditEntry.objects.latest("pk").pk])
    assert undo in answer["HX-Trigger"]
    assert client.post(undo, headers=HX).status_code == 204
    action.refresh_from_db()
    assert action.done_on is None


def test_a_removed_goal_comes_back_with_its_values(client: Client, plan: Plan):
    goal = plan.goals.get()
    read = {"on": "2026-06-20", "value": "150"}
    assert client.post(reverse("plans:read", args=[goal.pk]), read, headers=HX).status_code == 204
    assert client.post(reverse("plans:remove_goal", args=[goal.pk]), headers=HX).status_code == 204
    assert not Goal.objects.exists()
    entry = AuditEntry.objects.filter(action="plan.goal_removed").latest("pk")
    client.post(reverse("plans:undo", args=[entry.pk]), headers=HX)
    goal = Goal.objects.get()
    assert (goal.current, goal.readings.get().value) == (150, 150)


def test_a_value_before_the_start_is_refused(client: Client, plan: Plan):
    read = {"on": "2026-05-20", "value": "150"}
    answer = client.post(reverse("plans:read", args=[plan.goals.get().pk]), read, headers=HX)
    assert answer.status_code == 422
    assert "before the plan starts" in answer.content.decode()


def test_a_judgement_is_also_the_opinion_on_the_customers_fit(client: Client, plan: Plan):
    typed = {"version": Plan.objects.get().version, "fit": "non_target", "reason": "wants bespoke"}
    answer = client.post(reverse("plans:judge", args=[plan.pk]), typed, headers=HX)
    assert answer.status_code == 204
    said = FitOpinion.objects.filter(customer=plan.customer).latest("pk")
    assert (said.value, said.expectations) == ("non_target", "wants bespoke")


def test_states_go_on_and_back(client: Client, plan: Plan):
    address = reverse("plans:state", args=[plan.pk, "reached"])
    client.post(address, {"version": Plan.objects.get().version}, headers=HX)
    assert Plan.objects.get().state == Plan.State.REACHED
    entry = AuditEntry.objects.filter(action="plan.state").latest("pk")
    client.post(reverse("plans:undo", args=[entry.pk]), headers=HX)
    assert Plan.objects.get().state == Plan.State.ACTIVE


def test_a_copy_moves_with_its_start_and_takes_no_secrets_along(
    client: Client, plan: Plan, planted: Planted
):
    other = planted.customers[State.DUE]
    typed = {"customer": other.name, "title": "again", "starts_on": "2026-08-01"}
    answer = client.post(reverse("plans:copy", args=[plan.pk]), typed, headers=HX)
    assert answer.status_code == 204
    copy = Plan.objects.get(title="again")
    assert copy.customer == other
    assert copy.state == Plan.State.DRAFT
    assert {it.due_on for it in copy.actions.all()} == {date(2026, 8, 15)}
    assert not copy.strategies.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_foreign_plan_does_not_exist(planted: Planted, plan: Plan, method: str):
    client = Client(headers=HX)
    client.force_login(planted.outsider)
    goal, action = plan.goals.get(), plan.actions.first()
    strategy = Strategy.objects.get()
    assert action is not None
    addresses = [
        *(reverse(f"plans:{name}", args=[plan.pk]) for name in ("edit", "share", "copy", "judge")),
        reverse("plans:goal", args=[goal.pk]),
        reverse("plans:read", args=[goal.pk]),
        reverse("plans:action", args=[action.pk]),
        reverse("plans:strategy", args=[strategy.pk]),
    ]
    if method == "get":
        addresses.append(reverse("plans:plan", args=[plan.pk]))
    for address in addresses:
        assert getattr(client, method)(address).status_code == 404, address


def test_who_may_not_edit_sees_the_plan_and_who_can(planted: Planted, plan: Plan):
    viewer = planted.users["finance@demo.invalid"]
    viewer.language = "en"
    viewer.save()
    client = Client()
    client.force_login(viewer)
    page = client.get(reverse("plans:plan", args=[plan.pk]))
    assert page.status_code == 200
    assert "CSMs, leaders and administrators edit plans." in page.content.decode()
    assert client.get(reverse("plans:edit", args=[plan.pk])).status_code == 403


def test_the_customers_page_has_a_tab_of_plans(client: Client, plan: Plan):
    page = client.get(reverse("desk:customer", args=[plan.customer_id]) + "?tab=plan")
    assert plan.title in page.content.decode()


def test_actions_of_ours_have_no_person_of_theirs(plan: Plan):
    person = plan.strategies.get().person
    values = {"title": "x", "side": PlanAction.Side.OURS, "person_id": person.pk}
    add_action(plan, values=values, by=None, at=NOW)
    assert plan.actions.get(title="x").person is None


def test_the_second_of_two_who_change_a_rule_sees_both_values(planted: Planted):
    client = Client(headers={"accept-language": "en"})
    client.force_login(planted.users["admin@demo.invalid"])
    address = reverse("plans:rule", args=["review"])
    typed = {
        "title_zh": "回顾",
        "kind": "review",
        "anchor": "every",
        "days_S": "30",
        "do": "publish",
    }
    typed |= {"version": str(client.get(address).context["form"]["version"].value())}
    assert client.post(address, typed | {"title_en": "First"}).status_code == 302
    second = client.post(address, typed | {"title_en": "Second"})
    assert second.status_code == 422
    assert "First" in second.content.decode() and "Second" in second.content.decode()
    assert in_force(WorkDefinition.Kind.TOUCHPOINTS)["review"]["title"]["en"] == "First"
    again = typed | {"title_en": "Second", "version": second.context["form"]["version"].value()}
    assert client.post(address, again).status_code == 302

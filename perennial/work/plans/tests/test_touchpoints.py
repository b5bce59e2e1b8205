"""Touchpoints: planned by the day, moved and held by people, asked for by the queue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from perennial.customers.models import Customer, Touch
from perennial.demo.cast import State
from perennial.demo.plant import Planted
from perennial.team.models import AuditEntry
from perennial.units.errors import InputRefused
from perennial.work.models import Goal, Reason, Touchpoint, WorkDefinition, WorkItem
from perennial.work.models import State as ItemState
from perennial.work.plans import owed
from perennial.work.plans.actions import touchpoints as acts
from perennial.work.plans.actions.calls import take_back
from perennial.work.plans.actions.definitions import publish, retire
from perennial.work.plans.actions.goals import add_goal
from perennial.work.plans.actions.plans import keep, make_plan, set_state
from perennial.work.plans.definitions import Kind, in_force
from perennial.work.plans.planning import plan_touchpoints
from perennial.work.plans.queries import coverage, near_touches, touchpoints_between
from perennial.work.plans.tests.conftest import DAY, NOW

HX = {"HX-Request": "true"}
EN = {"accept-language": "en"}


def add(customer: Customer, *, due_on: date, kind: str = "review") -> Touchpoint:
    return Touchpoint.objects.create(
        customer=customer, kind=kind, planned_on=due_on, due_on=due_on, recorded_at=NOW
    )


def met(customer: Customer, on: date, kind: str = "meeting") -> Touch:
    at = datetime(on.year, on.month, on.day, 4, tzinfo=UTC)
    return Touch.objects.create(
        customer=customer, kind=kind, happened_at=at, note="谈了一次", recorded_at=at
    )


@pytest.fixture
def clean(planted: Planted) -> Iterator[Planted]:
    Touch.objects.all().delete()
    yield planted


def test_a_day_plans_ahead_and_the_same_day_again_changes_nothing(planted: Planted):
    first = plan_touchpoints(day=DAY)
    rows = list(Touchpoint.objects.order_by("pk").values_list("pk", "key", "due_on"))
    assert first["planned"] == len(rows) > 0
    assert min(day for _pk, _key, day in rows) >= DAY - timedelta(days=14)
    assert plan_touchpoints(day=DAY) == {"planned": 0, "withdrawn": 0}
    assert list(Touchpoint.objects.order_by("pk").values_list("pk", "key", "due_on")) == rows


def test_another_tier_is_planned_anew_but_what_people_touched_stays(planted: Planted):
    customer = planted.customers[State.BLOOMING]
    Customer.objects.filter(pk=customer.pk).update(stage="steady")
    plan_touchpoints(day=DAY)
    mine = Touchpoint.objects.filter(customer=customer, kind="review").order_by("due_on")
    kept = mine.last()
    assert kept is not None
    acts.move(kept, due_on=date(2026, 12, 1), reason="休假", version=1, by=None, at=NOW)
    before = set(mine.values_list("key", flat=True))
    Customer.objects.filter(pk=customer.pk).update(tier="B")
    assert plan_touchpoints(day=DAY)["withdrawn"] > 0
    after = set(mine.values_list("key", flat=True))
    assert kept.key in after
    assert after != before


def test_who_is_no_longer_served_has_nothing_ahead(planted: Planted):
    plan_touchpoints(day=DAY)
    lost = planted.customers[State.LOST]
    assert not Touchpoint.objects.filter(customer=lost).exists()


def test_a_meeting_within_a_week_offers_to_close(clean: Planted):
    customer = clean.customers[State.DUE]
    near, far = add(customer, due_on=date(2026, 6, 20)), add(customer, due_on=date(2026, 6, 1))
    touch = met(customer, date(2026, 6, 24))
    met(customer, date(2026, 6, 21), kind="email")  # a mail is no meeting
    assert near_touches([near, far]) == {near.pk: touch}
    acts.hold(near, touch=touch, version=1, by=clean.owner, at=NOW)
    assert near.done_on == date(2026, 6, 24)
    assert near_touches([far]) == {}


def test_a_contact_closes_one_touchpoint_only(clean: Planted):
    customer = clean.customers[State.DUE]
    rows = [add(customer, due_on=date(2026, 6, 20)), add(customer, due_on=date(2026, 6, 22))]
    met(customer, date(2026, 6, 21))
    assert len(near_touches(rows)) == 1


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (lambda it, at: acts.skip(it, reason=" ", version=1, by=None, at=at), "Say why."),
        (
            lambda it, at: acts.move(
                it, due_on=date(2026, 6, 1), reason="x", version=1, by=None, at=at
            ),
            "This day has passed.",
        ),
        (
            lambda it, at: acts.hold(it, on=date(2026, 8, 1), version=1, by=None, at=at),
            "This day has not come yet.",
        ),
    ],
    ids=["skipped without a reason", "moved into the past", "held in the future"],
)
def test_what_cannot_be_done_is_said(clean: Planted, act: object, sentence: str):
    row = add(clean.customers[State.DUE], due_on=date(2026, 7, 5))
    with pytest.raises(InputRefused, match=sentence):
        act(row, NOW)  # type: ignore[operator]


def test_coverage_counts_what_was_due_and_held_in_time(clean: Planted):
    customer = clean.customers[State.BLOOMING]  # tier S
    for done_on in (date(2026, 6, 10), date(2026, 6, 17), date(2026, 6, 18), None):
        row = add(customer, due_on=date(2026, 6, 10))
        state = Touchpoint.State.DONE if done_on else Touchpoint.State.PLANNED
        Touchpoint.objects.filter(pk=row.pk).update(done_on=done_on, state=state)
    skipped = add(customer, due_on=date(2026, 6, 10))
    acts.skip(skipped, reason="客户休假", version=1, by=None, at=NOW)
    found = coverage(clean.owner, from_on=date(2026, 6, 1), until_on=DAY)
    assert [(it.tier, it.due, it.on_time, it.late, it.skipped) for it in found] == [
        ("S", 4, 2, 1, 1),
        ("all", 4, 2, 1, 1),
    ]
    assert found[0].on_time_rate == 0.5
    nothing = coverage(clean.outsider, from_on=date(2026, 6, 1), until_on=DAY)
    assert nothing[-1].on_time_rate is None


def test_due_and_late_ones_are_causes_of_the_queue(clean: Planted):
    customer = clean.customers[State.DUE]
    late, soon = add(customer, due_on=date(2026, 6, 1)), add(customer, due_on=date(2026, 7, 3))
    add(customer, due_on=date(2026, 7, 20))
    found = {it.about: it for it in owed.touchpoints(DAY)}
    assert set(found) == {f"plans:{late.pk}", f"plans:{soon.pk}"}
    assert found[f"plans:{late.pk}"].severity > found[f"plans:{soon.pk}"].severity
    assert found[f"plans:{soon.pk}"].params["title"] == {"zh": "周期汇报", "en": "Periodic review"}


def item_about(touchpoint: Touchpoint) -> WorkItem:
    return WorkItem.objects.create(
        customer=touchpoint.customer,
        reason=Reason.TOUCHPOINT,
        about=f"plans:{touchpoint.pk}",
        lane="owed",
        rank_value=1,
        raised_on=DAY,
        last_fired_on=DAY,
        terms={"severity_rate": 0.2, "urgency_rate": 0.5},
        params={"title": "x", "due_on": "2026-07-01"},
    )


def test_holding_it_closes_its_call_and_undo_opens_both(clean: Planted):
    row = add(clean.customers[State.DUE], due_on=date(2026, 7, 1))
    item = item_about(row)
    entry = acts.hold(row, version=1, by=clean.owner, at=NOW)
    item.refresh_from_db()
    assert item.state == ItemState.DONE
    take_back(entry, by=clean.owner, at=NOW)
    item.refresh_from_db()
    row.refresh_from_db()
    assert (item.state, row.state) == (ItemState.OPEN, Touchpoint.State.PLANNED)


def test_the_gate_of_touchpoints(clean: Planted):
    add(clean.customers[State.BLOOMING], due_on=date(2026, 7, 1))
    days = date(2026, 7, 1), date(2026, 7, 2)
    assert touchpoints_between(clean.owner, *days).count() == 1
    assert not touchpoints_between(clean.outsider, *days).exists()
    assert not touchpoints_between(clean.owner, date(2026, 6, 30), date(2026, 7, 1)).exists()


def test_the_page_offers_the_meeting_and_one_press_closes_it(clean: Planted):
    customer = clean.customers[State.BLOOMING]
    row = add(customer, due_on=date(2026, 6, 29))
    touch = met(customer, date(2026, 6, 28))
    client = Client(headers=EN)
    client.force_login(clean.owner)
    page = client.get(reverse("plans:touchpoints")).content.decode()
    assert "was it this?" in page or "就是这次吗" in page
    given = {"version": "1", "touch": str(touch.pk)}
    address = reverse("plans:hold", args=[row.pk])
    assert client.post(address, given, headers=HX).status_code == 204
    row.refresh_from_db()
    assert (row.state, row.touch) == (Touchpoint.State.DONE, touch)
    undo = reverse("plans:undo", args=[AuditEntry.objects.latest("pk").pk])
    assert client.post(undo, headers=HX).status_code == 204


@pytest.mark.parametrize("asked", ["?from=2026-13-40", "?from=9999-01-01", "?from=x", ""])
def test_the_calendar_forgives_any_address(planted: Planted, asked: str):
    client = Client()
    client.force_login(planted.owner)
    assert client.get(reverse("plans:touchpoints") + asked).status_code == 200


def test_a_rule_is_previewed_published_and_retired(planted: Planted):
    leader = planted.users["admin@demo.invalid"]
    leader.language = "en"
    leader.save()
    client = Client()
    client.force_login(leader)
    address = reverse("plans:rule", args=["yearly"])
    typed = {"title_zh": "年度会", "title_en": "Yearly", "kind": "review", "anchor": "every"}
    typed |= {"days_S": "20", "do": "preview"}
    page = client.post(address, typed).content.decode()
    assert "It would plan" in page
    assert not WorkDefinition.objects.exists()
    assert client.post(address, typed | {"do": "publish"}).status_code == 302
    assert in_force(Kind.TOUCHPOINTS)["yearly"]["days"] == {"S": 20}
    client.post(reverse("plans:drop", args=["touchpoints", "yearly"]))
    assert "yearly" not in in_force(Kind.TOUCHPOINTS)
    csm = Client()
    csm.force_login(planted.owner)
    assert csm.post(address, typed).status_code == 403


def test_a_definition_that_is_wrong_is_refused_whole(planted: Planted):
    wrong = {**in_force(Kind.TOUCHPOINTS)["review"], "days": {"S": -1}}
    with pytest.raises(InputRefused) as refused:
        publish(Kind.TOUCHPOINTS, wrong, by=None, at=NOW)
    assert [it.column for it in refused.value.errors] == ["days.S"]


def test_a_retired_rule_plans_no_more(planted: Planted):
    retire(Kind.TOUCHPOINTS, "review", by=None, at=NOW)
    plan_touchpoints(day=DAY)
    assert not Touchpoint.objects.filter(kind="review").exists()


def test_a_vanished_metric_is_unknown_with_its_reason(planted: Planted, customer: Customer):
    plan = make_plan(customer, title="x", starts_on=DAY, ends_on=None, by=planted.owner, at=NOW)
    goal = {"title": "g", "metric": "metric:gone;window=28", "target": 10.0}
    add_goal(plan, values=goal, by=planted.owner, at=NOW)
    found = plan.goals.get()
    assert found.current is None
    assert found.current_why == "there is no such metric any more"


def test_the_baseline_is_frozen_when_the_plan_begins(planted: Planted, customer: Customer):
    plan = make_plan(customer, title="x", starts_on=DAY, ends_on=None, by=planted.owner, at=NOW)
    values = {"title": "g", "metric": "open_tickets", "target": 0.0}
    add_goal(plan, values=values, by=planted.owner, at=NOW)
    assert plan.goals.get().baseline is None
    set_state(plan, state="active", version=plan.version, by=planted.owner, at=NOW)
    goal = plan.goals.get()
    assert goal.baseline == goal.current is not None
    Goal.objects.filter(pk=goal.pk).update(baseline=7)
    keep(plan.goals.select_related("plan"), day=DAY)
    assert plan.goals.get().baseline == 7


def test_the_calendar_shows_few_of_many_and_leads_to_the_rest(clean: Planted):
    customer = clean.customers[State.BLOOMING]
    for day in (date(2026, 6, 10), date(2026, 7, 2)):
        for _ in range(50):
            add(customer, due_on=day)
    client = Client()
    client.force_login(clean.owner)
    address = reverse("plans:touchpoints")
    short = client.get(address).content.decode()
    assert short.count('class="tp') < 60
    assert "?show=late" in short
    assert "?week=2026-06-29" in short
    late = client.get(address + "?show=late&page=2").content.decode()
    assert late.count('class="tp late"') == 5
    week = client.get(address + "?week=2026-06-29").content.decode()
    assert week.count('class="tp"') == 45

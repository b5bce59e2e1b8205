"""Handovers, promises, milestones by hand, projects: what is allowed, and who is faster."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from perennial.customers.actions import EditConflict
from perennial.customers.models import Customer
from perennial.customers.queries import visible_customers
from perennial.demo.cast import State
from perennial.demo.plant import Planted
from perennial.notify.models import Notice
from perennial.team.models import AuditEntry, User
from perennial.units.errors import InputRefused
from perennial.work.models import Handover, Onboarding, Phase, Project
from perennial.work.onboarding.actions import handovers as handing
from perennial.work.onboarding.actions.books import offer_book
from perennial.work.onboarding.actions.definitions import publish
from perennial.work.onboarding.actions.handovers import AlreadyDecided, Written
from perennial.work.onboarding.actions.onboardings import reach, resume, stop, take_back
from perennial.work.onboarding.actions.projects import Planned, begin, edit, set_phase
from perennial.work.onboarding.actions.starting import start
from perennial.work.onboarding.queries.definitions import in_force
from perennial.work.onboarding.queries.handed import promised
from perennial.work.onboarding.queries.reach import offered_to, visible_handovers
from perennial.work.onboarding.rules.definition import plain
from perennial.work.onboarding.tests.conftest import DAY, NOW

WRITTEN = Written(
    kind="sales_csm",
    from_name="Wang",
    goals="All orders in the system.",
    expectation="Monday's meeting runs on the dashboard.",
    promises=[(None, "A free interface", "Wang"), (None, "Works offline", "Wang")],
)


def handover(cast: Planted, to: User | None = None, **changes: Any) -> Handover:
    written = replace(WRITTEN, **{"to_user": to or cast.teammate, **changes})
    return handing.write(cast.customers[State.DUE], written, by=cast.owner, at=NOW)


def offered(cast: Planted, to: User | None = None, **changes: Any) -> Handover:
    made = handover(cast, to, **changes)
    return handing.offer(made, version=made.version, by=cast.owner, at=NOW)


def test_the_receiver_sees_the_handover_before_the_customer(cast: Planted):
    made = offered(cast)
    assert not visible_customers(cast.teammate).filter(pk=made.customer_id).exists()
    assert offered_to(cast.teammate).get() == made
    assert not visible_handovers(cast.outsider).exists()
    assert Notice.objects.filter(user=cast.teammate, topic="handover").count() == 1


def test_a_draft_is_not_seen_by_its_receiver(cast: Planted):
    handover(cast)
    assert not visible_handovers(cast.teammate).exists()


def test_accepting_makes_the_receiver_the_owner_in_one_step(cast: Planted):
    made = offered(cast)
    handing.accept(made, by=cast.teammate, at=NOW)
    customer = Customer.objects.get(pk=made.customer_id)
    assert customer.owner == cast.teammate
    line = AuditEntry.objects.get(action="customers.assigned")
    assert line.detail["previous"] == {str(customer.pk): cast.owner.pk}
    assert Notice.objects.filter(user=cast.owner, topic="handover").count() == 1


def test_of_two_who_accept_at_once_one_wins(cast: Planted):
    members = list(User.objects.filter(team=cast.teammate.team, role="csm"))
    made = offered(cast, to_user=None, to_team=cast.teammate.team)
    assert all(offered_to(it).exists() for it in members)
    first, second = members[:2]
    same = Handover.objects.get(pk=made.pk)
    handing.accept(made, by=first, at=NOW)
    with pytest.raises(AlreadyDecided):
        handing.accept(same, by=second, at=NOW)
    assert Customer.objects.get(pk=made.customer_id).owner == first
    assert not offered_to(second).exists()
    client = Client(headers={"accept-language": "en"})
    client.force_login(second)
    late = client.post(f"/onboarding/handovers/{made.pk}/accept/", headers={"HX-Request": "true"})
    assert first.name in json.loads(late["HX-Trigger"])["toast"]["text"]


def test_only_the_receiver_answers(cast: Planted):
    made = offered(cast)
    with pytest.raises(InputRefused):
        handing.accept(made, by=cast.outsider, at=NOW)


def test_returned_with_a_reason_it_can_be_offered_again(cast: Planted):
    made = offered(cast)
    with pytest.raises(InputRefused):
        handing.give_back(made, reason=" ", by=cast.teammate, at=NOW)
    handing.give_back(made, reason="No figures.", by=cast.teammate, at=NOW)
    assert Customer.objects.get(pk=made.customer_id).owner == cast.owner
    again = handing.offer(made, version=made.version, by=cast.owner, at=NOW)
    assert again.state == Handover.State.OFFERED
    assert Notice.objects.filter(user=cast.teammate, topic="handover").count() == 2


@pytest.mark.parametrize("gap", ["goals", "expectation"])
def test_a_sale_is_not_handed_over_without_goals_and_expectation(cast: Planted, gap: str):
    made = handover(cast, None, **{gap: ""})
    with pytest.raises(InputRefused):
        handing.offer(made, version=1, by=cast.owner, at=NOW)


def test_two_who_edit_do_not_lose_each_others_words(cast: Planted):
    made = handover(cast)
    handing.rewrite(made, WRITTEN, version=1, by=cast.owner, at=NOW)
    with pytest.raises(EditConflict):
        handing.rewrite(made, WRITTEN, version=1, by=cast.owner, at=NOW)


def test_promises_are_judged_and_counted_by_salesperson(cast: Planted):
    made = offered(cast)
    first, second = made.promises.order_by("pk")
    handing.judge(first, verdict="impossible", note="", version=1, by=cast.teammate, at=NOW)
    (wang,) = promised(cast.owner)
    assert (wang.who, wang.impossible, wang.unknown, wang.rate) == ("Wang", 1, 1, None)
    with pytest.raises(EditConflict):
        handing.judge(first, verdict="kept", note="", version=1, by=cast.owner, at=NOW)
    assert promised(cast.outsider) == []
    assert second.verdict == "unknown"


def test_a_judged_promise_is_not_removed_by_editing(cast: Planted):
    made = handover(cast)
    first, second = made.promises.order_by("pk")
    handing.judge(first, verdict="kept", note="", version=1, by=cast.owner, at=NOW)
    rows = [(second.pk, "Works offline on the phone", "Wang")]
    handing.rewrite(made, Written("sales_csm", promises=rows), version=1, by=cast.owner, at=NOW)
    texts = set(made.promises.values_list("text", flat=True))
    assert texts == {"A free interface", "Works offline on the phone"}


def test_a_book_is_one_handover_per_customer(cast: Planted):
    leader = cast.users["leader@demo.invalid"]
    offered(cast)
    book = visible_customers(leader).filter(owner=cast.owner)
    count = offer_book(cast.owner, to_user=cast.teammate, notes="", by=leader, at=NOW)
    assert count == book.count() - 1, "the one with an open handover is left out"
    assert Notice.objects.filter(user=cast.teammate, topic="handover").count() == 2
    with pytest.raises(InputRefused):
        offer_book(cast.owner, to_user=cast.teammate, notes="", by=leader, at=NOW)


def brought_in(cast: Planted) -> Onboarding:
    return start(
        cast.customers[State.PLANTED], started_on=DAY - timedelta(days=5), by=cast.owner, at=NOW
    )


def test_a_milestone_by_hand_and_back(cast: Planted):
    milestone = brought_in(cast).milestones.get(step="active")
    reach(milestone, done_on=DAY, note="Seen on site", version=1, by=cast.owner, at=NOW)
    way = Onboarding.objects.get(pk=milestone.onboarding_id)
    assert way.first_value_on == DAY
    take_back(milestone, by=cast.owner, at=NOW)
    way.refresh_from_db()
    assert milestone.done_on is None and way.first_value_on is None


@pytest.mark.parametrize(
    "days", [pytest.param(-6, id="before the start"), pytest.param(2, id="in the future")]
)
def test_a_milestone_lies_between_start_and_today(cast: Planted, days: int):
    milestone = brought_in(cast).milestones.get(step="needs")
    with pytest.raises(InputRefused) as refused:
        on = DAY + timedelta(days=days)
        reach(milestone, done_on=on, note="", version=1, by=cast.owner, at=NOW)
    assert refused.value.column == "done_on"


def test_what_data_shows_is_not_taken_back(cast: Planted):
    milestone = brought_in(cast).milestones.get(step="needs")
    milestone.done_on, milestone.by_data = DAY, True
    milestone.save()
    with pytest.raises(InputRefused):
        take_back(milestone, by=cast.owner, at=NOW)


def test_a_customer_is_brought_in_once_at_a_time(cast: Planted):
    way = brought_in(cast)
    with pytest.raises(InputRefused):
        brought_in(cast)
    stop(way, reason="On hold.", version=1, by=cast.owner, at=NOW)
    brought_in(cast)
    with pytest.raises(InputRefused):
        resume(way, by=cast.owner, at=NOW)


def project(cast: Planted) -> Project:
    start_on = DAY - timedelta(days=40)
    planned = {"golive": start_on + timedelta(days=30)}
    it = Planned("CRM", start_on, standard_rate=0.8, planned=planned)
    return begin(cast.customers[State.DUE], it, by=cast.owner, at=NOW)


def test_phases_follow_each_other_and_the_last_ends_the_project(cast: Planted):
    made = project(cast)
    live_on = DAY - timedelta(days=5)
    set_phase(made, name="golive", done_on=live_on, note="", version=1, by=cast.owner, at=NOW)
    assert (made.golive_on, made.state) == (live_on, Project.State.RUNNING)
    late: dict[str, Any] = {"done_on": DAY, "note": "", "version": 1, "by": cast.owner, "at": NOW}
    with pytest.raises(InputRefused):
        set_phase(made, name="trial", **late)
    set_phase(made, name="acceptance", **late)
    assert made.state == Project.State.DONE
    undone = {**late, "done_on": None, "version": 2}
    set_phase(made, name="acceptance", **undone)
    assert made.state == Project.State.RUNNING


@pytest.mark.parametrize(
    "days", [pytest.param(-41, id="before the start"), pytest.param(2, id="in the future")]
)
def test_a_phase_lies_between_start_and_today(cast: Planted, days: int):
    on = DAY + timedelta(days=days)
    with pytest.raises(InputRefused):
        set_phase(project(cast), name="kickoff", done_on=on, note="", version=1, by=None, at=NOW)


def test_a_plan_before_the_start_or_out_of_order_is_refused(cast: Planted):
    made = project(cast)
    for planned in (
        {"kickoff": made.started_on - timedelta(days=1)},
        {"trial": made.started_on + timedelta(days=9), "golive": made.started_on},
    ):
        it = Planned("CRM", made.started_on, planned=planned)
        with pytest.raises(InputRefused):
            edit(made, it, version=made.version, by=None, at=NOW)
    assert Phase.objects.get(project=made, name="kickoff").planned_on is None


def test_an_order_of_another_customer_is_refused(cast: Planted):
    other = cast.customers[State.PLANTED].order_lines.values_list("order_id", flat=True)[0]
    with pytest.raises(InputRefused) as refused:
        it = Planned("CRM", DAY, order_id=other)
        begin(cast.customers[State.DUE], it, by=None, at=NOW)
    assert refused.value.column == "order_id"


def test_a_plan_that_runs_keeps_its_version(cast: Planted):
    way = brought_in(cast)
    changed = plain(in_force())
    changed["milestones"] = changed["milestones"][-1:]
    made = publish(changed, by=None, at=NOW)
    assert made is not None and made.version == 2
    assert publish(changed, by=None, at=NOW) is None, "the same again is no version"
    assert way.milestones.count() == 6 and way.plan.version == 1

"""The day begins ways in, completes milestones from data, and looks at use after a go-live."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from perennial.config.pipeline import jobs_of
from perennial.contracts.models import OrderKind, OrderLine
from perennial.customers.models import Customer, Person, Stage, Touch
from perennial.demo.cast import State
from perennial.demo.plant import Planted, write_usage
from perennial.units.moment import day_start
from perennial.work.models import Handover, Milestone, Onboarding, Project, Reason
from perennial.work.onboarding import jobs
from perennial.work.onboarding.actions.definitions import publish
from perennial.work.onboarding.actions.onboardings import reach, stop
from perennial.work.onboarding.actions.projects import Planned, begin, set_phase
from perennial.work.onboarding.causes import late_deliveries, late_milestones, open_handovers
from perennial.work.onboarding.rules.definition import plain
from perennial.work.onboarding.rules.shipped import SHIPPED
from perennial.work.onboarding.tests.conftest import DAY, NOW

OPENED_AGO = 14


def talk(customer: Customer, *, kind: str, days_ago: int, person: Person | None = None) -> None:
    at = day_start(DAY - timedelta(days=days_ago), settings.PERENNIAL_TIME_ZONE)
    Touch.objects.create(
        customer=customer, kind=kind, person=person, happened_at=at, recorded_at=at
    )


def opened(customer: Customer) -> datetime | Any:
    return OrderLine.objects.filter(customer=customer).earliest("start_on").start_on


def use(folder: Path, perennial: Any) -> None:
    """The cast's usage, as daily activity."""
    assert perennial("import", "events", write_usage(folder, end_on=DAY)).code == 0
    jobs_of("metrics").fill(day=DAY)


def way_of(customer: Customer) -> Onboarding:
    return Onboarding.objects.get(customer=customer)


def test_the_day_begins_whom_the_stage_says_from_the_opening_of_service(planted: Customer):
    assert jobs.fill(day=DAY)["begun"] == 1
    way = way_of(planted)
    assert way.started_on == opened(planted)
    assert (way.owner_kind, way.owner_why["why"]) == ("csm", "between")
    assert way.owner_why["arr"] == "72000.00"
    assert way.milestones.count() == 6
    assert way.milestones.get(step="needs").due_on == way.started_on + timedelta(days=5)


def test_the_same_day_again_changes_nothing(planted: Customer):
    talk(planted, kind="call", days_ago=3)
    jobs.fill(day=DAY)
    before = list(Milestone.objects.order_by("pk").values())
    assert set(jobs.fill(day=DAY).values()) == {0}
    assert list(Milestone.objects.order_by("pk").values()) == before


def test_whose_thirty_days_lie_in_the_past_is_left_alone(planted: Customer):
    Customer.objects.filter(pk=planted.pk).update(stage_since_on=opened(planted))
    assert jobs.fill(day=opened(planted) + timedelta(days=30))["begun"] == 0


def test_who_was_stopped_by_a_person_is_not_begun_again(planted: Customer, cast: Planted):
    jobs.fill(day=DAY)
    stop(way_of(planted), reason="Waits for their merger.", version=1, by=cast.owner, at=NOW)
    assert jobs.fill(day=DAY)["begun"] == 0


def test_a_customer_that_leaves_is_not_brought_in_further(planted: Customer):
    jobs.fill(day=DAY)
    Customer.objects.filter(pk=planted.pk).update(stage=Stage.CHURNED)
    jobs.fill(day=DAY)
    assert way_of(planted).state == Onboarding.State.STOPPED


def test_implementation_work_of_any_order_decides(planted: Customer):
    start_on = opened(planted)
    OrderLine.objects.create(
        order_id="SO-work", customer=planted, kind=OrderKind.ADDON, product="实施服务",
        start_on=start_on, end_on=start_on + timedelta(days=365), signed_on=start_on,
        one_off_amount="5000", basis="none", currency="CNY", recorded_at=NOW - timedelta(days=9),
    )  # fmt: skip
    jobs_of("contracts").fill(day=DAY)
    jobs.fill(day=DAY)
    way = way_of(planted)
    assert way.owner_kind == "implementation"
    assert way.owner_why["work"] == "实施服务 · SO-work"


def test_touches_reach_milestones_on_their_own_days(planted: Customer):
    director = Person.objects.filter(customer=planted).order_by("pk").first()
    assert director is not None
    Person.objects.filter(pk=director.pk).update(grade="S")
    talk(planted, kind="call", days_ago=9)
    talk(planted, kind="training", days_ago=2)
    talk(planted, kind="meeting", days_ago=4, person=director)
    jobs.fill(day=DAY)
    done = dict(way_of(planted).milestones.values_list("step", "done_on"))
    assert done["needs"] == DAY - timedelta(days=9)
    assert done["key_people"] == DAY - timedelta(days=4)
    assert done["training"] == DAY - timedelta(days=2)
    assert done["solution"] is None, "only a person says so"
    evidence = way_of(planted).milestones.get(step="key_people").evidence
    assert evidence["person"] == director.name and evidence["grade"] == "S"


def test_a_touch_of_tomorrow_is_not_known_today(planted: Customer):
    talk(planted, kind="training", days_ago=-1)
    jobs.fill(day=DAY)
    assert way_of(planted).milestones.get(step="training").done_on is None
    jobs.fill(day=DAY + timedelta(days=1))
    assert way_of(planted).milestones.get(step="training").done_on == DAY + timedelta(days=1)


def test_usage_reaches_milestones_on_the_day_it_shows_them(
    planted: Customer, tmp_path: Path, perennial: Any
):
    """The exact day, whether every day was run or only the last."""
    use(tmp_path, perennial)
    definition = plain(SHIPPED)
    definition["milestones"][-1]["at_least"] = 2
    publish(definition, by=None, at=NOW)
    jobs.fill(day=DAY)
    once = dict(way_of(planted).milestones.filter(by_data=True).values_list("step", "done_on"))
    assert {"first_use", "active"} <= once.keys()
    assert way_of(planted).first_value_on == once["active"]
    Onboarding.objects.all().delete()
    start = opened(planted)
    for ago in range((DAY - start).days, -1, -1):
        jobs.fill(day=DAY - timedelta(days=ago))
    daily = dict(way_of(planted).milestones.filter(by_data=True).values_list("step", "done_on"))
    assert daily == once


def test_without_usage_connected_a_milestone_waits(planted: Customer):
    jobs.fill(day=DAY)
    assert way_of(planted).milestones.get(step="first_use").done_on is None


def test_all_milestones_reached_end_it(planted: Customer, cast: Planted):
    jobs.fill(day=DAY)
    for milestone in way_of(planted).milestones.all():
        reach(milestone, done_on=DAY, note="", version=1, by=cast.owner, at=NOW)
    way = way_of(planted)
    assert (way.state, way.ended_on, way.first_value_on) == (Onboarding.State.DONE, DAY, DAY)


def test_late_milestones_are_owed(planted: Customer):
    jobs.fill(day=DAY)
    late = late_milestones(DAY)
    assert {it.about for it in late} == {"needs", "key_people"}
    assert all(it.reason == Reason.MILESTONE and it.due_on and it.due_on < DAY for it in late)


def test_an_unanswered_handover_is_owed_after_a_day(planted: Customer, cast: Planted):
    Handover.objects.create(
        customer=planted, kind="csm_csm", state="offered", to_user=cast.teammate,
        made_at=NOW - timedelta(days=3), offered_at=NOW - timedelta(days=3),
    )  # fmt: skip
    (cause,) = open_handovers(DAY)
    assert (cause.reason, cause.customer_id) == (Reason.HANDOVER, planted.pk)


@pytest.fixture
def project(planted: Customer, cast: Planted) -> Project:
    start_on = DAY - timedelta(days=30)
    planned = {"kickoff": start_on + timedelta(days=3), "golive": start_on + timedelta(days=20)}
    it = Planned(title="CRM", started_on=start_on, planned=planned)
    return begin(planted, it, by=cast.owner, at=NOW)


def test_the_first_late_phase_is_owed(project: Project):
    (cause,) = late_deliveries(DAY)
    assert cause.params["phase"] == {"zh": "启动", "en": "Kick-off"}


def test_live_and_not_used_is_owed(project: Project, cast: Planted, tmp_path: Path, perennial: Any):
    """The silent customer's usage proves that it is connected; the project's customer is mute."""
    use(tmp_path, perennial)
    paused = cast.customers[State.SILENT]
    Project.objects.filter(pk=project.pk).update(customer=paused)
    project.refresh_from_db()
    live_on = DAY - timedelta(days=14)
    set_phase(project, name="golive", done_on=live_on, note="", version=1, by=None, at=NOW)
    jobs.fill(day=DAY)
    project.refresh_from_db()
    assert project.in_use_on is None
    kinds = {it.kind for it in late_deliveries(DAY)}
    assert "unused" in kinds
    assert "unused" not in {it.kind for it in late_deliveries(DAY - timedelta(days=1))}


def test_usage_says_that_it_is_used(project: Project, tmp_path: Path, perennial: Any):
    use(tmp_path, perennial)
    live_on = DAY - timedelta(days=12)
    set_phase(project, name="golive", done_on=live_on, note="", version=1, by=None, at=NOW)
    jobs.fill(day=DAY)
    project.refresh_from_db()
    assert project.in_use_on is not None and live_on < project.in_use_on <= DAY

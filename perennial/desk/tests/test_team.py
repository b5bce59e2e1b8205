"""The leader's board, through the gate; and one's own day with its line."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client

from perennial.customers.models import Customer
from perennial.desk.team.rules import full_rate, tone, working_days
from perennial.desk.tests.scene import NOW, ON, Office, work_item
from perennial.team.models import Absence, User
from perennial.work.models import Reason, State, WorkItem

LogIn = Callable[[User], Client]
TODAY = date(2026, 11, 22)  # a Sunday

DAYS = [
    pytest.param(TODAY, [], 5, id="a-week"),
    pytest.param(TODAY, [(date(2026, 11, 23), date(2026, 11, 25))], 3, id="two-days-away"),
    pytest.param(TODAY, [(date(2026, 11, 1), date(2026, 12, 1))], 0, id="away-all-week"),
    pytest.param(TODAY, [(date(2026, 11, 28), date(2026, 12, 9))], 5, id="away-at-the-weekend"),
]


@pytest.mark.parametrize(("first", "away", "count"), DAYS)
def test_working_days_leave_out_weekends_and_absences(first, away, count):
    assert working_days(first, away) == count


def test_who_has_no_hours_is_not_said_to_be_empty():
    assert full_rate(8, 0) is None
    assert tone(None) == "bad"
    assert [tone(it) for it in (0.5, 1.0, 1.5, 2.0)] == ["good", "good", "warn", "bad"]


def test_the_board_counts_the_team_and_each_number_opens_its_list(office: Office, as_user: LogIn):
    WorkItem.objects.update(due_on=ON)
    client = as_user(office.leader)
    board = client.get("/team/").context["board"]
    row = next(it for it in board.rows if it.user == office.owner)
    assert (row.customers, row.arr, row.items, row.load_hours, row.overdue) == (3, 600_000, 1, 2, 1)
    assert (row.spoken, row.to_speak, row.room_hours) == (1, 2, 30)
    for url in (row.customers_url, row.items_url, row.overdue_url, row.silent_url):
        assert client.get(url).status_code == 200
    assert len(client.get(row.customers_url).context["rows"]) == 3


def test_a_book_of_somebody_who_left_is_unassigned_and_given_away_in_one_go(
    office: Office, as_user: LogIn
):
    User.objects.filter(pk=office.owner.pk).update(is_active=False)
    client = as_user(office.leader)
    found = client.get("/team/").context["board"].unassigned
    assert (found.customers, found.items, len(found.named)) == (3, 1, 3)
    person, count, url = found.left[0]
    assert (person, count) == (office.owner, 3)
    assert "Assign 3 customers" in client.get(url).content.decode()
    client.post(url, {"owner": office.leader.pk})
    assert Customer.objects.filter(owner=office.leader).count() == 3
    assert client.get("/team/").context["board"].unassigned.customers == 0


def test_the_board_is_for_leaders_and_empty_for_another_team(office: Office, as_user: LogIn):
    assert as_user(office.owner).get("/team/").status_code == 403
    User.objects.filter(pk=office.leader.pk).update(team=None)
    office.leader.refresh_from_db()
    board = as_user(office.leader).get("/team/").context["board"]
    assert board.totals["customers"] == 0
    assert board.unassigned.customers == 0


def away(office: Office, stand_in: User, days: int = 3) -> None:
    Absence.objects.create(
        user=office.owner,
        stand_in=stand_in,
        from_on=ON,
        until_on=ON + timedelta(days=days),
        made_at=NOW,
    )


def test_a_stand_in_has_the_cards_with_a_mark_and_may_do_them(office: Office, as_user: LogIn):
    away(office, office.outsider)
    client = as_user(office.outsider)
    text = client.get("/").content.decode()
    assert "for owner until 2026-11-23" in text
    assert "You stand in for owner until 2026-11-23" in text
    assert client.post(f"/work/{office.item.pk}/complete/").status_code == 302
    office.item.refresh_from_db()
    assert office.item.closed_by == office.outsider
    assert "You are away until" in as_user(office.owner).get("/").content.decode()


def test_after_the_absence_the_stand_in_sees_and_does_nothing(office: Office, as_user: LogIn):
    away(office, office.outsider, days=1)  # until the 22nd, which is today
    client = as_user(office.outsider)
    assert "深圳铭森" not in client.get("/").content.decode()
    assert client.post(f"/work/{office.item.pk}/complete/").status_code == 404


def test_the_line_stands_below_what_fits_and_moves_with_what_is_done(
    office: Office, as_user: LogIn
):
    for one in (office.beijing, office.quiet):
        work_item(one)
    User.objects.filter(pk=office.owner.pk).update(capacity_hours=4)
    client = as_user(office.owner)
    day = client.get("/").context["my_day"]
    assert (day.above, day.planned_hours, day.done_hours) == (2, 4, 0)
    client.post(f"/work/{office.item.pk}/complete/")
    day = client.get("/").context["my_day"]
    assert (day.above, day.planned_hours, day.done_hours) == (1, 2, 2)
    assert "Today's capacity: 4 h" in client.get("/").content.decode()


def test_what_was_achieved_is_said_when_all_is_done(office: Office, as_user: LogIn):
    client = as_user(office.owner)
    client.post(f"/work/{office.item.pk}/complete/")
    text = client.get("/").content.decode()
    assert "1 item closed today" in text
    assert "Next:" in text, "the renewal of 北京卓泽 is within 30 days"


def test_of_two_who_do_the_same_item_the_second_is_told(office: Office, as_user: LogIn):
    mate = User.objects.create(
        email="mate@x.invalid", name="mate", role="csm", team=office.owner.team
    )
    away(office, mate)
    assert as_user(office.owner).post(f"/work/{office.item.pk}/complete/").status_code == 302
    late = as_user(mate).post(f"/work/{office.item.pk}/complete/", headers={"HX-Request": "true"})
    assert late.status_code == 204
    assert "closed already" in late["HX-Trigger"]
    assert '"tone": "bad"' in late["HX-Trigger"]


def test_an_act_redraws_the_queue_alone(office: Office, as_user: LogIn):
    client = as_user(office.owner)
    part = client.get("/", headers={"HX-Request": "true", "HX-Target": "div#work"}).content.decode()
    assert part.startswith('<div id="work">')
    assert "Since yesterday" not in part


def test_items_in_progress_stay_in_the_queue(office: Office, as_user: LogIn):
    client = as_user(office.owner)
    client.post(f"/work/{office.item.pk}/start/")
    office.item.refresh_from_db()
    assert office.item.state == State.IN_PROGRESS
    assert "in progress" in client.get("/").content.decode()


def test_a_reason_that_was_measured_says_so_on_its_card(office: Office, as_user: LogIn):
    measured = {"chance_cases": 63, "chance_low": 0.41, "chance_high": 0.65}
    office.item.terms |= measured
    office.item.save()
    client = as_user(office.owner)
    assert "measured n=63" in client.get("/").content.decode()
    assert WorkItem.objects.get().reason == Reason.RENEWAL_DUE

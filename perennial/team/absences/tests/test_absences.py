"""Planning absences through HTTP: whose, overlaps, warnings, taking back and undo."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from perennial.team.models import Absence, AuditEntry, Team, User

pytestmark = pytest.mark.django_db
PAGE = "/profile/absence/"


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(datetime(2026, 11, 23, 4, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def people():
    east, south = Team.objects.create(name="East"), Team.objects.create(name="South")
    return {
        name: User.objects.create(email=f"{name}@x.invalid", name=name, role=role, team=team)
        for name, role, team in (
            ("anna", "csm", east),
            ("ben", "csm", east),
            ("lea", "leader", east),
            ("sven", "csm", south),
            ("ada", "admin", None),
            ("fin", "finance", None),
        )
    }


def asked(people, user="anna", stand_in="ben", first="2026-11-25", last="2026-11-27"):
    who, other = people[user].pk, people[stand_in].pk
    return {"user": who, "stand_in": other, "from_on": first, "last_on": last, "note": "trip"}


def test_a_csm_plans_the_own_absence_with_an_audit_line(client, people):
    client.force_login(people["anna"])
    answer = client.post(PAGE, asked(people), follow=True)
    planned = Absence.objects.get()
    assert (planned.from_on, planned.until_on) == (date(2026, 11, 25), date(2026, 11, 28))
    assert "ben sees the customers of anna" in answer.content.decode()
    assert AuditEntry.objects.get(action="absence.planned").by == people["anna"]


REFUSED = [
    pytest.param({"last": "2026-11-24"}, "lies before the first", id="ends-before-it-begins"),
    pytest.param({"first": "2026-11-01", "last": "2026-11-22"}, "over already", id="in-the-past"),
    pytest.param({"last": "2028-01-01"}, "a year at most", id="too-long"),
    pytest.param({"stand_in": "anna"}, "valid choice", id="oneself"),
    pytest.param({"stand_in": "sven"}, "valid choice", id="of-another-team"),
    pytest.param({"user": "ben", "stand_in": "ben"}, "", id="for-a-colleague"),
    pytest.param({"stand_in": "fin"}, "valid choice", id="who-has-no-customers"),
]


@pytest.mark.parametrize(("change", "sentence"), REFUSED)
def test_what_cannot_be_stands_in_the_form(client, people, change, sentence):
    client.force_login(people["anna"])
    answer = client.post(PAGE, asked(people, **change))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Absence.objects.exists()


def test_overlapping_days_are_refused_and_adjoining_ones_are_not(client, people):
    client.force_login(people["anna"])
    client.post(PAGE, asked(people))
    again = client.post(PAGE, asked(people, first="2026-11-27", last="2026-11-30"))
    assert again.status_code == 422
    assert "away from 2026-11-25 to 2026-11-27 already" in again.content.decode()
    assert (
        client.post(PAGE, asked(people, first="2026-11-28", last="2026-11-30")).status_code == 302
    )


def test_a_stand_in_who_is_away_or_has_left_is_warned_of(client, people):
    client.force_login(people["ada"])
    client.post(PAGE, asked(people))
    assert "nobody stands in for both" not in client.get(PAGE).content.decode()
    client.post(PAGE, asked(people, user="ben", stand_in="lea", first="2026-11-27"))
    assert "nobody stands in for both" in client.get(PAGE).content.decode()
    User.objects.filter(name="ben").update(is_active=False)
    assert "does not work here any more" in client.get(PAGE).content.decode()


def test_a_leader_plans_for_the_own_team_only(client, people):
    client.force_login(people["lea"])
    assert client.post(PAGE, asked(people)).status_code == 302
    assert client.post(PAGE, asked(people, user="sven", stand_in="lea")).status_code == 422


def test_taking_back_can_be_undone_and_only_once(client, people):
    client.force_login(people["anna"])
    client.post(PAGE, asked(people))
    pk = Absence.objects.get().pk
    for address, ended in (("take-back", True), ("take-back", True), ("restore", False)):
        client.post(f"{PAGE}{pk}/{address}/")
        assert (Absence.objects.get().ended_at is not None) == ended
    assert AuditEntry.objects.filter(action="absence.taken_back").count() == 1


def test_a_colleague_cannot_take_back_what_is_not_theirs(client, people):
    client.force_login(people["anna"])
    client.post(PAGE, asked(people))
    client.force_login(people["ben"])
    assert "ben stands in" in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}{Absence.objects.get().pk}/take-back/").status_code == 404


def test_who_has_no_customers_has_no_such_page(client, people):
    client.force_login(people["fin"])
    assert client.get(PAGE).status_code == 403
    assert "capacity_hours" not in client.get("/profile/").content.decode()


def test_the_hours_a_day_are_set_in_the_profile(client, people):
    client.force_login(people["anna"])
    start = {"name": "anna", "language": "", "theme": ""}
    assert client.post("/profile/", start | {"capacity_hours": "17"}).status_code == 422
    assert client.post("/profile/", start | {"capacity_hours": "5"}).status_code == 302
    assert User.objects.get(name="anna").capacity_hours == 5

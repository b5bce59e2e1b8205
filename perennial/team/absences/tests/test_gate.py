"""Whose customers a stand-in sees: from the first day to the last, of the absent colleague only."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from perennial.customers.models import Customer
from perennial.customers.queries import visible_customers
from perennial.team.models import Absence, Team, User

pytestmark = pytest.mark.django_db
MADE = datetime(2026, 11, 1, tzinfo=UTC)
FROM, UNTIL = date(2026, 11, 23), date(2026, 11, 26)  # 23, 24, 25; business time is UTC+8


@pytest.fixture
def people():
    team = Team.objects.create(name="East")
    made = {
        name: User.objects.create(email=f"{name}@x.invalid", name=name, role=role, team=of)
        for name, role, of in (
            ("anna", "csm", team),
            ("ben", "csm", team),
            ("carl", "csm", team),
            ("lea", "leader", Team.objects.create(name="South")),
            ("outsider", "csm", None),
        )
    }
    for owner in ("anna", "ben", "carl"):
        Customer.objects.create(external_id=owner, name=owner, owner=made[owner], recorded_at=MADE)
    return made


def away(people, who: str, stand_in: str) -> Absence:
    return Absence.objects.create(
        user=people[who],
        stand_in=people[stand_in],
        from_on=FROM,
        until_on=UNTIL,
        made_at=MADE,
    )


def seen_by(name: str) -> set[str]:
    """What a user sees, loaded anew as each request does."""
    user = User.objects.get(email=f"{name}@x.invalid")
    return set(visible_customers(user).values_list("name", flat=True))


DAYS = [
    pytest.param(datetime(2026, 11, 22, 15, 59, tzinfo=UTC), {"ben"}, id="before"),
    pytest.param(datetime(2026, 11, 22, 16, 0, tzinfo=UTC), {"anna", "ben"}, id="first-moment"),
    pytest.param(datetime(2026, 11, 25, 15, 59, tzinfo=UTC), {"anna", "ben"}, id="last-moment"),
    pytest.param(datetime(2026, 11, 25, 16, 0, tzinfo=UTC), {"ben"}, id="after"),
]


@pytest.mark.parametrize(("moment", "seen"), DAYS)
def test_a_stand_in_sees_the_book_from_the_first_business_day_to_the_last(people, moment, seen):
    away(people, "anna", "ben")
    with time_machine.travel(moment, tick=False):
        assert seen_by("ben") == seen
        assert seen_by("carl") == {"carl"}
        assert seen_by("outsider") == set()
        assert seen_by("anna") == {"anna"}, "who is away keeps the own book"


@time_machine.travel(datetime(2026, 11, 24, 2, tzinfo=UTC), tick=False)
def test_standing_in_does_not_carry_on(people):
    away(people, "anna", "ben")
    away(people, "ben", "carl")
    assert seen_by("carl") == {"ben", "carl"}
    assert seen_by("ben") == {"anna", "ben"}


@time_machine.travel(datetime(2026, 11, 24, 2, tzinfo=UTC), tick=False)
def test_a_leader_of_another_team_sees_the_book_beside_the_own_team(people):
    away(people, "anna", "lea")
    assert seen_by("lea") == {"anna"}


@time_machine.travel(datetime(2026, 11, 24, 2, tzinfo=UTC), tick=False)
def test_standing_in_ends_at_once_when_taken_back_or_when_the_stand_in_leaves(people):
    planned = away(people, "anna", "ben")
    assert seen_by("ben") == {"anna", "ben"}
    Absence.objects.filter(pk=planned.pk).update(ended_at=datetime(2026, 11, 24, tzinfo=UTC))
    assert seen_by("ben") == {"ben"}
    away(people, "anna", "carl")
    User.objects.filter(email="carl@x.invalid").update(is_active=False)
    assert seen_by("carl") == set()


@time_machine.travel(datetime(2026, 11, 24, 2, tzinfo=UTC), tick=False)
def test_a_request_asks_once_for_whom_one_stands_in(people, django_assert_num_queries):
    away(people, "anna", "ben")
    user = User.objects.get(email="ben@x.invalid")
    with django_assert_num_queries(3):
        list(visible_customers(user))
        list(visible_customers(user))

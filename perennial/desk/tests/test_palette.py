"""People in the palette: who sees much is answered from the index, with the same result."""

from __future__ import annotations

import random

import pytest

from perennial.customers.models import Person
from perennial.customers.pinyin import person_key
from perennial.desk import palette
from perennial.desk.tests.scene import NOW, Office, customer, user
from perennial.team.models import Role, User

pytestmark = pytest.mark.django_db
FAMILY, GIVEN = "王李张刘陈杨", "伟芳娜敏静丽强磊"


def people(office: Office, count: int) -> None:
    luck = random.Random(7)
    foreign = customer("别家", user("stranger", Role.CSM))
    homes = [office.beijing, office.shenzhen, foreign]
    rows = []
    for number in range(count):
        name = luck.choice(FAMILY) + luck.choice(GIVEN) + luck.choice(GIVEN)
        rows.append(
            Person(
                external_id=f"p{number}",
                customer=luck.choice(homes),
                name=name,
                pinyin=person_key(name),
                email=f"p{number}@example.com",
                recorded_at=NOW,
            )
        )
    Person.objects.bulk_create(rows)


@pytest.mark.parametrize("candidates", [2, 100, 10_000])
@pytest.mark.parametrize("typed", ["wang", "王", "li", "伟", "p1", "zzz"])
def test_both_roads_name_people_of_the_team_only_and_as_many(
    office: Office, monkeypatch: pytest.MonkeyPatch, typed: str, candidates: int
) -> None:
    people(office, 300)
    leader = User.objects.get(pk=office.leader.pk)
    monkeypatch.setattr(palette, "CANDIDATES", candidates)
    quick = palette.people(leader, typed)
    monkeypatch.setattr(palette, "CANDIDATES", 0)  # never all of them: the book itself is read
    slow = palette.people(leader, typed)
    assert len(quick) == len(slow)
    assert not [it for it in quick if it.customer.name == "别家"]
    if candidates > 300:
        assert [it.pk for it in quick] == [it.pk for it in slow]

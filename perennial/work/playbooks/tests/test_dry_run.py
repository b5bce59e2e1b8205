"""A dry run says what would happen, and writes nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.apps import apps

from perennial.customers.models import Customer
from perennial.team.models import User
from perennial.work.playbooks import queries
from perennial.work.playbooks.rules.definition import of
from perennial.work.playbooks.rules.progress import Hold, Place
from perennial.work.playbooks.shipped import ORDER, shipped
from perennial.work.playbooks.tests.cast import NOW, both, customer, outcome, step, user

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 1)
DAY = timedelta(days=1)


@pytest.fixture
def owner() -> User:
    return user("owner")


@pytest.fixture
def maple(owner: User) -> Customer:
    return customer("枫叶", owner, tier="S")


def text(*steps):
    head = {"name": "save", "title": both("save"), "purpose": both("why")}
    return of({**head, "steps": list(steps)})


def everything() -> dict[str, int]:
    return {it._meta.label: it._default_manager.count() for it in apps.get_models()}


@pytest.mark.parametrize("name", ORDER)
def test_no_table_has_a_row_more_afterwards(maple, owner, name: str):
    before = everything()
    with time_machine.travel(NOW, tick=False):
        found = queries.dry_run(shipped()[name], maple, TODAY - DAY, by=owner)
    assert everything() == before
    assert len(found) == len(shipped()[name].steps)


def test_it_goes_from_day_to_day_along_the_first_outcomes(maple, owner):
    definition = text(
        step("call", due={"days": 2}, outcomes=[outcome("yes", "plan"), outcome("no")]),
        step("letter", then="end"),
        step("plan", start={"after": "previous", "days": 1}, when="1;tier.in.S"),
        step("wait", kind="wait", due={"days": 5}, done_when="event:login"),
        step("talk", start={"after": "renewal", "days": -30}),
    )
    found = {it.step.id: it for it in queries.dry_run(definition, maple, TODAY - DAY, by=owner)}
    assert (found["call"].starts_on, found["call"].ends_on) == (TODAY, TODAY + 2 * DAY)
    assert found["letter"].place is Place.PASSED
    assert (found["plan"].starts_on, found["plan"].fits) == (TODAY + 3 * DAY, True)
    assert found["wait"].ends_on == TODAY + 8 * DAY
    assert (found["talk"].place, found["talk"].hold) == (Place.BLOCKED, Hold.RENEWAL)


def test_another_branch_can_be_looked_at(maple, owner):
    definition = text(step("call", outcomes=[outcome("yes", "end"), outcome("no")]), step("letter"))
    found = queries.dry_run(definition, maple, TODAY - DAY, by=owner, choices={"call": "no"})
    assert [(it.step.id, it.outcome, it.place) for it in found][1] == ("letter", "", Place.ENDED)

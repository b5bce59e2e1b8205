"""The bow-tie's page: the cast's customers, through the gate."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from perennial.config.pipeline import run
from perennial.customers.models import Customer
from perennial.demo.plant import Planted, plant, write_usage
from perennial.desk.bow_tie.rules import Stage
from perennial.health.inputs import served
from perennial.metrics.queries.states import activity_states
from perennial.metrics.rules.states import State
from perennial.team.models import User

DAY = date(2026, 6, 30)


@pytest.fixture
def planted(db: None, tmp_path: Path, perennial: Any) -> Planted:
    cast = plant(end_on=DAY)
    assert perennial("import", "events", write_usage(tmp_path, end_on=DAY)).code == 0
    run(day=DAY)
    return cast


def parts(user: User) -> dict[Stage, Any]:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    answer = client.get("/customers/bow-tie/")
    assert answer.status_code == 200
    return {row.part.stage: row.part for row in answer.context["rows"]}


def test_volumes_are_those_of_the_company_and_of_the_own_book(planted: Planted) -> None:
    whole = parts(planted.users["admin@demo.invalid"])
    here, states = served(DAY), activity_states(DAY)
    assert whole[Stage.WON].count == len(here)
    active = [it for it in here if states.get(it.external_id) == State.ACTIVE]
    assert whole[Stage.ACTIVE].count == len(active) > 0
    mine = set(Customer.objects.filter(owner=planted.owner).values_list("pk", flat=True))
    own = parts(planted.owner)
    assert own[Stage.WON].count == len([it for it in here if it.pk in mine])
    assert own[Stage.ACTIVE].count == len([it for it in active if it.pk in mine])


def test_an_empty_book_is_empty(planted: Planted) -> None:
    found = parts(planted.outsider)
    assert {(it.count, it.of, it.unknown, it.dropped) for it in found.values()} == {(0, 0, 0, 0)}

"""What others make of people and assessments: the alert, the products, the facts of tiers."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.conf import settings

from perennial.alerts.models import Alert, Rule
from perennial.config.pipeline import run
from perennial.customers.assessments import actions as assessments
from perennial.customers.assessments.rules.shipped import PROMT
from perennial.customers.people import actions
from perennial.demo.cast import State
from perennial.demo.plant import Planted, plant
from perennial.desk.tests.scene import NOW, Office
from perennial.health.classes.actions import publish
from perennial.health.classes.facts import facts_on
from perennial.health.classes.queries import by_rules
from perennial.units.moment import day_end

DAY = date(2026, 6, 30)


@pytest.fixture
def planted(db: None) -> Planted:
    return plant(end_on=DAY)


def test_marking_a_key_contact_as_left_raises_the_alert(planted: Planted):
    at = day_end(DAY, settings.PERENNIAL_TIME_ZONE)
    customer = planted.customers[State.BLOOMING]
    contact = customer.people.filter(grade="S", to_on__isnull=True).first()
    assert contact is not None
    with time_machine.travel(at, tick=False):
        actions.mark_left(contact, left_on=DAY, version=contact.version, by=planted.owner, at=at)
        run(day=DAY)
    alert = Alert.objects.get(customer=customer, rule=Rule.CONTACT_LEFT, resolved_on=None)
    assert alert.params["name"] == contact.name
    assert alert.params["left_on"] == DAY.isoformat()


def test_what_is_in_service_is_written_down_for_the_standards(planted: Planted):
    run(day=DAY)
    customer = planted.customers[State.BLOOMING]
    customer.refresh_from_db()
    assert "CRM" in customer.products


def test_rules_of_tiers_read_maturity_and_potential(office: Office):
    answers = {f"{it.name}.{it.questions[0].name}": 5 for it in PROMT.areas}
    assessments.assess(
        office.beijing, template="promt", answers=answers, note="", made_on=date(2026, 11, 1),
        by=office.admin, at=NOW,
    )  # fmt: skip
    rule = {"name": "rich", "title": {"zh": "潜力大", "en": "Potential"}, "value": "S",
            "when": "1;potential.gte.80;maturity.gte.80"}  # fmt: skip
    publish("tier", {"rules": [rule], "otherwise": ""}, note="", by=office.admin, at=NOW)
    facts = facts_on(date(2026, 11, 22))
    tiers = by_rules("tier", facts.columns, as_of=facts.as_of)
    said = dict(zip(facts.pks.tolist(), tiers.tolist(), strict=True))
    assert said[office.beijing.pk] == "S"
    assert said[office.shenzhen.pk] == ""
    before = facts_on(date(2026, 10, 31))
    assert not any(by_rules("tier", before.columns, as_of=before.as_of).tolist())

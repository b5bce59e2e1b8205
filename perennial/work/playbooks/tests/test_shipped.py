"""The shipped playbooks: readable, without a fault, and ready to run."""

from __future__ import annotations

import pytest

from perennial.work.models import Run
from perennial.work.playbooks import queries
from perennial.work.playbooks.actions import copy, publish, start
from perennial.work.playbooks.rules.definition import StepKind, plain
from perennial.work.playbooks.shipped import ORDER, shipped
from perennial.work.playbooks.tests.cast import NOW, customer, states, user

pytestmark = pytest.mark.django_db


def test_all_nine_are_there_in_the_order_of_a_customers_life():
    assert [it.name for it in queries.playbooks()] == list(ORDER)
    assert len(ORDER) == 9


@pytest.mark.parametrize("name", ORDER)
def test_a_shipped_playbook_has_no_fault_and_no_metric_that_is_gone(name: str):
    definition = shipped()[name]
    assert queries.faults_of(plain(definition)) == []
    assert queries.hints_of(definition) == []


@pytest.mark.parametrize("name", ORDER)
def test_its_texts_say_what_to_do_in_both_languages(name: str):
    for step in shipped()[name].steps:
        if step.kind not in (StepKind.WAIT, StepKind.FIELD_UPDATE):
            assert len(step.text.zh) >= 25 and len(step.text.en) >= 60, step.id


def test_none_enrols_anybody_by_itself_before_somebody_says_so():
    assert not any(it.is_automatic for it in queries.playbooks())


def test_it_gets_its_rows_on_first_use_and_can_be_copied():
    owner = user("owner")
    run = start("detractor", customer=customer("枫叶", owner), by=owner, at=NOW)
    assert states(run) == {"read": "open"}
    known = queries.playbook("detractor")
    assert known is not None and (known.version, known.is_shipped) == (1, True)
    draft = copy("detractor", to="our_detractor", by=owner, at=NOW)
    publish("our_detractor", edits=draft.edits, by=owner, at=NOW)
    own = queries.playbook("our_detractor")
    assert own is not None and (own.is_shipped, own.is_usable) == (False, True)
    assert Run.objects.count() == 1

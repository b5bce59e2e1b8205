"""The day's classes on the cast: who says so, what is kept, and what never changes."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from perennial.contracts.jobs import fill as fill_contracts
from perennial.customers.imports import record_customers
from perennial.customers.models import (
    Classification,
    ClassOverride,
    ClassRules,
    Customer,
    FitOpinion,
    SaidBy,
)
from perennial.customers.upsert import ImportedRow
from perennial.demo.cast import State
from perennial.demo.plant import Planted, plant
from perennial.health.classes import actions
from perennial.health.classes.jobs import classify
from perennial.team.models import AuditEntry
from perennial.units.errors import InputRefused

ON = date(2026, 6, 30)
NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def rule(value: str, when: str) -> dict[str, Any]:
    return {
        "name": value.lower(),
        "title": {"zh": value, "en": value},
        "value": value,
        "when": when,
    }


def tiers(*rules: dict[str, Any], otherwise: str = "") -> dict[str, Any]:
    return {"rules": list(rules), "otherwise": otherwise}


@pytest.fixture
def planted() -> Planted:
    found = plant(end_on=ON)
    fill_contracts(day=ON)
    with time_machine.travel(NOON, tick=False):
        classify(day=ON)
    for customer in found.customers.values():
        customer.refresh_from_db()
    return found


def rows(customer: Customer, kind: str) -> list[tuple[str, str, date, date | None]]:
    found = Classification.objects.filter(customer=customer, kind=kind).order_by("from_on", "pk")
    return [(it.value, it.said_by, it.from_on, it.until_on) for it in found]


def all_rows() -> list[tuple[Any, ...]]:
    return list(Classification.objects.order_by("pk").values_list())


def test_the_same_day_again_changes_nothing(planted: Planted) -> None:
    before = all_rows()
    assert classify(day=ON)["written"] == 0
    assert all_rows() == before


def test_stages_and_imported_tiers_of_the_cast(planted: Planted) -> None:
    stages = {state: planted.customers[state].stage for state in State}
    assert stages[State.PLANTED] == "onboarding"
    assert stages[State.DUE] == "pre_renewal"
    assert stages[State.LOST] == "churned"
    blooming = planted.customers[State.BLOOMING]
    assert (blooming.tier, blooming.stage) == ("S", "steady")
    assert rows(blooming, "tier") == [("S", "import", ON, None)]
    assert rows(blooming, "fit") == [], "without rules nobody says anything of the fit"


def test_the_stages_of_the_past_are_told_once_from_the_ledger(planted: Planted) -> None:
    due = planted.customers[State.DUE]
    told = rows(due, "stage")
    assert told[-1][0] == "pre_renewal"
    assert told[-1][3] is None
    assert due.stage_since_on == told[-1][2] == ON + timedelta(days=21 - 90)
    assert all(one[3] == other[2] for one, other in itertools.pairwise(told))
    assert not Classification.objects.filter(recorded_at__lt=NOON).exists()


def test_a_rule_says_more_than_an_import_and_a_person_more_than_a_rule(planted: Planted) -> None:
    blooming = planted.customers[State.BLOOMING]
    actions.publish("tier", tiers(rule("B", "1;arr.gte.1")), note="", by=None, at=NOON)
    blooming.refresh_from_db()
    assert blooming.tier == "B"
    actions.override(
        blooming, kind="tier", value="A", reason="灯塔客户", until_on=date(2026, 7, 10), by=None,
        at=NOON,
    )  # fmt: skip
    blooming.refresh_from_db()
    assert blooming.tier == "A"
    classify(day=date(2026, 7, 10), at=NOON + timedelta(days=10))
    assert Customer.objects.get(pk=blooming.pk).tier == "A"
    classify(day=date(2026, 7, 11), at=NOON + timedelta(days=11))
    assert Customer.objects.get(pk=blooming.pk).tier == "B", "it has run out"
    today = date(2026, 7, 1)
    assert rows(blooming, "tier") == [
        ("S", "import", ON, today),
        ("B", "rule", today, today),  # replaced on the day it began: still what was said
        ("A", "person", today, date(2026, 7, 11)),
        ("B", "rule", date(2026, 7, 11), None),
    ]


def test_without_a_match_the_imported_tier_is_back(planted: Planted) -> None:
    blooming = planted.customers[State.BLOOMING]
    actions.publish("tier", tiers(rule("B", "1;arr.gte.1")), note="", by=None, at=NOON)
    actions.publish("tier", tiers(rule("C", "1;arr.lt.1")), note="", by=None, at=NOON)
    blooming.refresh_from_db()
    assert (blooming.tier, blooming.imported_tier) == ("S", "S")
    assert list(ClassRules.objects.order_by("version").values_list("version", flat=True)) == [1, 2]


def test_publishing_what_counts_already_is_no_version(planted: Planted) -> None:
    text = tiers(rule("B", "1;arr.gte.1"))
    assert actions.publish("tier", text, note="x", by=None, at=NOON)
    assert actions.publish("tier", text, note="y", by=None, at=NOON) is None
    assert AuditEntry.objects.filter(action="class_rules.published").count() == 1


def test_a_rule_may_read_what_is_decided_before_it(planted: Planted) -> None:
    fit = {"rules": [rule("target", "1;seats.gte.100")], "otherwise": "unknown"}
    actions.publish("fit", fit, note="", by=None, at=NOON)
    actions.publish("tier", tiers(rule("S", "1;fit.in.target;stage.in.steady")), note="", by=None, at=NOON)  # fmt: skip  # noqa: E501
    first = Customer.objects.get(pk=planted.customers[State.BLOOMING].pk)
    assert (first.fit, first.tier) == ("target", "S")
    row = Classification.objects.get(customer=first, kind="tier", until_on=None)
    assert row.reason == {"fit": "target", "stage": "steady"}


def test_an_older_day_changes_nothing_that_was_said(planted: Planted) -> None:
    before = all_rows()
    shown = list(Customer.objects.order_by("pk").values_list("tier", "stage"))
    classify(day=ON - timedelta(days=3))
    after = all_rows()
    assert after[: len(before)] == before
    assert list(Customer.objects.order_by("pk").values_list("tier", "stage")) == shown
    assert {row[2] for row in after[len(before) :]} == {"tier"}, "of tiers nothing was known then"
    classify(day=ON - timedelta(days=3))
    assert all_rows() == after


def test_a_run_of_random_days_never_rewrites_and_leaves_no_gap(planted: Planted) -> None:
    rng = random.Random(7)
    for step in range(1, 8):
        day = ON + timedelta(days=step * 20)
        said = {row[0]: row for row in all_rows()}
        edge = rng.choice([1, 100_000, 200_000, 10**9])
        text = tiers(rule("A", f"1;arr.gte.{edge}"), otherwise=rng.choice(["", "C"]))
        at = NOON + timedelta(days=step * 20)
        with time_machine.travel(at, tick=False):
            actions.publish("tier", text, note=str(step), by=None, at=at)
            classify(day=day)
        for row in Classification.objects.filter(pk__in=said):
            old = said[row.pk]
            assert (row.value, row.from_on) == (old[3], old[4])
            assert old[5] is None or row.until_on == old[5]
    for customer in planted.customers.values():
        found = rows(customer, "tier")
        assert all(one[3] == other[2] for one, other in itertools.pairwise(found))


@pytest.mark.parametrize(
    ("given", "column"),
    [
        ({"value": "Z"}, "value"),
        ({"reason": " "}, "reason"),
        ({"until_on": date(2027, 7, 2)}, "until_on"),
        ({"until_on": date(2026, 6, 30)}, "until_on"),
    ],
)
def test_an_override_needs_a_value_a_reason_and_an_end_within_a_year(
    planted: Planted, given: dict[str, Any], column: str
) -> None:
    asked = {"value": "A", "reason": "x", "until_on": date(2027, 7, 1)} | given
    with pytest.raises(InputRefused) as refused:
        actions.override(
            planted.customers[State.DUE],
            kind="tier",
            by=None,
            at=NOON,
            **asked,  # type: ignore[arg-type]
        )
    assert refused.value.column == column
    assert not ClassOverride.objects.exists()


def test_what_is_withdrawn_holds_no_more(planted: Planted) -> None:
    due = planted.customers[State.DUE]
    actions.override(
        due, kind="stage", value="steady", reason="x", until_on=date(2026, 8, 1), by=None, at=NOON
    )
    assert Customer.objects.get(pk=due.pk).stage == "steady"
    actions.withdraw(due, kind="stage", by=None, at=NOON)
    assert Customer.objects.get(pk=due.pk).stage == "pre_renewal"
    with pytest.raises(InputRefused):
        actions.withdraw(due, kind="stage", by=None, at=NOON)


def test_what_a_csm_thinks_of_the_fit_stands_beside_the_rules(planted: Planted) -> None:
    due = planted.customers[State.DUE]
    with pytest.raises(InputRefused):
        actions.say_fit(due, value="target", expectations=" ", by=None, at=NOON)
    actions.say_fit(due, value="non_target", expectations="想要定制开发", by=None, at=NOON)
    fit = {"rules": [rule("target", "1;paying.is.yes")], "otherwise": "unknown"}
    actions.publish("fit", fit, note="", by=None, at=NOON)
    assert Customer.objects.get(pk=due.pk).fit == "target"
    assert FitOpinion.objects.get().value == "non_target"


def test_custom_fields_can_be_read_by_rules(planted: Planted) -> None:
    Customer.objects.filter(pk=planted.customers[State.DUE].pk).update(custom={"潜力": "8"})
    Customer.objects.filter(pk=planted.customers[State.SILENT].pk).update(custom={"潜力": 3})
    actions.publish("tier", tiers(rule("S", "1;custom_潜力.gte.5")), note="", by=None, at=NOON)
    held = Classification.objects.filter(kind="tier", until_on=None, said_by=SaidBy.RULE)
    assert [it.customer_id for it in held if it.value == "S"] == [planted.customers[State.DUE].pk]


def test_a_customer_that_comes_back_is_won_back(planted: Planted) -> None:
    from perennial.contracts.models import OrderLine

    lost = planted.customers[State.LOST]
    day = ON + timedelta(days=30)
    OrderLine.objects.create(
        order_id="back", customer=lost, kind="new", start_on=day, end_on=day + timedelta(days=365),
        signed_on=day, recurring_amount=Decimal(50_000), basis="arr", currency="CNY",
        recorded_at=NOON + timedelta(days=30),
    )  # fmt: skip
    fill_contracts(day=day)
    classify(day=day, at=NOON + timedelta(days=30))
    lost.refresh_from_db()
    assert (lost.stage, lost.stage_since_on) == ("won_back", day)


def test_the_same_file_again_takes_nothing_back_from_a_rule(planted: Planted) -> None:
    blooming = planted.customers[State.BLOOMING]

    def imported(tier: str, batch: int) -> tuple[int, str]:
        values = {"external_id": blooming.external_id, "name": blooming.name, "tier": tier}
        values |= {"pinyin": blooming.pinyin}
        done = record_customers([ImportedRow(2, values, NOON, False)], batch=batch)
        blooming.refresh_from_db()
        return done.changed, blooming.tier

    assert imported("C", 1) == (1, "C"), "nobody else has spoken: it holds at once"
    actions.publish("tier", tiers(rule("B", "1;arr.gte.1")), note="", by=None, at=NOON)
    assert imported("C", 2) == (0, "B")
    assert imported("A", 3) == (1, "B"), "a new fact beneath the rule"
    actions.publish("tier", tiers(), note="", by=None, at=NOON)
    assert Customer.objects.get(pk=blooming.pk).tier == "A"

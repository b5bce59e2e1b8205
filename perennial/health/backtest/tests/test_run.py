"""The whole backtest: point in time, the same bytes, drafts, and too little of everything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from perennial.contracts.models import Invoice, OrderLine
from perennial.customers.models import Customer, Touch
from perennial.health.backtest.document import document
from perennial.health.backtest.kept import kept_backtest
from perennial.health.backtest.rules.verdict import Verdict
from perennial.health.backtest.run import Kind, Question, backtest
from perennial.health.backtest.tests.scene import (
    NOW,
    TODAY,
    Happen,
    company,
    due_on,
    moment,
    order,
)
from perennial.health.backtest.wording import reason
from perennial.health.models import Opinion
from perennial.health.rules.defaults import SHIPPED
from perennial.health.rules.definition import Hierarchy
from perennial.metrics.tests.conftest import Fact
from perennial.surveys.models import Answer
from perennial.tickets.models import Ticket

pytestmark = pytest.mark.django_db
RENEWALS = Question(Kind.RENEWALS, known_on=TODAY)
SILENCE = Question(Kind.SILENT, known_on=TODAY, silent_days=60)


def told(question: Question = RENEWALS) -> Mapping[str, Any]:
    return document(backtest(question, SHIPPED))


def bytes_of(found: Mapping[str, Any]) -> str:
    return json.dumps(found, ensure_ascii=False)


def test_who_stopped_using_is_red_in_time(happen: Happen):
    company(happen)
    found = told()
    assert [it["days"] for it in found["horizons"]] == [30, 60, 90, 180]
    for it in found["horizons"]:
        assert (it["n"], it["losses"]) == (45, 15)
    late, early = found["horizons"][0], found["horizons"][3]
    assert late["auc"] == 1  # all of them fell silent 100 days before
    assert (late["precision"], late["recall"], late["lift"]) == (1, 1, 3)
    assert late["amount_caught"] == "15000.00"
    assert late["lead_time_days"] >= 60
    assert late["reason"] is None
    assert early["verdict"] in (Verdict.PREDICTS_NOTHING, Verdict.FEW_JUDGED)


def test_two_equal_runs_give_equal_bytes(happen: Happen):
    company(happen)
    for question in (RENEWALS, SILENCE):
        assert bytes_of(told(question)) == bytes_of(told(question))
    assert bytes_of(told()) != bytes_of(told(replace(RENEWALS, seed=7)))


def test_nothing_recorded_after_a_day_changes_a_score_as_of_it(happen: Happen):
    company(happen)
    before = told()
    everything_at_once(happen, recorded_on=date(2026, 11, 1))
    after = told()
    assert bytes_of(after["horizons"]) == bytes_of(before["horizons"])


def test_the_same_facts_recorded_in_time_do_change_scores(happen: Happen):
    company(happen)
    before = told()
    everything_at_once(happen, recorded_on=date(2025, 6, 1))
    after = told()
    assert bytes_of(after["horizons"]) != bytes_of(before["horizons"])


def everything_at_once(happen: Happen, *, recorded_on: date) -> None:
    """Facts of every kind about autumn 2025, about the lost and the renewed."""
    at, on = moment(recorded_on), date(2025, 12, 1)
    happen(
        [
            Fact(on + timedelta(days=it % 60), f"c{it % 45:02}", received_on=max(
                recorded_on, on + timedelta(days=it % 60)))
            for it in range(900)
        ]
    )  # fmt: skip
    for number, customer in enumerate(Customer.objects.order_by("pk")):
        key = f"k{number}"
        Touch.objects.create(customer=customer, happened_at=moment(on), recorded_at=at)
        Ticket.objects.create(external_id=key, customer=customer, opened_at=moment(on),
                              recorded_at=at)  # fmt: skip
        Answer.objects.create(external_id=key, customer=customer, kind="nps", score=number % 11,
                              answered_at=moment(on), recorded_at=at)  # fmt: skip
        Opinion.objects.create(customer=customer, measure="sentiment", value=number % 11,
                               said_on=on, recorded_at=at)  # fmt: skip
        Invoice.objects.create(external_id=key, customer=customer, issued_on=on, due_on=on,
                               amount=100, currency="CNY", recorded_at=at)  # fmt: skip


def test_an_order_that_becomes_known_later_was_not_known_before(happen: Happen):
    company(happen)
    before = told()
    customer = Customer.objects.get(external_id="c01")
    begin = date(2025, 9, 1)
    order(customer, "seats", begin, begin + timedelta(days=700), seats=500,
          recorded_at=moment(date(2026, 11, 1)))  # fmt: skip
    assert bytes_of(told()["horizons"]) == bytes_of(before["horizons"])


@pytest.mark.parametrize("customers", [0, 1, 5], ids=["nobody", "a single renewal", "five"])
def test_too_little_gives_nulls_and_a_sentence(happen: Happen, customers: int):
    company(happen, customers=customers) if customers else None
    for it in told()["horizons"]:
        assert it["n"] == customers
        figures = ("auc", "auc_low", "auc_high", "precision", "recall", "lift", "lead_time_days",
                   "amount_caught")  # fmt: skip
        assert [it[name] for name in figures] == [None] * 8
        assert ("Too few renewals" if customers else "nothing to judge") in it["reason"]


def test_a_profile_that_matches_nobody_says_so(happen: Happen):
    company(happen)
    nobody = replace(SHIPPED[0], audience="1;age_days.gte.100000")
    found = backtest(RENEWALS, [nobody])
    for it in found.horizons:
        assert (it.verdict, it.n, it.unmatched) == (Verdict.NOBODY_MATCHES, 0, 45)
        assert "matches none of 45" in reason(it, Kind.RENEWALS)


def test_a_parent_is_judged_by_children_that_are_no_cases_themselves(happen: Happen):
    company(happen)
    worst = [replace(SHIPPED[0], hierarchy=Hierarchy.WORST)]
    parent = Customer.objects.get(external_id="c01")  # in use, renewed
    alone = backtest(RENEWALS, worst).horizons[0].table
    begin = date(2025, 1, 1)
    Customer.objects.create(
        external_id="k", name="k", parent=parent, created_on=begin, recorded_at=moment(begin)
    )
    days = [date(2026, 1, 1) - timedelta(days=it) for it in range(1, 60)]  # then nothing more
    happen([Fact(on, "k", person=f"k{it % 3}") for it, on in enumerate(days)])
    joined = backtest(RENEWALS, worst).horizons[0].table
    assert joined.n == alone.n == 45
    assert joined.red.n == alone.red.n + 1


def test_silence_needs_events_only(happen: Happen):
    company(happen)
    OrderLine.objects.all().delete()
    (it,) = told(SILENCE)["horizons"]
    assert it["days"] == 0
    assert it["losses"] >= 10
    assert it["amount_caught"] is None


def test_exclusions_and_open_renewals_are_left_out_and_counted(happen: Happen):
    company(happen)
    open_one = Customer.objects.create(external_id="o", name="o", recorded_at=NOW)
    order(open_one, "o-1", date(2025, 11, 10), date(2026, 11, 10))
    found = told()
    assert found["settings"]["pending"] == 1
    assert found["horizons"][0]["n"] == 45


def test_what_is_kept_for_pages_equals_a_fresh_run(happen: Happen):
    company(happen)
    kept = document(kept_backtest(RENEWALS, SHIPPED))
    assert bytes_of(kept) == bytes_of(told())
    some = replace(RENEWALS, customers=frozenset({Customer.objects.get(external_id="c00").pk}))
    assert kept_backtest(some, SHIPPED).horizons[0].n == 1
    window = replace(RENEWALS, from_on=due_on(0), to_on=due_on(9))
    assert kept_backtest(window, SHIPPED).horizons[0].n == 10

"""The risk of a home's renewals: nothing recorded later counts, what was said is kept."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from perennial.contracts.models import OrderLine
from perennial.customers.models import Customer, Touch
from perennial.health.models import RiskModel, RiskScore
from perennial.health.risk import jobs
from perennial.health.risk.actions import train
from perennial.health.risk.queries import (
    current,
    open_risks,
    risk_of,
    said_against_happened,
    said_by,
    scored,
)
from perennial.health.risk.renewals import learnable
from perennial.health.risk.rules.labelled import Numbers
from perennial.surveys.models import Answer
from perennial.team.models import Role, User
from perennial.units.errors import InputRefused
from perennial.units.moment import day_start

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 10, tzinfo=ZONE)
TODAY = date(2026, 11, 22)


def at(day: date) -> datetime:
    return day_start(day, ZONE) + timedelta(hours=12)


def order(of: Customer, order_id: str, start: date, end: date | None, **also: object) -> OrderLine:
    signed = also.pop("signed_on", start)
    assert isinstance(signed, date)
    values: dict[str, object] = {"kind": "new", "recurring_amount": Decimal(1200), "basis": "arr"}
    return OrderLine.objects.create(
        customer=of, order_id=order_id, start_on=start, end_on=end, signed_on=signed,
        currency="CNY", recorded_at=at(signed), **(values | also),
    )  # fmt: skip


def year_later(day: date) -> date:
    return day.replace(year=day.year + 1)


@pytest.fixture
def company(home: Path) -> list[Customer]:
    """Sixty customers of two sizes whose first year ended from January to June 2026; the small
    ones mostly left. Ten more fall due next winter, and one has given notice."""
    found = []
    for number in range(60):
        size = "small" if number % 2 else "large"
        who = Customer.objects.create(
            external_id=f"c{number}", name=f"C {number}", size=size,
            recorded_at=at(date(2024, 12, 1)),
        )  # fmt: skip
        start = date(2025, 1, 1) + timedelta(days=3 * number)
        first = order(who, f"{number}-1", start, year_later(start))
        if number % 10 not in (1, 3, 5, 8):
            end = year_later(start)
            order(who, f"{number}-2", end, year_later(year_later(end)), kind="renewal",
                  renews=[first.order_id], signed_on=end - timedelta(days=3))  # fmt: skip
        found.append(who)
    for number in range(60, 71):
        who = Customer.objects.create(
            external_id=f"c{number}", name=f"C {number}", size="small",
            recorded_at=at(date(2025, 12, 1)),
        )  # fmt: skip
        found.append(who)
        order(who, f"{number}-1", date(2026, 1, 10), date(2027, 1, 10))
    order(found[-1], "70-x", date(2027, 1, 10), None, kind="cancellation", renews=["70-1"],
          signed_on=date(2026, 11, 1), recurring_amount=None, basis="none")  # fmt: skip
    return found


def end_of(who: Customer) -> date:
    """The day after the last one of a customer's first order."""
    end_on = OrderLine.objects.get(customer=who, order_id__endswith="-1").end_on
    assert end_on is not None
    return end_on


def learned(**also: Any) -> RiskModel:
    return train(known_on=TODAY, by=None, at=NOW, **also)


def test_decided_renewals_are_learned_from(company):
    found = learnable(known_on=TODAY, lead_days=90)
    assert len(found.data) == 60
    assert found.data.lost.sum() == 24
    assert (found.from_on, found.to_on) == (date(2025, 12, 31), date(2026, 6, 26))


def test_renewals_still_in_their_grace_are_left_out_whatever_came(company):
    """Else only those that renewed would be known, and nobody would seem to leave."""
    known_on = date(2026, 3, 1)
    found = learnable(known_on=known_on, lead_days=90)
    assert found.to_on is not None and found.to_on <= known_on - timedelta(days=30)
    assert 0 < found.data.lost.mean() < 1


def test_nothing_recorded_after_the_freeze_changes_a_fact(company):
    """Seats, contacts, answers and orders written down a day later than 90 days before."""
    before = learnable(known_on=TODAY, lead_days=90).data
    who = company[59]  # the last that was frozen: for no other one is this the past
    due = end_of(who)
    late = at(due - timedelta(days=1) - timedelta(days=89))
    Touch.objects.create(customer=who, happened_at=late - timedelta(days=40), recorded_at=late)
    Answer.objects.create(
        customer=who, external_id=f"a{who.pk}", kind="nps", score=1, recorded_at=late,
        answered_at=late - timedelta(days=40),
    )  # fmt: skip
    OrderLine.objects.filter(customer=who, order_id__endswith="-2").update(seats=99)
    order(who, f"{who.external_id}-late", due - timedelta(days=200), date(2028, 1, 1),
          kind="addon", seats=7, signed_on=late.date())  # fmt: skip
    after = learnable(known_on=TODAY, lead_days=90).data
    assert len(after) == len(before)
    for name, column in before.columns.items():
        same = np.array_equal(
            column.values,
            after.columns[name].values,
            equal_nan=isinstance(column, Numbers),
        )
        assert same, name


def test_what_was_recorded_before_the_freeze_is_a_fact(company):
    for who in company[:60]:
        due = end_of(who)
        early = at(due - timedelta(days=100))
        Touch.objects.create(customer=who, happened_at=early, recorded_at=early)
    found = learnable(known_on=TODAY, lead_days=90).data.columns["any_touch"]
    assert isinstance(found, Numbers)
    assert np.isfinite(found.values).all()


def test_renewals_decided_before_the_freeze_are_nothing_to_predict(company):
    line = OrderLine.objects.get(order_id="0-2")
    OrderLine.objects.filter(pk=line.pk).update(
        signed_on=date(2025, 9, 1), recorded_at=at(date(2025, 9, 1))
    )
    found = learnable(known_on=TODAY, lead_days=90)
    assert (len(found.data), found.decided_before) == (59, 1)


def test_a_small_home_says_the_rates_of_segments(company):
    model = learned()
    assert model.kind == RiskModel.Kind.SEGMENT_RATES
    assert (model.renewals, model.losses) == (60, 24)
    assert model.card["auc"] is not None
    jobs.fill(day=TODAY)
    told = {row["customer"]: row["loss_probability"] for row in scored(as_of=TODAY)}
    assert len(told) == 10
    assert all(0.4 < value < 0.9 for value in told.values())


def test_the_same_home_and_seed_give_the_same_model(company):
    first, second = learned(seed=4), learned(seed=4)
    assert first.fitted == second.fitted
    assert first.card == second.card


def test_a_customer_that_gave_notice_is_not_predicted(company):
    learned()
    jobs.fill(day=TODAY)
    assert "c70" not in {row["customer"] for row in scored(as_of=TODAY)}


def test_the_day_learns_by_itself_and_twice_is_once(company):
    assert jobs.fill(day=TODAY) == {"said": 10}
    rows = list(RiskScore.objects.values_list("customer", "loss_probability", "reasons"))
    assert jobs.fill(day=TODAY) == {"said": 10}
    assert list(RiskScore.objects.values_list("customer", "loss_probability", "reasons")) == rows
    assert RiskModel.objects.count() == 1


def test_what_has_not_changed_is_not_said_again_until_a_month_has_passed(company):
    jobs.fill(day=TODAY)
    assert jobs.fill(day=TODAY + timedelta(days=1)) == {"said": 0}
    assert jobs.fill(day=TODAY + timedelta(days=30)) == {"said": 10}


def test_days_before_the_newest_said_stay_as_they_were(company):
    jobs.fill(day=TODAY)
    assert jobs.fill(day=TODAY - timedelta(days=1)) == {"said": 0}
    assert not RiskScore.objects.filter(said_on__lt=TODAY).exists()


@pytest.mark.parametrize("customers", [0, 1, 5], ids=["nobody", "a single renewal", "five"])
def test_too_few_renewals_are_refused_with_a_sentence(home: Path, customers: int):
    for number in range(customers):
        who = Customer.objects.create(
            external_id=f"c{number}", name="C", recorded_at=at(date(2024, 12, 1))
        )
        order(who, f"{number}-1", date(2025, 1, 1), date(2026, 1, 1))
    with pytest.raises(InputRefused) as refused:
        learned()
    assert refused.value.params["n"] == str(customers)
    assert jobs.fill(day=TODAY) == {"said": 0}
    assert current() is None


def test_what_was_said_is_held_against_what_came(company):
    model = learned()
    for number in range(60):
        due = date(2025, 12, 31) + timedelta(days=3 * number)
        lost = number % 10 in (1, 3, 5, 8)
        RiskScore.objects.create(
            model=model, customer=company[number], due_on=due, said_on=due - timedelta(days=95),
            loss_probability=0.8 if lost else 0.2,
        )  # fmt: skip
    found = {it.days: it.quality for it in said_against_happened(known_on=TODAY)}
    assert (found[90].n, found[90].losses, found[90].auc) == (60, 24, 1.0)
    assert found[90].brier == pytest.approx(0.04)
    assert found[60].n == 60  # said 35 days before that horizon: it still stood
    assert found[180].n == 0
    assert found[180].auc is None


def test_what_was_said_long_before_was_not_said_at_a_horizon():
    said = [(date(2026, 1, 1), 0.3), (date(2026, 2, 1), 0.4)]
    assert said_by(said, date(2026, 1, 31)) == 0.3
    assert said_by(said, date(2026, 2, 1)) == 0.4
    assert said_by(said, date(2025, 12, 31)) is None
    assert said_by(said, date(2026, 6, 1)) is None


def test_a_csm_sees_the_risk_of_own_customers_only(company):
    jobs.fill(day=TODAY)
    mine = User.objects.create(email="csm@demo.invalid", name="CSM", role=Role.CSM)
    company[60].owner = mine
    company[60].save()
    assert [it.customer_id for it in open_risks(mine, day=TODAY)] == [company[60].pk]
    assert risk_of(mine, company[60], day=TODAY) is not None
    assert risk_of(mine, company[61], day=TODAY) is None

"""The life of an alert over days: k looks, cool-down, own rules, what is unknown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from perennial.alerts import jobs
from perennial.alerts.drops import Usage
from perennial.alerts.models import Alert, Evidence, OwnRule, Rule
from perennial.alerts.rules.lives import LIVES, Life, is_cooling, is_over
from perennial.customers.models import Customer
from perennial.surveys.models import Answer
from perennial.tickets.models import Ticket

DAY = date(2026, 6, 30)
NOON = datetime(2026, 6, 30, 4, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def customer() -> Customer:
    return Customer.objects.create(external_id="c1", name="北京卓泽", recorded_at=NOON)


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def at(days: int) -> datetime:
    return NOON - timedelta(days=days)


@pytest.mark.parametrize(
    ("rule", "calm", "over"),
    [(name, life.calm_days, life.cool_down_days) for name, life in LIVES.items()],
)
def test_every_rule_ends_after_k_and_keeps_still(rule: str, calm: int, over: int):
    life = LIVES[rule]
    assert not is_over(calm - 1, life=life)
    assert is_over(calm, life=life)
    assert is_cooling(ago(over - 1), life=life, day=DAY)
    assert not is_cooling(ago(over), life=life, day=DAY)
    assert not is_cooling(None, life=Life(1, 9), day=DAY)


Step = Callable[[int], object]


@pytest.fixture
def a_day(monkeypatch: pytest.MonkeyPatch) -> Step:
    """Runs the alerts of DAY + n without any usage."""
    none = Usage([], {}, {}, True)
    monkeypatch.setattr(jobs, "usage", lambda customers, *, day, look_back: none)
    return lambda number: jobs.fill(day=DAY + timedelta(days=number))


def test_an_own_rule_enters_stays_leaves_and_cools_down(customer: Customer, a_day: Step):
    OwnRule.objects.create(
        name="loud", title_zh="工单多", title_en="Loud", enter="1;tickets.gte.3",
        leave="1;tickets.gte.2", calm_days=2, cool_down_days=5, changed_at=NOON,
    )  # fmt: skip
    tickets = [
        Ticket.objects.create(
            external_id=f"t{n}", customer=customer, opened_at=at(100), recorded_at=NOON
        )
        for n in range(3)
    ]

    def leave(number: int, *, on: int) -> None:
        for ticket in tickets:
            ticket.closed_at = None
            ticket.save()
        for ticket in tickets[: 3 - number]:
            ticket.closed_at = NOON + timedelta(days=on, hours=-5)
            ticket.save()

    states = []
    for on, number in enumerate([3, 3, 2, 1, 2, 1, 1, 3, 3, 3, 3, 3]):
        leave(number, on=on)
        a_day(on)
        open_ = Alert.objects.filter(rule=Rule.OWN, resolved_on=None).first()
        states.append((open_.fired_days, open_.calm_days) if open_ else None)
    assert states == [
        (1, 0), (2, 0), (2, 0), (2, 1), (2, 0), (2, 1), None,  # calm twice in a row on day 6
        None, None, None, None, (1, 0),  # five days still
    ]  # fmt: skip
    assert Evidence.objects.filter(alert__rule=Rule.OWN).count() == 3
    assert Alert.objects.filter(rule=Rule.OWN).count() == 2


def test_a_rule_taken_back_ends_its_alerts(customer: Customer, a_day: Step):
    rule = OwnRule.objects.create(
        name="all", title_zh="全部", title_en="All", enter="1;tickets.gte.0", changed_at=NOON
    )
    a_day(0)
    rule.delete()
    a_day(1)
    assert Alert.objects.get(rule=Rule.OWN).ending == "withdrawn"


def test_the_same_day_again_is_no_second_calm_day(customer: Customer, a_day: Step):
    rule = OwnRule.objects.create(
        name="all", title_zh="全部", title_en="All", enter="1;tickets.gte.0", changed_at=NOON,
        calm_days=3,
    )  # fmt: skip
    a_day(0)
    OwnRule.objects.filter(pk=rule.pk).update(enter="1;tickets.gte.9")
    for _again in range(4):
        a_day(1)
    a_day(0)  # an older day changes nothing
    assert Alert.objects.get(rule=Rule.OWN).calm_days == 1


def test_what_is_not_connected_is_not_calm(customer: Customer, a_day: Step):
    answer = Answer.objects.create(
        external_id="a", customer=customer, kind="nps", score=2, answered_at=NOON, recorded_at=NOON
    )
    a_day(0)
    answer.delete()  # no answer of anybody is left: nobody knows any more
    a_day(1)
    assert Alert.objects.get(rule=Rule.DETRACTOR).resolved_on is None

"""Which outcomes a score is held against: silence of plain events, and what was imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from perennial.customers.models import Customer, Merge, Outcome
from perennial.health.backtest.imported import CONTROLS, imported
from perennial.health.backtest.outcomes import Outcomes
from perennial.health.backtest.silence import silences
from perennial.metrics.tests.conftest import Fact

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 1, tzinfo=UTC)
T = date(2026, 3, 1)
Happen = Callable[[Sequence[Fact]], dict[str, int]]


def daily(customer: str, first: date, last: date, *, value: float = 1.0) -> list[Fact]:
    days = (last - first).days
    return [Fact(first + timedelta(days=it), customer, value=value) for it in range(days + 1)]


def told(found: Outcomes) -> list[tuple[str, date, bool]]:
    days = found.ended_on.tolist()
    return list(zip(found.external_id, days, found.lost.tolist(), strict=True))


def test_who_was_in_use_and_fell_silent_is_lost(happen: Happen):
    happen(
        [
            *daily("gone", T - timedelta(days=40), T),
            *daily("stays", T - timedelta(days=40), T + timedelta(days=300)),
            *daily("back", T - timedelta(days=40), T),
            Fact(T + timedelta(days=90), "back"),  # the last day that counts
            *daily("later", T - timedelta(days=40), T),
            Fact(T + timedelta(days=91), "later"),
        ]
    )
    found = silences(90, T, T)
    assert told(found) == [("back", T, False), ("gone", T, True), ("later", T, True),
                           ("stays", T, False)]  # fmt: skip
    assert found.horizons == (0,)
    assert (found.customer < 0).all()  # only events name them


@pytest.mark.parametrize(
    ("facts", "is_case"),
    [
        pytest.param(daily("c", T - timedelta(days=19), T), True, id="twenty events"),
        pytest.param(daily("c", T - timedelta(days=18), T), False, id="nineteen"),
        pytest.param([Fact(T - timedelta(days=179), "c", value=20), Fact(T, "c", value=0.5)], True,
                     id="the first day of the half year counts"),
        pytest.param([Fact(T - timedelta(days=180), "c", value=20), Fact(T, "c")], False,
                     id="the day before does not"),
        pytest.param([Fact(T - timedelta(days=89), "c", value=20)], True, id="seen 89 days ago"),
        pytest.param([Fact(T - timedelta(days=90), "c", value=20)], False, id="seen 90 days ago"),
        pytest.param([Fact(T, "c", value=20)], True, id="on the day itself"),
        pytest.param([Fact(T + timedelta(days=1), "c", value=20)], False, id="only afterwards"),
    ],
)  # fmt: skip
def test_in_use_is_twenty_events_in_180_days_and_one_in_ninety(
    happen: Happen, facts: list[Fact], is_case: bool
):
    happen([*facts, Fact(T + timedelta(days=200), "watched")])
    assert bool(told(silences(30, T, T))) is is_case


def test_only_what_was_watched_to_the_end_is_a_case(happen: Happen):
    last = T + timedelta(days=90)
    happen([*daily("c", T - timedelta(days=40), T), Fact(last, "feed")])
    assert len(silences(90, T, T)) == 1
    assert len(silences(91, T, T)) == 0
    Customer.objects.create(
        external_id="c", name="c", recorded_at=AT, observed_until=T + timedelta(days=60)
    )
    assert len(silences(90, T, T)) == 0
    assert len(silences(60, T, T)) == 1


def test_late_arrival_keeps_a_feed_alive(happen: Happen):
    happen([*daily("c", T - timedelta(days=40), T)])
    assert len(silences(30, T, T)) == 0
    happen([Fact(T, "other", received_on=T + timedelta(days=30))])
    assert len(silences(30, T, T)) == 1


def test_each_first_of_a_month_is_a_case(happen: Happen):
    happen([*daily("c", date(2025, 1, 1), date(2026, 1, 31))])
    found = silences(30, None, None)
    days = [on for _, on, _ in told(found)]
    assert (days[0], days[-1], len(days)) == (date(2025, 2, 1), date(2026, 1, 1), 12)
    some = silences(30, date(2025, 3, 2), date(2025, 6, 1))
    assert [on.month for _, on, _ in told(some)] == [4, 5, 6]


def test_a_merged_customer_counts_under_the_one_that_survives(happen: Happen):
    happen([*daily("old", T - timedelta(days=30), T - timedelta(days=1)),
            *daily("new", T, T + timedelta(days=100))])  # fmt: skip
    one, two = (
        Customer.objects.create(external_id=name, name=name, recorded_at=AT)
        for name in ("old", "new")
    )
    Merge.objects.create(customer=one, into=two, merged_at=AT)
    found = silences(60, T, T)
    assert told(found) == [("new", T, False)]
    assert found.customer.tolist() == [two.pk]


def test_nothing_at_all_is_no_case():
    assert len(silences(90, None, None)) == 0
    assert len(imported(None, None, seed=1)) == 0


def add(name: str, *ends: tuple[str, date]) -> Customer:
    made = Customer.objects.create(
        external_id=name, name=name, recorded_at=AT, created_on=date(2024, 1, 1)
    )
    for outcome, on in ends:
        Outcome.objects.create(customer=made, outcome=outcome, occurred_on=on, recorded_at=AT)
    return made


def test_each_imported_row_is_a_case():
    add("a", ("churn", T), ("renewal", T - timedelta(days=365)))
    add("b", ("renewal", T))
    found = imported(None, None, seed=1)
    assert told(found) == [("a", T - timedelta(days=365), False), ("a", T, True), ("b", T, False)]
    assert found.horizons == (30, 60, 90, 180)
    assert not found.control.any()
    assert len(imported(T, T, seed=1)) == 2


def test_where_only_losses_are_known_others_of_the_same_day_stand_beside():
    add("lost", ("churn", T))
    add("lost_before", ("churn", T - timedelta(days=100)))
    for name in ("k1", "k2", "k3", "k4", "k5"):
        add(name)
    add("young")
    Customer.objects.filter(external_id="young").update(created_on=T)
    found = imported(T, T, seed=1)
    again = imported(T, T, seed=1)
    assert told(found) == told(again)
    assert found.control.sum() == CONTROLS
    beside = {name for name, is_control in zip(found.external_id, found.control, strict=True)
              if is_control}  # fmt: skip
    assert beside <= {"lost_before", "k1", "k2", "k3", "k4", "k5"}
    both = imported(None, None, seed=1)
    of_last = [name for name, on, lost in told(both) if on == T and not lost]
    assert "lost_before" not in of_last  # it was lost in the half year before


def test_the_customers_of_a_reader_only():
    seen, other = add("seen", ("churn", T)), add("other", ("renewal", T))
    assert told(imported(None, None, seed=1, customers={seen.pk}))[0] == ("seen", T, True)
    assert [it[0] for it in told(imported(None, None, seed=1, customers={other.pk}))] == ["other"]

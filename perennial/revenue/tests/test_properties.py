"""What holds for any ledger (metric specification B6): more than 2,000 random ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from perennial.contracts.rules import Basis, Kind
from perennial.revenue.rules import (
    NOTHING,
    Histories,
    Movement,
    Movements,
    Rates,
    Report,
    SubKind,
    exact_sum,
)
from perennial.revenue.rules.cohorts import CohortMetric, cohorts
from perennial.revenue.tests.ledger import book, line, moment, period
from perennial.revenue.tests.random_ledgers import FIRST as FIRST_DAY
from perennial.revenue.tests.random_ledgers import LAST as LAST_DAY
from perennial.revenue.tests.random_ledgers import (
    PRODUCTS,
    Ledger,
    believable,
    days,
    random_ledger,
    wild,
    wild_lines,
)
from perennial.units.period import Grain

EVE, FIRST, LAST = date(2024, 12, 31), date(2025, 1, 1), date(2025, 12, 31)
MIDDLE = date(2025, 5, 11)
YEAR = period(FIRST, LAST)
anything = wild() | believable()
SPOT = Rates(
    plan={"USD": Fraction(7), "EUR": Fraction(8)},
    spot={
        "USD": ((date(2023, 1, 1), Fraction(7)), (date(2025, 4, 1), Fraction("7.3"))),
        "EUR": ((date(2023, 1, 1), Fraction(8)), (date(2025, 6, 5), Fraction("7.7"))),
    },
)


def often(count: int):
    return settings(max_examples=count, deadline=None)


def of(ledger: Ledger, **asked) -> Histories:
    return book(ledger.lines, ledger.pauses, **asked)


def both(found: Histories) -> tuple[Movements, Movements]:
    return found.movements(YEAR), found.movements(YEAR, Report.ACTIVITY)


def same(one: Ledger, other: Ledger, **asked) -> bool:
    a, b = of(one, **asked), of(other, **asked)
    return both(a) == both(b) and a.retention(EVE, LAST) == b.retention(EVE, LAST)


@given(anything)
@often(300)
def test_start_and_movements_make_the_end_exactly(ledger):
    found = of(ledger)
    for report in both(found):
        assert report.start == exact_sum(it.mrr for it in found.states(EVE).values())
        assert report.end == exact_sum(it.mrr for it in found.states(LAST).values())
        assert report.customers == sum(it.paying for it in found.states(LAST).values())


@pytest.mark.parametrize("level", ["customer", "product", "order"])
@pytest.mark.parametrize("fx", ["plan", "spot"])
def test_the_identity_holds_in_several_currencies_and_at_every_level(level, fx):
    for seed in range(50):
        ledger = random_ledger(seed, currencies=("CNY", "USD", "EUR"))
        found = of(ledger, rates=SPOT, level=level, fx=fx)
        for report in both(found):
            assert report.start + sum(report.amounts.values()) + report.fx == report.end
            assert report.end == found.base(LAST).mrr
            assert report.customers == found.base(LAST).customers
            assert fx == "spot" or not report.fx


@given(anything)
@often(200)
def test_activity_adds_up_over_parts_of_the_period(ledger):
    found = of(ledger)
    whole = found.movements(YEAR, Report.ACTIVITY)
    parts = [
        found.movements(period(FIRST, MIDDLE), Report.ACTIVITY),
        found.movements(period(MIDDLE + timedelta(1), LAST), Report.ACTIVITY),
    ]
    for kind in Movement:
        assert whole.amounts[kind] == sum((it.amounts[kind] for it in parts), Fraction(0))
        assert whole.counts[kind] == sum(it.counts[kind] for it in parts)


def test_activity_adds_up_at_spot_rates_too():
    for seed in range(50):
        found = of(random_ledger(seed, currencies=("CNY", "USD")), rates=SPOT, fx="spot")
        whole = found.movements(YEAR, Report.ACTIVITY)
        months = [
            found.movements(period(date(2025, month, 1), last), Report.ACTIVITY)
            for month in range(1, 13)
            for last in [(date(2025 + month // 12, month % 12 + 1, 1) - timedelta(1))]
        ]
        assert whole.fx == sum((it.fx for it in months), Fraction(0))
        for kind in Movement:
            assert whole.amounts[kind] == sum((it.amounts[kind] for it in months), Fraction(0))


@given(anything)
@often(200)
def test_the_steps_join_and_each_of_them_changes_something(ledger):
    found = of(ledger)
    for history in map(found.history, found.keys()):
        reached = NOTHING
        for step in history.steps:
            assert step.before == reached != step.after
            assert history.state(step.on - timedelta(1)) == step.before
            assert history.state(step.on) == step.after
            reached = step.after


@given(anything, some.randoms(use_true_random=False))
@often(150)
def test_the_order_of_the_input_changes_nothing(ledger, random):
    lines = random.sample(ledger.lines, len(ledger.lines))
    assert same(ledger, Ledger(lines, ledger.pauses[::-1]))


@given(anything)
@often(100)
def test_importing_the_same_rows_again_changes_nothing(ledger):
    assert same(ledger, Ledger(ledger.lines * 2, ledger.pauses * 2))


@given(anything, some.fractions(0, 1))
@often(150)
def test_splitting_a_line_in_two_changes_nothing(ledger, share):
    split = [
        replace(
            line,
            line=line.line + half,
            amount=None if line.amount is None else line.amount * part,
            discount=line.discount * part,
        )
        for line in ledger.lines
        for half, part in (("a", share), ("b", 1 - share))
    ]
    assert same(ledger, Ledger(split, ledger.pauses), discounts="dated")


@given(believable(corrections=False) | wild(), some.integers(1, 50))
@often(150)
def test_rates_are_shares_and_do_not_depend_on_the_unit_of_money(ledger, factor):
    found = of(ledger).retention(EVE, LAST)
    if found.grr is not None and found.nrr is not None:
        assert 0 <= found.grr <= min(Fraction(1), found.nrr)
    lines = [
        replace(
            it,
            amount=it.amount * factor if it.amount else it.amount,
            discount=it.discount * factor,
        )
        for it in ledger.lines
    ]
    scaled = of(Ledger(lines, ledger.pauses)).retention(EVE, LAST)
    for name in ("grr", "nrr", "logo_retention", "grr_movement", "nrr_movement", "net_churn"):
        assert getattr(scaled, name) == getattr(found, name)
    assert scaled.start_mrr == found.start_mrr * factor


@given(anything, wild_lines(), days())
@often(200)
def test_what_is_recorded_later_never_changes_what_was_known(ledger, later, known_on):
    """Corrections, withdrawals and orders recorded from K on leave metric(·, K) alone."""
    before = moment(known_on)
    news = [replace(it, recorded_at=max(it.recorded_at, before)) for it in later]
    voids = [replace(it, void=True, recorded_at=before) for it in ledger.lines]
    more = Ledger([*ledger.lines, *news, *voids], ledger.pauses)
    assert same(ledger, more, known_before=before)


@given(believable(corrections=False))
@often(100)
def test_one_off_fees_never_touch_recurring_revenue(ledger):
    fees = [replace(it, one_off=Fraction(12_345)) for it in ledger.lines]
    assert same(ledger, Ledger(fees, ledger.pauses))


@given(believable(), some.sets(days(), min_size=2, max_size=6), some.integers(1, 10**6))
@often(150)
def test_renewals_without_change_and_plan_swaps_are_no_movements(ledger, cuts, cents):
    """A subscription beside the others, in one piece or renewed under other plans."""
    ends = [it.isoformat() for it in sorted(cuts)]
    monthly: dict[str, Any] = {"amount": Fraction(cents, 100), "basis": Basis.MRR, "customer_id": 2}
    whole = line("one", ends[0], ends[-1], **monthly)
    parts = [
        line(
            f"part{n}",
            start,
            end,
            kind=Kind.RENEWAL if n else Kind.NEW,
            renews=(f"part{n - 1}",) if n else (),
            product=PRODUCTS[n % 3],
            **monthly,
        )
        for n, (start, end) in enumerate(pairwise(ends))
    ]
    one, cut = (Ledger(ledger.lines + more, ledger.pauses) for more in ([whole], parts))
    if not {it.end_on for it in parts} & {it.end_on for it in ledger.lines}:
        assert same(one, cut)


def test_rates_of_exchange_never_move_constant_currency():
    for seed in range(100):
        ledger = random_ledger(seed, currencies=("CNY", "USD", "EUR"))
        other = replace(SPOT, spot={})
        assert both(of(ledger, rates=SPOT)) == both(of(ledger, rates=other))


@given(anything, some.sets(some.integers(1, 3)))
@often(150)
def test_segments_add_up_to_the_whole_and_lists_to_their_figures(ledger, chosen):
    whole = of(ledger)
    rest = {1, 2, 3} - chosen
    for report, kept in ((Report.NET, whole.net(YEAR)), (Report.ACTIVITY, whole.daily(YEAR))):
        found = whole.movements(YEAR, report)
        parts = [whole.only(ids).movements(YEAR, report) for ids in (chosen, rest)]
        for kind in Movement:
            assert found.amounts[kind] == sum((it.amounts[kind] for it in parts), Fraction(0))
            assert found.amounts[kind] == exact_sum(it.amount for it in kept if it.kind is kind)
            assert found.counts[kind] == sum(it.kind is kind for it in kept)
        assert found.start == sum((it.start for it in parts), Fraction(0))


@pytest.mark.parametrize("level", ["customer", "product", "order"])
def test_the_parts_of_a_move_sum_to_it(level):
    asked = {"level": level, "discounts": "dated", "fx": "spot", "usage_revenue": "include"}
    told: set[SubKind] = set()
    for seed in range(70):
        found = of(random_ledger(seed, currencies=("CNY", "USD")), rates=SPOT, **asked)
        for move in found.movers(YEAR):
            if move.kind in (Movement.EXPANSION, Movement.CONTRACTION):
                parts = found.parts(move, YEAR)
                assert sum(parts.values()) == move.amount
                told |= parts.keys()
    assert len(told) > 4


def test_the_cohorts_start_with_all_new_revenue_and_hold_everybody_once():
    for seed in range(100):
        found = of(random_ledger(seed))
        table = cohorts(
            found, grain=Grain.QUARTER, metric=CohortMetric.NRR, from_on=FIRST_DAY, to_on=LAST_DAY
        )
        for row in table.rows:
            assert row.start_mrr == found.movements(row.period).amounts[Movement.NEW]
        payers = [it for it in map(found.first_paid, found.keys()) if it]
        assert sum(row.size for row in table.rows) == len(payers)

"""What holds for any ledger (metric specification B6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as some

from perennial.contracts.rules import Basis, Kind, Line, Pause
from perennial.revenue.rules import NOTHING, Retention, exact_sum, state_on, steps
from perennial.revenue.tests.ledger import activity, by_customer, kept, moment, net, states

FIRST = date(2024, 1, 1)
PERIOD = (date(2024, 6, 1), date(2025, 5, 31))
MIDDLE = date(2024, 11, 11)


def days(most: int = 900):
    return some.integers(0, most).map(lambda n: FIRST + timedelta(days=n))


@some.composite
def ledgers(draw) -> list[Line]:
    lines: list[Line] = []
    for number in range(draw(some.integers(1, 8))):
        customer_id = draw(some.integers(1, 3))
        earlier = [it for it in lines if it.customer_id == customer_id]
        kinds = [Kind.NEW, Kind.ADDON, Kind.TRIAL, Kind.BUYOUT]
        if earlier:
            kinds += [Kind.RENEWAL, Kind.DOWNSELL, Kind.CANCELLATION]
        kind = draw(some.sampled_from(kinds))
        start = draw(days())
        length = draw(some.none() | some.integers(1, 800))
        end = None if length is None else start + timedelta(days=length)
        amount = Fraction(draw(some.integers(0, 10**6)), 100)
        if kind is Kind.DOWNSELL:
            amount = -amount
        silent = kind in (Kind.CANCELLATION, Kind.TRIAL)
        lines.append(
            Line(
                customer_id=customer_id,
                order_id=f"O{number}",
                kind=kind,
                start_on=start,
                end_on=None if kind is Kind.CANCELLATION else end,
                signed_on=start,
                recorded_at=moment(start),
                currency="CNY",
                amount=None if silent else amount,
                basis=Basis.NONE if silent else Basis.TERM if end else Basis.INTERVAL,
                renews=(draw(some.sampled_from(earlier)).order_id,) if kind in kinds[4:] else (),
            )
        )
    return lines


@some.composite
def pauses(draw) -> list[Pause]:
    found = []
    for _ in range(draw(some.integers(0, 3))):
        start = draw(days())
        length = draw(some.none() | some.integers(1, 200))
        end = None if length is None else start + timedelta(days=length)
        found.append(Pause(draw(some.integers(1, 3)), start, end, moment(start)))
    return found


@given(ledgers(), pauses())
@settings(max_examples=300, deadline=None)
def test_start_and_movements_make_the_end_exactly(lines, rests):
    terms = by_customer(lines, rests)
    for report in (net(lines, *PERIOD, rests), activity(lines, *PERIOD, rests)):
        for total, on in ((report.start, PERIOD[0] - timedelta(1)), (report.end, PERIOD[1])):
            assert total == exact_sum(state.mrr for state in states(terms, on).values())
        live = sum(state.paying for state in states(terms, PERIOD[1]).values())
        assert report.customers == live


@given(ledgers(), pauses())
@settings(max_examples=200, deadline=None)
def test_activity_adds_up_over_parts_of_the_period(lines, rests):
    whole = activity(lines, *PERIOD, rests)
    parts = [
        activity(lines, PERIOD[0], MIDDLE, rests),
        activity(lines, MIDDLE + timedelta(1), PERIOD[1], rests),
    ]
    for kind, amount in whole.amounts.items():
        assert amount == sum((part.amounts[kind] for part in parts), Fraction(0))
        assert whole.counts[kind] == sum(part.counts[kind] for part in parts)


@given(ledgers(), pauses())
@settings(max_examples=300, deadline=None)
def test_the_steps_tell_the_state_of_every_day(lines, rests):
    for terms in by_customer(lines, rests).values():
        found = steps(terms)
        assert all(step.before != step.after for step in found)
        for on in {FIRST, *PERIOD, MIDDLE, *(step.on for step in found)} | {
            step.on - timedelta(1) for step in found
        }:
            reached = [step.after for step in found if step.on <= on]
            assert state_on(terms, on) == (reached[-1] if reached else NOTHING)


@given(ledgers(), pauses(), some.randoms())
@settings(max_examples=200, deadline=None)
def test_the_order_of_the_input_changes_nothing(lines, rests, random):
    shuffled = random.sample(lines, len(lines))
    assert net(shuffled, *PERIOD, rests[::-1]) == net(lines, *PERIOD, rests)
    assert activity(shuffled, *PERIOD, rests) == activity(lines, *PERIOD, rests)


@given(ledgers(), pauses(), some.fractions(0, 1))
@settings(max_examples=200, deadline=None)
def test_splitting_a_line_in_two_changes_nothing(lines, rests, share):
    split = [
        part
        for line in lines
        for part in (
            replace(line, amount=line.amount * share if line.amount else line.amount),
            replace(line, line="2", amount=line.amount * (1 - share) if line.amount else None),
        )
    ]
    assert net(split, *PERIOD, rests) == net(lines, *PERIOD, rests)
    assert activity(split, *PERIOD, rests) == activity(lines, *PERIOD, rests)


@given(ledgers(), ledgers(), days())
@settings(max_examples=200, deadline=None)
def test_what_is_recorded_later_never_changes_what_was_known(lines, later, known_on):
    """Corrections, withdrawals and orders recorded from K on leave metric(·, K) alone."""
    known_before = moment(known_on)
    news = [replace(it, recorded_at=max(it.recorded_at, known_before)) for it in later]
    voids = [replace(it, void=True, recorded_at=known_before) for it in lines]
    then = net(lines, *PERIOD, known_before=known_before)
    assert net([*lines, *news, *voids], *PERIOD, known_before=known_before) == then


@given(ledgers(), pauses(), some.integers(1, 50))
@settings(max_examples=200, deadline=None)
def test_rates_are_shares_and_do_not_depend_on_the_unit_of_money(lines, rests, factor):
    def kept_of(rows: list[Line]) -> Retention:
        terms = by_customer(rows, rests)
        return kept(states(terms, PERIOD[0]), states(terms, PERIOD[1]))

    found = kept_of(lines)
    terms = by_customer(lines, rests)
    before, after = states(terms, PERIOD[0]), states(terms, PERIOD[1])
    cohort = [pk for pk, was in before.items() if was.mrr > 0]
    now = {pk: max(after[pk].mrr, Fraction(0)) for pk in cohort}
    assert found.start == exact_sum(before[pk].mrr for pk in cohort)
    assert found.end == exact_sum(now.values())
    assert found.kept == exact_sum(min(before[pk].mrr, now[pk]) for pk in cohort)
    assert found.kept_logos == sum(before[pk].paying and after[pk].paying for pk in before)
    if found.grr is not None and found.nrr is not None:
        assert 0 <= found.grr <= min(Fraction(1), found.nrr)
    scaled = kept_of(
        [replace(it, amount=it.amount * factor if it.amount else None) for it in lines]
    )
    assert (scaled.grr, scaled.nrr, scaled.logo_retention) == (
        found.grr,
        found.nrr,
        found.logo_retention,
    )

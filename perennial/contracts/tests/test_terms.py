"""Terms, trap by trap, and what holds for any ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from perennial.contracts.rules import Basis, Ending, Kind, Line, Pause, Term, resolve
from perennial.contracts.tests.lines import cancels, day, ends, line, moment, random_ledger

A = line("A", "2025-01-01", "2026-01-01")
DOWN = line("D", "2025-03-01", "2026-01-01", -100, kind=Kind.DOWNSELL, renews=("A",))
ADDON = line("B", "2025-02-01", "2026-01-01", kind=Kind.ADDON, renews=("A",))


def renews(order_ids: str, start: str, end: str | None, order_id: str = "R", **also) -> Line:
    named = tuple(order_ids.split(";"))
    return line(order_id, start, end, kind=Kind.RENEWAL, renews=named, **also)


SERVICE = {
    "a renewal on the same day replaces": (
        [A, renews("A", "2025-01-01", "2027-01-01")],
        {"A": "2025-01-01", "R": "2027-01-01"},
    ),
    "what is named ends even when it began later": (
        [A, renews("A", "2024-11-01", "2027-01-01")],
        {"A": "2025-01-01", "R": "2027-01-01"},
    ),
    "an add-on that begins with the renewal goes on": (
        [
            A,
            replace(ADDON, start_on=day("2025-06-01")),
            renews("A", "2025-06-01", "2026-06-01"),
        ],
        {"A": "2025-06-01", "B": "2026-01-01", "R": "2026-06-01"},
    ),
    "a renewal that names an order and its renewal ends both": (
        [
            A,
            renews("A", "2025-06-01", "2026-01-01"),
            renews("A;R", "2025-09-01", "2026-09-01", order_id="S"),
        ],
        {"A": "2025-06-01", "R": "2025-09-01", "S": "2026-09-01"},
    ),
    "a renewal of a renewal takes the add-ons of its day along": (
        [
            A,
            renews("A", "2026-01-01", "2027-01-01"),
            line("C", "2026-03-01", "2027-01-01", kind=Kind.ADDON),
            renews("R", "2026-07-01", "2027-07-01", order_id="S"),
        ],
        {"A": "2026-01-01", "R": "2026-07-01", "C": "2026-07-01", "S": "2027-07-01"},
    ),
    "all lines of an order are renewed": (
        [A, replace(A, line="2"), renews("A", "2025-07-01", "2026-07-01")],
        {"A": "2025-07-01", "R": "2026-07-01"},
    ),
    "an order cancelled earlier falls due then, and is renewed by that day": (
        [A, ADDON, cancels("A", "2025-10-01"), renews("A", "2025-09-01", "2026-09-01")],
        {"A": "2025-09-01", "B": "2026-01-01", "R": "2026-09-01"},
    ),
    "a downsell of two orders ends with either": (
        [
            A,
            replace(A, order_id="C"),
            replace(DOWN, renews=("A", "C")),
            cancels("C", "2025-06-01"),
        ],
        {"A": "2026-01-01", "C": "2025-06-01", "D": "2025-06-01"},
    ),
    "a cancellation on the day of the end changes nothing but the reason": (
        [A, cancels("A", "2026-01-01")],
        {"A": "2026-01-01"},
    ),
    "a cancellation of a downsell gives back what it took": (
        [A, DOWN, cancels("D", "2025-06-01")],
        {"A": "2026-01-01", "D": "2025-06-01"},
    ),
    "a withdrawn cancellation ends nothing": (
        [
            A,
            cancels("A", "2025-06-01"),
            cancels("A", "2025-06-01", void=True, recorded_at=moment("2025-07-01")),
        ],
        {"A": "2026-01-01"},
    ),
    "the downsells of an open-ended order end with it when it is renewed": (
        [
            line("A", "2025-01-01"),
            line("D", "2025-03-01", None, -100, kind=Kind.DOWNSELL, renews=("A",)),
            replace(DOWN, order_id="E", start_on=day("2025-10-01")),
            line("F", "2025-03-01", "2025-04-01", -100, kind=Kind.DOWNSELL, renews=("A",)),
            line("G", "2025-03-01", None, -100, kind=Kind.DOWNSELL, renews=("B",)),
            line("B", "2025-01-01", kind=Kind.ADDON, renews=("A",)),
            renews("A", "2025-07-01", None),
        ],
        {"A": "2025-07-01", "D": "2025-07-01", "E": "2025-10-01", "F": "2025-04-01",
         "G": None, "B": None, "R": None},
    ),
    "usage is not ended by a renewal of its day": (
        [
            A,
            line("U", "2025-01-01", "2026-01-01", kind=Kind.USAGE),
            renews("A", "2025-06-01", None),
        ],
        {"A": "2025-06-01", "U": "2026-01-01", "R": None},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "expected"), SERVICE.values(), ids=SERVICE)
def test_when_service_ends(rows, expected):
    assert ends(*rows) == {name: day(end) if end else None for name, end in expected.items()}


def test_a_notice_is_of_one_day_and_recorded_on_another():
    notice = cancels("A", "2025-09-01", "2025-06-10", recorded_at=moment("2025-06-12"))
    (term,) = resolve([A, notice])
    assert (term.ending, term.notice_on, term.notice_recorded_on) == (
        Ending.CANCELLED,
        day("2025-06-10"),
        day("2025-06-12"),
    )


def test_the_business_day_of_a_record_is_not_that_of_greenwich():
    at = datetime(2025, 6, 11, 17, tzinfo=UTC)  # 1 a.m. in Shanghai
    notice = cancels("A", "2025-09-01", recorded_at=at, recorded_on=day("2025-06-12"))
    (term,) = resolve([A, notice])
    assert term.notice_recorded_on == day("2025-06-12")


@pytest.mark.parametrize(
    ("known_before", "end"),
    [(moment("2025-06-12"), "2026-01-01"), (moment("2025-06-13"), "2025-09-01")],
    ids=["the evening before", "on the day of the record"],
)
def test_a_cancellation_is_known_from_the_day_on_which_it_was_recorded(known_before, end):
    notice = cancels("A", "2025-09-01", recorded_at=moment("2025-06-12T15:00"))
    (term,) = resolve([A, notice], known_before=known_before)
    assert term.end_on == day(end)


def test_a_pause_that_is_not_yet_known_earns():
    pause = Pause(1, day("2025-03-01"), None, moment("2025-05-01"))
    (now,), (then,) = (
        resolve([A], [pause], known_before=known) for known in (None, moment("2025-05-01"))
    )
    assert [now.mrr_on(day("2025-04-01")), then.mrr_on(day("2025-04-01"))] == [0, 100]


def test_usage_is_metered_and_never_committed():
    (term,) = resolve([line("U", "2025-01-01", "2025-04-01", 300, kind=Kind.USAGE)])
    assert [term.mrr, term.usage] == [0, 100]


def test_a_total_without_its_split_is_unknown_and_not_zero():
    (term,) = resolve([replace(A, basis=Basis.TOTAL)])
    assert [term.mrr, term.unknown] == [0, "split_missing"]
    (buyout,) = resolve([replace(A, basis=Basis.TOTAL, kind=Kind.BUYOUT)])
    assert buyout.unknown == ""


def test_half_a_million_for_two_years_with_implementation_is_two_hundred_thousand_a_year():
    """Worked example B1.1 (seed 000)."""
    order = line("A", "2024-01-01", "2026-01-01", 400_000, one_off=Fraction(100_000))
    (term,) = resolve([order])
    assert [term.mrr * 12, term.one_off] == [200_000, 100_000]


def test_the_price_of_a_buyout_is_paid_once():
    (term,) = resolve([replace(A, kind=Kind.BUYOUT, one_off=Fraction(50))])
    assert [term.mrr, term.one_off] == [0, 1250]


def test_a_discount_is_spread_or_dated_and_comes_to_the_same_money():
    """120 a year, 12 of it off in the first quarter: 9 a month (B1.9) would be 108 over all."""
    order = replace(
        A, amount=Fraction(108), discount=Fraction(12), discount_end_on=day("2025-04-01")
    )
    (term,) = resolve([order])
    assert [term.mrr, term.discounted_mrr, term.full_mrr] == [9, 6, 10]
    assert term.discounted_mrr * 3 + term.full_mrr * 9 == term.mrr * 12 == 108


@pytest.mark.parametrize(
    ("also", "expected"),
    [
        ({"notice_days": 30}, "2025-12-01"),
        ({"notice_days": 0}, "2025-12-31"),
        ({}, None),
        ({"notice_days": 30, "end_on": None}, None),
    ],
    ids=["thirty days before the due day", "until the due day", "none agreed", "open-ended"],
)
def test_the_last_day_for_notice(also, expected):
    (term,) = resolve([replace(A, **also)])
    assert term.notice_until_on == (day(expected) if expected else None)


def test_the_last_day_for_notice_stays_when_the_order_is_cancelled():
    (term,) = resolve([replace(A, notice_days=30), cancels("A", "2025-06-01")])
    assert term.notice_until_on == day("2025-12-01")


seeds = some.integers(min_value=0, max_value=10**9)


@given(seeds, some.randoms())
@settings(max_examples=150, deadline=None)
def test_the_order_of_rows_and_a_second_reading_change_nothing(seed, shuffling):
    lines, pauses = random_ledger(seed)
    expected = resolve(lines, pauses)
    again = [*lines, *lines]
    shuffling.shuffle(again)
    found = resolve(again, [*pauses, *pauses[::-1]])
    assert [_without_pause_order(it) for it in found] == [
        _without_pause_order(it) for it in expected
    ]


def _without_pause_order(term: Term) -> Term:
    return replace(term, pauses=tuple(sorted(term.pauses, key=str)))


@given(seeds, some.integers(min_value=0, max_value=700))
@settings(max_examples=200, deadline=None)
def test_what_is_recorded_later_changes_nothing_that_was_known(seed, days):
    lines, pauses = random_ledger(seed)
    known_before = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days)
    early = [it for it in lines if it.recorded_at < known_before]
    early_pauses = [it for it in pauses if it.recorded_at < known_before]
    assert resolve(lines, pauses, known_before=known_before) == resolve(early, early_pauses)


@given(seeds)
@settings(max_examples=150, deadline=None)
def test_splitting_every_line_in_two_changes_no_amount_and_no_day(seed):
    lines, pauses = random_ledger(seed)
    chance = Random(seed)
    halves = []
    for it in lines:
        if it.amount is None:
            halves.append(it)
            continue
        part = it.amount * Fraction(chance.randrange(11), 10)
        halves += [replace(it, amount=part), replace(it, amount=it.amount - part, line="2")]
    assert _by_order(resolve(halves, pauses)) == _by_order(resolve(lines, pauses))


def _by_order(terms: list[Term]) -> dict[object, Fraction]:
    found: dict[object, Fraction] = {}
    for it in terms:
        key = (
            it.order_id,
            it.start_on,
            it.end_on,
            it.due_end_on,
            it.ending,
            it.notice_on,
            it.pauses,
        )
        found[key] = found.get(key, Fraction(0)) + it.mrr + it.usage
    return found

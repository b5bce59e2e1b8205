"""Terms: what is served, from when until when, for how much."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest

from perennial.contracts.rules import Basis, Ending, Kind, Pause, due_groups, resolve
from perennial.contracts.tests.lines import cancels, day, ends, line, moment
from perennial.units.money import round_half_up


@pytest.mark.parametrize(
    ("start", "end", "amount", "arr"),
    [
        ("2024-03-01", "2026-03-01", 400_000, "200000.00"),
        ("2024-02-29", "2025-02-28", 12_000, "12000.00"),
        ("2024-01-31", "2024-02-29", 1_000, "12000.00"),
        ("2025-01-15", "2025-12-31", 11_500, "11983.19"),
        ("2025-01-01", "2025-07-01", 6_000, "12000.00"),
    ],
    ids=["two years", "leap day", "month end", "odd days", "half a year is not 181 / 365"],
)
def test_a_term_is_annualised_by_its_months(start, end, amount, arr):
    (term,) = resolve([line("A", start, end, amount)])
    assert str(round_half_up(term.mrr * 12)) == arr


@pytest.mark.parametrize(
    ("basis", "interval", "end", "mrr"),
    [
        (Basis.MRR, 1, None, Fraction(120)),
        (Basis.MRR, 1, "2025-04-01", Fraction(120)),
        (Basis.ARR, 1, "2025-04-01", Fraction(10)),
        (Basis.INTERVAL, 1, None, Fraction(120)),
        (Basis.INTERVAL, 12, None, Fraction(10)),
        (Basis.TERM, 1, "2025-04-01", Fraction(40)),
    ],
)
def test_every_basis_has_its_month(basis, interval, end, mrr):
    (term,) = resolve([line("A", "2025-01-01", end, 120, basis=basis, interval_months=interval)])
    assert term.mrr == mrr


@pytest.mark.parametrize("kind", [Kind.TRIAL, Kind.BUYOUT])
def test_trials_and_buyouts_never_recur(kind):
    (term,) = resolve([line("A", "2025-01-01", "2026-01-01", 1200, kind=kind)])
    assert term.mrr == 0
    assert due_groups([term]) == []


def test_a_later_record_replaces_the_row_only_from_then_on():
    first = line("A", "2025-01-01", "2026-01-01", 1200, recorded_at=moment("2025-01-01"))
    second = line("A", "2025-01-01", "2026-01-01", 2400, recorded_at=moment("2025-06-01"))
    (now,) = resolve([second, first])
    (then,) = resolve([second, first], known_before=moment("2025-06-01"))
    assert [now.mrr, then.mrr] == [200, 100]


def test_void_withdraws_a_row_from_then_on():
    first = line("A", "2025-01-01", "2026-01-01")
    void = line("A", "2025-01-01", "2026-01-01", recorded_at=moment("2025-06-01"), void=True)
    assert resolve([first, void]) == []
    assert len(resolve([first, void], known_before=moment("2025-06-01"))) == 1


def test_a_cancellation_ends_the_order_and_its_downsells_but_not_its_addons():
    found = ends(
        line("A", "2025-01-01", "2026-01-01"),
        line("B", "2025-02-01", "2026-01-01", kind=Kind.ADDON, renews=("A",)),
        line("D", "2025-03-01", "2026-01-01", -100, kind=Kind.DOWNSELL, renews=("A",)),
        cancels("A", "2025-07-01"),
    )
    assert found == {"A": day("2025-07-01"), "B": day("2026-01-01"), "D": day("2025-07-01")}


def test_a_cancellation_may_name_addons_too():
    found = ends(
        line("A", "2025-01-01"),
        line("B", "2025-02-01", kind=Kind.ADDON),
        cancels("A;B", "2025-07-01"),
    )
    assert found == {"A": day("2025-07-01"), "B": day("2025-07-01")}


def test_the_first_of_two_cancellations_counts_and_a_late_one_changes_nothing():
    order = line("A", "2025-01-01", "2026-01-01")
    early, late = cancels("A", "2025-05-01"), cancels("A", "2025-07-01", order_id="Y")
    assert ends(order, late, early) == {"A": day("2025-05-01")}
    (term,) = resolve([order, cancels("A", "2026-03-01")])
    assert (term.end_on, term.ending, term.notice_on) == (day("2026-01-01"), Ending.TERM, None)


def test_an_order_cancelled_before_it_begins_is_never_live():
    (term,) = resolve([line("A", "2025-05-01", "2026-05-01"), cancels("A", "2025-04-01")])
    assert term.end_on == term.start_on
    assert not term.live_on(day("2025-05-01"))


def test_an_early_renewal_ends_the_whole_due_group_on_its_first_day():
    found = ends(
        line("A", "2025-01-01", "2026-01-01"),
        line("B", "2025-06-01", "2026-01-01", kind=Kind.ADDON),
        line("C", "2025-01-01", "2026-03-01"),
        line("E", "2025-01-01", "2026-01-01", customer_id=2),
        line("R", "2025-11-01", "2026-11-01", kind=Kind.RENEWAL, renews=("A",)),
    )
    assert found == {
        "A": day("2025-11-01"),
        "B": day("2025-11-01"),
        "C": day("2026-03-01"),
        "E": day("2026-01-01"),
        "R": day("2026-11-01"),
    }


def test_a_renewal_on_time_or_late_ends_nothing():
    for start in ("2026-01-01", "2026-01-20"):
        found = ends(
            line("A", "2025-01-01", "2026-01-01"),
            line("R", start, "2027-01-01", kind=Kind.RENEWAL, renews=("A",)),
        )
        assert found["A"] == day("2026-01-01")


def test_two_renewals_of_one_group_stand_beside_each_other():
    found = ends(
        line("A", "2025-01-01", "2026-01-01"),
        line("R1", "2025-10-01", "2026-01-01", kind=Kind.RENEWAL, renews=("A",)),
        line("R2", "2025-11-01", "2026-11-01", kind=Kind.RENEWAL, renews=("A",)),
    )
    assert found == {"A": day("2025-10-01"), "R1": day("2026-01-01"), "R2": day("2026-11-01")}


def test_a_renewal_ends_an_open_ended_order_but_not_its_neighbours():
    found = ends(
        line("A", "2025-01-01"),
        line("B", "2025-01-01"),
        line("R", "2025-10-01", kind=Kind.RENEWAL, renews=("A",)),
    )
    assert found == {"A": day("2025-10-01"), "B": None, "R": None}


def test_a_renewal_that_was_cancelled_before_it_began_ends_nothing():
    found = ends(
        line("A", "2025-01-01", "2026-01-01"),
        line("R", "2025-11-01", "2026-11-01", kind=Kind.RENEWAL, renews=("A",)),
        cancels("R", "2025-11-01"),
    )
    assert found["A"] == day("2026-01-01")


def test_a_pause_earns_nothing_but_the_customer_stays():
    pause = Pause(1, day("2025-03-01"), day("2025-04-01"), moment("2025-03-01"))
    (term,) = resolve([line("A", "2025-01-01", "2026-01-01")], [pause])
    earned = [term.mrr_on(day(d)) for d in ("2025-02-28", "2025-03-01", "2025-03-31", "2025-04-01")]
    assert earned == [100, 0, 0, 100]
    assert term.live_on(day("2025-03-15"))


def test_a_pause_of_one_order_pauses_its_downsells_and_nothing_else():
    pause = Pause(1, day("2025-03-01"), None, moment("2025-03-01"), order_id="A")
    terms = resolve(
        [
            line("A", "2025-01-01", "2026-01-01"),
            line("B", "2025-01-01", "2026-01-01", kind=Kind.ADDON),
            line("D", "2025-02-01", "2026-01-01", -110, kind=Kind.DOWNSELL, renews=("A",)),
        ],
        [pause],
    )
    assert {t.order_id for t in terms if t.paused_on(day("2025-06-01"))} == {"A", "D"}


def test_the_order_of_the_rows_does_not_matter():
    rows = [
        line("A", "2025-01-01", "2026-01-01"),
        line("D", "2025-03-01", "2026-01-01", -100, kind=Kind.DOWNSELL, renews=("A",)),
        line("R", "2025-11-01", "2026-11-01", kind=Kind.RENEWAL, renews=("A",)),
        cancels("R", "2026-03-01"),
    ]
    assert resolve(rows) == resolve(rows[::-1])


def test_a_due_group_sums_all_its_lines_and_falls_due_on_the_last_day_of_service():
    (group,) = due_groups(
        resolve(
            [
                line("A", "2025-01-01", "2026-01-01", 1200),
                line("B", "2025-07-01", "2026-01-01", 300, kind=Kind.ADDON),
                line("D", "2025-07-01", "2026-01-01", -60, kind=Kind.DOWNSELL, renews=("A",)),
                line("T", "2025-07-01", "2026-01-01", 0, kind=Kind.TRIAL),
            ]
        )
    )
    assert group.due_on == day("2026-01-01") - timedelta(days=1)
    assert group.arr == 1200 + 600 - 120
    assert group.order_ids == ("A", "B", "D")
    assert (group.renewed_by, group.notice_on) == ((), None)


def test_an_early_renewal_keeps_the_original_due_day():
    first, second = due_groups(
        resolve(
            [
                line("A", "2025-01-01", "2026-01-01"),
                line("R", "2025-11-01", "2026-11-01", kind=Kind.RENEWAL, renews=("A",)),
            ]
        )
    )
    assert (first.due_on, first.renewed_by) == (day("2025-12-31"), ("R",))
    assert (second.due_on, second.renewed_by) == (day("2026-10-31"), ())


def test_a_cancelled_order_falls_due_on_its_last_day_of_service_as_lost():
    (group,) = due_groups(
        resolve(
            [line("A", "2025-01-01", "2026-01-01"), cancels("A", "2025-07-01", signed="2025-05-10")]
        )
    )
    assert (group.due_on, group.notice_on) == (day("2025-06-30"), day("2025-05-10"))

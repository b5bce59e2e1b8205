"""Every setting of section 0 that moves a figure, at each of its values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import pytest

from perennial.contracts.rules import Basis, Kind
from perennial.revenue.engine import fast_book, ledger_tables
from perennial.revenue.rules import Arrears, arrears
from perennial.revenue.rules.definitions import Definitions, with_values
from perennial.revenue.tests.ledger import (
    activity,
    adds,
    book,
    cancels,
    counted,
    day,
    kept,
    line,
    moment,
    net,
    pause,
    period,
    reduces,
    told,
)

FEBRUARY = ("2025-02-01", "2025-02-28")


@pytest.mark.parametrize(
    ("recognition", "churned_on"),
    [
        pytest.param("service_end", "2025-07-01", id="service_end: first day without service"),
        pytest.param("on_notice", "2025-03-10", id="on_notice: when the customer said so"),
        pytest.param("on_cancel", "2025-03-12", id="on_cancel: when it was written down"),
    ],
)
def test_churn_is_recognised_when_the_setting_says(recognition, churned_on):
    notice = cancels(
        "A", "2025-07-01", signed_on=day("2025-03-10"), recorded_at=moment(day("2025-03-12"))
    )
    found = book([line("A", "2025-01-01", None, 100), notice], churn_recognition=recognition)
    assert [step.on for step in found.history(1).steps if not step.after.paying] == [
        day(churned_on)
    ]


WITHIN = {
    "not before it began": ("on_notice", "2024-11-01", "2025-01-01", "2025-01-01"),
    "not after its end": ("on_notice", "2026-05-01", "2026-05-01", "2026-01-01"),
    "recorded late: until then": ("on_cancel", "2025-03-01", "2025-08-01", "2025-08-01"),
    "as served": ("service_end", "2025-03-01", "2025-08-01", "2025-06-01"),
}


@pytest.mark.parametrize(
    ("recognition", "signed", "recorded", "churned_on"), WITHIN.values(), ids=WITHIN
)
def test_the_day_of_recognition_stays_within_the_term(recognition, signed, recorded, churned_on):
    lines = [
        line("A", "2025-01-01", "2026-01-01", 1200),
        cancels("A", "2025-06-01", signed_on=day(signed), recorded_at=moment(day(recorded))),
    ]
    steps = book(lines, churn_recognition=recognition).history(1).steps
    gone = steps[-1].on if steps else day("2025-01-01")
    assert gone == day(churned_on)


@pytest.mark.parametrize("recognition", ["on_notice", "on_cancel"])
def test_a_reduction_counts_no_longer_than_the_cancelled_order(recognition):
    """Its own term ends before the service does: once the order is gone there is nothing less."""
    lines = [
        line("A", "2025-01-01", "2026-01-01", 1200),
        line("D", "2025-02-01", "2025-05-01", -30, kind=Kind.DOWNSELL, renews=("A",)),
        cancels(
            "A", "2025-07-01", signed_on=day("2025-03-10"), recorded_at=moment(day("2025-03-10"))
        ),
    ]
    found = book(lines, churn_recognition=recognition)
    assert found.base(day("2025-03-09")).mrr == 90
    assert (found.base(day("2025-03-10")).mrr, found.history(1).steps[-1].on) == (
        0,
        day("2025-03-10"),
    )
    definitions = with_values(Definitions(), {"churn_recognition": recognition})
    fast = fast_book(ledger_tables(lines), definitions=definitions)
    assert (fast.base(day("2025-03-09")).mrr, fast.base(day("2025-03-10")).mrr) == (90, 0)


def test_a_cancelled_order_that_was_renewed_after_all_never_counts_beside_its_renewal():
    """The cancellation was written down a month after the renewal had begun."""
    lines = [
        line("A", "2025-01-01", "2026-01-01", 1200),
        cancels("A", "2025-06-01", recorded_at=moment(day("2025-08-01"))),
        line("R", "2025-07-01", "2026-07-01", 600, kind=Kind.RENEWAL, renews=("A",)),
    ]
    definitions = with_values(Definitions(), {"churn_recognition": "on_cancel"})
    for road in (
        book(lines, churn_recognition="on_cancel"),
        fast_book(ledger_tables(lines), definitions=definitions),
    ):
        assert [road.base(day(f"2025-0{it}-15")).mrr for it in (6, 7, 8)] == [100, 50, 50]


@pytest.mark.parametrize("recognition", ["service_end", "on_notice", "on_cancel"])
def test_a_term_that_runs_out_ends_with_its_service_whatever_the_setting(recognition):
    lines = [line("A", "2025-01-01", "2025-02-10", 100)]
    assert counted(net(lines, *FEBRUARY, churn_recognition=recognition)) == {"churn": 1}


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("customer", {"contraction": 1}),
        ("product", {"churn": 1}),
        ("order", {"churn": 1}),
    ],
)
def test_a_customer_that_drops_one_of_two_products(level, expected):
    """ChartMogul: contraction; Baremetrics' “churned subscriptions”: churn."""
    lines = [
        line("A", "2025-01-01", None, 100, product="crm"),
        line("B", "2025-01-01", None, 40, product="oa"),
        cancels("B", "2025-02-10"),
    ]
    found = net(lines, *FEBRUARY, level=level)
    assert counted(found) == expected
    assert (found.start, found.end) == (140, 100)


@pytest.mark.parametrize(
    ("level", "expected"),
    [("customer", {}), ("product", {"churn": 1, "new": 1}), ("order", {})],
)
def test_a_renewal_under_another_product(level, expected):
    """A subscription goes on in its renewal; the product does not."""
    lines = [
        line("A", "2024-02-10", "2025-02-10", 1200, product="basic"),
        line(
            "R", "2025-02-10", "2026-02-10", 1200, kind=Kind.RENEWAL, renews=("A",), product="pro"
        ),
    ]
    assert counted(net(lines, *FEBRUARY, level=level)) == expected


def test_what_names_an_order_goes_with_it():
    lines = [
        line("A", "2024-02-10", "2025-02-10", 1200, product="crm"),
        line(
            "D",
            "2024-06-01",
            "2025-02-10",
            -20,
            kind=Kind.DOWNSELL,
            renews=("A",),
            basis=Basis.MRR,
        ),
        line("R", "2025-02-10", "2026-02-10", 960, kind=Kind.RENEWAL, renews=("A",)),
        line("R2", "2026-02-10", "2027-02-10", 960, kind=Kind.RENEWAL, renews=("R",)),
        adds("B", "2025-02-10", 5),
    ]
    assert set(book(lines, level="product").keys()) == {(1, "crm"), (1, "")}
    assert set(book(lines, level="order").keys()) == {(1, "A"), (1, "B")}
    assert counted(net(lines, *FEBRUARY, level="order")) == {"new": 1}


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        pytest.param("null", "reactivation", id="any time"),
        pytest.param("90", "new", id="Maxio: later than 90 days is new"),
        pytest.param("97", "reactivation", id="97 days after it left"),
        pytest.param("96", "new", id="a day too late"),
    ],
)
def test_how_long_a_customer_can_be_away_and_come_back(window, expected):
    lines = [line("A", "2024-01-01", "2024-11-01", 100), line("B", "2025-02-06", None, 10)]
    assert (day("2025-02-06") - day("2024-11-01")).days == 97
    for report in (net, activity):
        found = report(lines, *FEBRUARY, reactivation_window_days=window)
        assert counted(found) == {expected: 1}


@pytest.mark.parametrize(
    ("counts", "nrr"), [("false", Fraction(1)), ("true", Fraction(140, 100))], ids=str
)
def test_whether_customers_that_came_back_count_in_nrr(counts, nrr):
    """ChartMogul's chart leaves them out, its net churn rate and cohorts count them."""
    lines = [
        line("old", "2024-01-01", "2024-06-01", 500, customer_id=1),
        line("back", "2025-02-05", None, 40, customer_id=1),
        line("A", "2024-01-01", None, 100, customer_id=2),
        line("N", "2025-02-05", None, 70, customer_id=3),
    ]
    found = kept(lines, "2025-01-31", "2025-02-28", nrr_reactivation=counts)
    assert (found.nrr, found.nrr_movement, found.grr) == (nrr, nrr, 1)


@pytest.mark.parametrize(
    ("basis", "grr"), [("endpoint", Fraction(1)), ("movements", Fraction(70, 100))], ids=str
)
def test_which_retention_stands_in_the_headline(basis, grr):
    lines = [
        line("A", "2025-01-01", None, 100),
        adds("B", "2025-02-05", 50),
        reduces("B", "2025-02-15", -30),
    ]
    found = kept(lines, "2025-01-31", "2025-02-28", retention_basis=basis)
    assert (found.grr, found.nrr, found.grr_movement) == (
        grr,
        Fraction(120, 100),
        Fraction(70, 100),
    )


@pytest.mark.parametrize(
    ("discounts", "months"),
    [
        pytest.param("spread", [90] * 12, id="spread: even"),
        pytest.param("dated", [60] * 3 + [100] * 9, id="ChartMogul: while it lasts"),
    ],
)
def test_a_discount_of_the_first_quarter(discounts, months):
    """List price 1,200 a year, 120 off in the first three months: 1,080 either way."""
    off = {"discount": Fraction(120), "discount_end_on": day("2025-04-01")}
    lines = [line("A", "2025-01-01", "2026-01-01", 1080, **off)]
    found = book(lines, discounts=discounts)
    assert [found.base(date(2025, month, 28)).mrr for month in range(1, 13)] == months
    april = told(found.movements(period("2025-04-01", "2025-04-30")))
    assert april == ({"expansion": 40} if discounts == "dated" else {})
    assert sum(months) == 1080


def test_a_discount_of_nothing_changes_nothing():
    lines = [line("A", "2025-01-01", "2026-01-01", 1080, discount_end_on=day("2025-04-01"))]
    assert book(lines, discounts="dated").base(day("2025-02-28")).mrr == 90


@pytest.mark.parametrize(
    ("policy", "expected", "end"),
    [
        pytest.param("zero", {"contraction": -100}, 0, id="zero: ProfitWell"),
        pytest.param("keep", {}, 100, id="keep: Maxio"),
    ],
)
def test_what_a_paused_order_earns(policy, expected, end):
    lines, pauses = [line("A", "2025-01-01", None, 100)], [pause("2025-02-10")]
    found = net(lines, *FEBRUARY, pauses, pause_policy=policy)
    assert (told(found), found.end, found.customers) == (expected, end, 1)


@dataclass
class Invoice:
    due_on: date
    paid_on: date | None
    amount: Fraction = Fraction(100)
    customer_id: int = 1


@pytest.mark.parametrize(
    ("after_days", "paid", "expected"),
    [
        pytest.param(30, "2025-02-20", [("2025-02-15", "2025-02-20")], id="more than 30 days late"),
        pytest.param(30, "2025-02-15", [], id="paid on the 31st day"),
        pytest.param(30, None, [("2025-02-15", None)], id="not paid"),
        pytest.param(0, "2025-01-20", [("2025-01-16", "2025-01-20")], id="no patience"),
        pytest.param(None, None, [], id="never"),
    ],
)
def test_from_when_until_when_arrears_count(after_days, paid, expected):
    owed = Invoice(day("2025-01-15"), day(paid) if paid else None)
    found = arrears([owed], after_days=after_days)
    assert found == [Arrears(1, day(a), day(b) if b else None) for a, b in expected]


def test_a_customer_in_arrears_counts_as_lost_until_it_pays():
    """Baremetrics: more than 30 days past due is cancelled; without invoices nobody is."""
    lines = [line("A", "2025-01-01", None, 100)]
    late = arrears([Invoice(day("2025-01-05"), day("2025-03-10"))], after_days=30)
    lost = net(lines, *FEBRUARY, arrears=late)
    back = net(lines, "2025-03-01", "2025-03-31", arrears=late)
    assert (told(lost), lost.customers) == ({"churn": -100}, 0)
    assert (told(back), back.customers) == ({"reactivation": 100}, 1)
    assert told(net(lines, *FEBRUARY)) == {}


def test_credit_notes_put_nobody_in_arrears():
    assert arrears([Invoice(day("2025-01-05"), None, Fraction(-100))], after_days=30) == []

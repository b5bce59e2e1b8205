"""What fell due and what became of it (metric specification A4), each trap by its name."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from perennial.contracts.rules import Kind
from perennial.revenue.rules.due_items import DueStatus
from perennial.revenue.rules.rates import Rates
from perennial.revenue.tests.ledger import cancels, day, line, moment
from perennial.revenue.tests.renewing import renews, report, told

A = line("A", "2024-07-01", "2025-07-01", 1200)
R = ("2025-07-01", "2026-07-01")

STATUSES = {
    "a renewal without any gap": (["2025-06-20", *R], "on_time"),
    "signed on the due day itself": (["2025-06-30", *R], "on_time"),
    "signed exactly early_days before is not early": (["2025-05-31", *R], "on_time"),
    "signed a day earlier than that": (["2025-05-30", *R], "renewed_early"),
    "signed a day after the due day": (["2025-07-01", *R], "late"),
    "late, on the last day of grace": (["2025-07-30", "2025-07-30", "2026-07-30"], "late"),
    "late by one day beyond grace": (["2025-07-31", "2025-07-31", "2026-07-31"], "lost"),
    "signed in time, begun on the last day of grace": (
        ["2025-06-20", "2025-07-31", "2026-07-31"],
        "on_time",
    ),
    "signed in time, begun a day too late": (["2025-06-20", "2025-08-01", "2026-08-01"], "lost"),
    "early renewal ending lines": (["2025-03-01", "2025-04-01", "2026-04-01"], "renewed_early"),
}


@pytest.mark.parametrize(("dates", "status"), STATUSES.values(), ids=STATUSES)
def test_the_status_follows_from_the_dates(dates, status):
    signed, start, end = dates
    found = report([A, renews("A", "R", start, end, 1200, signed_on=signed)])
    renewed = Fraction(0) if status == "lost" else Fraction(1200)
    assert told(found) == [("2025-06-30", status, Fraction(1200), renewed)]
    assert found.raw.renewed_customers == (status != "lost")


def test_an_early_renewal_counts_in_the_original_due_period():
    lines = [A, renews("A", "R", "2025-04-01", "2026-04-01", 1200, signed_on="2025-03-01")]
    assert told(report(lines, "2025-03-01", "2025-04-30")) == []
    assert len(told(report(lines, "2025-06-01", "2025-06-30"))) == 1
    assert told(report(lines, "2026-01-01", "2026-12-31")) == [
        ("2026-03-31", "lost", Fraction(1200), Fraction(0))
    ]


def test_an_item_stays_open_until_the_grace_is_over():
    assert told(report([A], known="2025-01-15"))[0][1] == "pending"
    assert told(report([A], known="2025-07-30"))[0][1] == "pending"
    assert told(report([A], known="2025-07-31"))[0][1] == "lost"
    assert told(report([A], known="2025-07-31", grace_days=31))[0][1] == "pending"


def test_a_renewal_recorded_after_k_is_not_known_at_k():
    late = renews("A", "R", *R, 1200, signed_on="2025-06-20", recorded_at=moment(day("2025-08-10")))
    assert told(report([A, late], known="2025-08-09"))[0][1] == "lost"
    assert told(report([A, late], known="2025-08-10"))[0][1] == "on_time"


def test_a_correction_recorded_after_k_changes_nothing_at_k():
    corrected = replace(A, amount=Fraction(600), recorded_at=moment(day("2025-09-01")))
    assert told(report([A, corrected], known="2025-08-31"))[0][2] == 1200
    assert told(report([A, corrected], known="2025-09-01"))[0][2] == 600


def test_a_void_renewal_renews_nothing():
    renewal = renews("A", "R", *R, 1200)
    void = replace(renewal, void=True, recorded_at=moment(day("2025-09-01")))
    assert told(report([A, renewal, void], known="2025-08-31"))[0][1] == "late"
    assert told(report([A, renewal, void], known="2025-09-01"))[0][1] == "lost"


def test_a_renewal_cancelled_before_it_started_renews_nothing():
    found = report([A, renews("A", "R", *R, 1200), cancels("R", "2025-07-01")])
    assert told(found) == [("2025-06-30", "lost", Fraction(1200), Fraction(0))]


def test_a_renewal_cancelled_half_a_year_later_did_renew():
    found = report([A, renews("A", "R", *R, 1200), cancels("R", "2026-01-01")])
    assert told(found) == [
        ("2025-06-30", "late", 1200, 1200),
        ("2025-12-31", "lost", 1200, 0),
    ]


def test_a_co_termed_add_on_is_annualised_into_the_due_amount():
    addon = line("B", "2025-01-01", "2025-07-01", 300, kind=Kind.ADDON)
    found = report([A, addon, renews("A", "R", *R, 1500)])
    assert told(found) == [("2025-06-30", "late", 1200 + 600, 1500)]
    assert found.items[0].order_ids == ("A", "B")


def test_a_group_with_a_negative_downsell_is_due_for_what_is_left():
    less = line("D", "2025-01-01", "2025-07-01", -150, kind=Kind.DOWNSELL, renews=("A",))
    found = report([A, less, renews("A", "R", *R, 900)])
    assert told(found) == [("2025-06-30", "late", 900, 900)]
    assert found.raw.amount_renewal_rate == 1


def test_a_group_worth_nothing_is_no_due_item():
    gone = line("D", "2024-07-01", "2025-07-01", -1200, kind=Kind.DOWNSELL, renews=("A",))
    assert report([A, gone]).items == []


def test_a_renewal_that_names_two_groups_is_shared_by_their_amounts():
    other = line("B", "2024-08-01", "2025-08-01", 2400)
    found = report([A, other, renews("A;B", "R", "2025-07-01", "2026-07-01", 3000)])
    assert told(found) == [
        ("2025-06-30", "late", 1200, 1000),
        ("2025-07-31", "on_time", 2400, 2000),
    ]
    assert (found.raw.due_customers, found.raw.renewed_amount) == (1, 3000)


def test_a_renewal_shares_nothing_with_a_group_that_it_was_too_late_for():
    old = line("B", "2023-01-01", "2024-01-01", 2400)
    found = report([A, old, renews("A;B", "R", *R, 1200)], "2024-01-01")
    assert [item.renewed_amount for item in found.items] == [1200]
    assert told(report([A, old, renews("A;B", "R", *R, 1200)], "2023-12-01", "2023-12-31")) == [
        ("2023-12-31", "lost", 2400, 0)
    ]


def test_several_renewals_of_one_group_add_up_and_the_first_signed_gives_the_status():
    found = report(
        [
            A,
            renews("A", "R1", *R, 700, signed_on="2025-06-20"),
            renews("A", "R2", *R, 800, signed_on="2025-07-10"),
        ]
    )
    assert told(found) == [("2025-06-30", "on_time", 1200, 1500)]
    assert found.items[0].renewed_by == ("R1", "R2")
    assert found.raw.amount_renewal_rate == 1
    assert found.raw.amount_renewal_rate_with_upsell == Fraction(1500, 1200)


def test_all_lines_of_a_renewing_order_count_also_add_ons_without_a_link():
    lines = [
        A,
        renews("A", "R", *R, 1000),
        line("R", *R, 500, kind=Kind.ADDON, line="2"),
    ]
    assert told(report(lines)) == [("2025-06-30", "late", 1200, 1500)]


def test_lines_of_one_renewal_may_name_different_groups():
    other = line("B", "2024-08-01", "2025-08-01", 2400)
    lines = [
        A,
        other,
        renews("A", "R", *R, 1100),
        renews("B", "R", "2025-08-01", "2026-08-01", 2000, line="2"),
    ]
    assert told(report(lines)) == [
        ("2025-06-30", "late", 1200, 1100),
        ("2025-07-31", "late", 2400, 2000),
    ]


def test_later_years_of_a_ramp_are_not_added_to_the_first():
    lines = [
        A,
        renews("A", "R", *R, 1200),
        renews("A", "R", "2026-07-01", "2027-07-01", 2400, line="2"),
    ]
    assert told(report(lines)) == [("2025-06-30", "late", 1200, 1200)]


def test_a_partial_renewal_keeps_the_logo_and_part_of_the_money():
    found = report([A, renews("A", "R", *R, 300)])
    assert (found.raw.logo_renewal_rate, found.raw.amount_renewal_rate) == (1, Fraction(1, 4))


def test_a_shorter_term_is_compared_by_the_year():
    found = report([A, renews("A", "R", "2025-07-01", "2026-01-01", 600)])
    assert told(found)[0] == ("2025-06-30", "late", 1200, 1200)


def test_an_open_ended_renewal_is_annualised():
    found = report([A, renews("A", "R", "2025-07-01", None, 110)])
    assert told(found) == [("2025-06-30", "late", 1200, 1320)]


def test_a_multi_year_contract_is_due_only_at_its_end():
    long = line("A", "2023-01-01", "2026-01-01", 3600)
    for year in ("2023", "2024"):
        assert report([long], f"{year}-01-01", f"{year}-12-31").items == []
    found = report([long])
    assert told(found) == [("2025-12-31", "lost", 1200, 0)]
    assert found.items[0].prepaid_months == 36


@pytest.mark.parametrize("kind", [Kind.TRIAL, Kind.BUYOUT, Kind.USAGE])
def test_trials_buyouts_and_metered_revenue_are_never_due(kind):
    assert report([line("A", "2024-07-01", "2025-07-01", 1200, kind=kind)]).items == []


def test_one_off_fees_are_not_due():
    assert told(report([replace(A, one_off=Fraction(5000))]))[0][2] == 1200


def test_an_order_cancelled_before_it_started_is_not_due():
    assert report([A, cancels("A", "2024-07-01")]).items == []


def test_a_cancelled_order_is_lost_at_once_on_its_last_day_of_service():
    found = report([A, cancels("A", "2025-03-01", signed_on=day("2025-01-10"))], known="2025-03-01")
    assert told(found) == [("2025-02-28", "lost", 1200, 0)]


def test_a_notice_for_the_end_of_term_loses_the_item_before_it_is_due():
    notice = cancels("A", "2025-07-01", signed_on=day("2025-02-01"))
    known = replace(notice, recorded_at=moment(day("2025-02-01")))
    assert told(report([A, known], known="2025-02-02"))[0][1] == "lost"


def test_a_group_that_was_cancelled_in_part_stays_open():
    both = [A, line("B", "2025-01-01", "2025-07-01", 300, kind=Kind.ADDON)]
    notice = replace(cancels("A", "2025-07-01"), recorded_at=moment(day("2025-02-01")))
    assert told(report([*both, notice], known="2025-07-02"))[0][1] == "pending"


def test_cancellation_and_rebuy_within_grace_without_link_is_lost():
    again = line("N", "2025-07-10", "2026-07-10", 1200)
    assert told(report([A, cancels("A", "2025-07-01"), again]))[0][1] == "lost"
    assert told(report([A, again]))[0][1] == "lost"


def test_a_linked_renewal_beats_the_cancellation():
    found = report([A, cancels("A", "2025-06-01"), renews("A", "R", *R, 1200)])
    assert told(found) == [("2025-05-31", "lost", 1200, 0)]
    found = report([A, cancels("A", "2025-06-15"), renews("A", "R", *R, 1200)])
    assert told(found) == [("2025-06-14", "late", 1200, 1200)]


def test_a_free_renewal_is_none():
    assert told(report([A, renews("A", "R", *R, 0)])) == [("2025-06-30", "lost", 1200, 0)]


def test_a_contract_rewritten_to_the_same_end_is_due_once_and_does_not_renew_itself():
    rewritten = renews("A", "R", "2025-01-01", "2025-07-01", 900)
    assert told(report([A, rewritten])) == [("2025-06-30", "lost", 1800, 0)]
    again = renews("R", "S", *R, 1800)
    assert told(report([A, rewritten, again])) == [("2025-06-30", "late", 1800, 1800)]


def test_an_order_of_another_customer_is_not_renewed():
    other = renews("A", "R", *R, 1200, customer_id=2)
    assert told(report([A, other]))[0][1] == "lost"


def test_currencies_are_converted_before_they_are_grouped():
    dollars = line("B", "2024-07-01", "2025-07-01", 100, currency="USD", kind=Kind.ADDON)
    rates = Rates(plan={"USD": Fraction(7)})
    found = report([A, dollars, renews("A", "R", *R, 300, currency="USD")], rates=rates)
    assert told(found) == [("2025-06-30", "late", 1900, 2100)]


def test_a_currency_alone_is_never_an_upsell_at_spot_rates():
    spot = {"USD": ((day("2024-01-01"), Fraction(7)), (day("2025-07-01"), Fraction(8)))}
    dollars = line("A", "2024-07-01", "2025-07-01", 100, currency="USD")
    renewal = renews("A", "R", *R, 100, currency="USD")
    found = report([dollars, renewal], rates=Rates(spot=spot), fx="spot")
    assert told(found) == [("2025-06-30", "late", 700, 700)]


def test_products_say_what_of_each_was_renewed():
    lines = [
        line("A", "2024-07-01", "2025-07-01", 1200, product="CRM"),
        line("B", "2024-07-01", "2025-07-01", 600, product="OA", kind=Kind.ADDON),
        renews("A", "R", *R, 1300, product="CRM"),
        line("R", *R, 400, product="BI", line="2", kind=Kind.ADDON),
    ]
    (item,) = report(lines).items
    assert item.due_by_product == {"CRM": 1200, "OA": 600}
    assert item.renewed_by_product == {"CRM": 1300, "BI": 400}


def test_time_limited_discounts_are_spread_on_both_sides():
    """What was due and what renews it are measured alike, whatever the setting of movements."""
    less = replace(A, discount=Fraction(300), discount_end_on=day("2024-10-01"))
    lines = [less, renews("A", "R", *R, 1200)]
    assert told(report(lines)) == told(report(lines, discounts="dated"))


def test_early_days_is_a_setting():
    lines = [A, renews("A", "R", *R, 1200, signed_on="2025-06-20")]
    assert report(lines, early_days=9).items[0].status is DueStatus.RENEWED_EARLY
    assert report(lines, early_days=10).items[0].status is DueStatus.ON_TIME

"""The histories against the plain road, day by day, under every definition that moves a figure."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from perennial.contracts.rules import resolve
from perennial.revenue.rules import Arrears, Movements, Rates, Report, histories
from perennial.revenue.rules.definitions import Definitions, with_values
from perennial.revenue.tests.ledger import period
from perennial.revenue.tests.plain_road import PlainRoad
from perennial.revenue.tests.plain_road import Report as Plain
from perennial.revenue.tests.random_ledgers import random_ledger, wild

FIRST, LAST = date(2025, 2, 1), date(2025, 5, 31)
SPOT = {
    "USD": [
        (date(2023, 1, 1), Fraction("7.1")),
        (date(2025, 2, 10), Fraction("7.3")),
        (date(2025, 4, 1), Fraction("6.9")),
    ]
}
LOST = [
    Arrears(1, date(2025, 3, 3), date(2025, 4, 9)),
    Arrears(2, date(2025, 1, 1), date(2025, 2, 20)),
    Arrears(3, date(2025, 4, 4), None),
]
DEFINITIONS = [
    {},
    {"churn_recognition": "on_notice"},
    {"churn_recognition": "on_cancel"},
    {"level": "product"},
    {"reactivation_window_days": "30"},
    {"discounts": "dated"},
    {"pause_policy": "keep"},
    {"usage_revenue": "include"},
    {"fx": "spot"},
    {"fx": "spot", "discounts": "dated", "churn_recognition": "on_notice"},
]


def told(report: Movements | Plain) -> dict[str, object]:
    return {
        "start": report.start,
        "end": report.end,
        "fx": report.fx,
        **{str(kind): amount for kind, amount in report.amounts.items()},
        **{f"{kind}s": count for kind, count in report.counts.items()},
    }


@pytest.mark.parametrize("lost", [[], LOST], ids=["paid in time", "in arrears"])
@pytest.mark.parametrize("asked", DEFINITIONS, ids=lambda it: " ".join(it.values()) or "defaults")
def test_the_plain_road_leads_to_the_same_figures(asked, lost):
    definitions = with_values(Definitions(), asked)
    plan = {name: steps[0][1] for name, steps in SPOT.items()}
    spot = {name: tuple(steps) for name, steps in SPOT.items()}
    constant = {name: steps[:1] for name, steps in SPOT.items()}
    moved = 0
    for seed in range(20):
        ledger = random_ledger(seed, currencies=("CNY", "USD"))
        terms = resolve(ledger.lines, ledger.pauses)
        book = histories(
            terms, definitions=definitions, rates=Rates(plan=plan, spot=spot), arrears=lost
        )
        plain = PlainRoad(
            terms,
            definitions,
            rates=SPOT if definitions.fx == "spot" else constant,
            lost={it.customer_id: [(it.start_on, it.end_on)] for it in lost},
        )
        found = book.movements(period(FIRST, LAST))
        assert told(found) == told(plain.net(FIRST, LAST))
        assert told(book.movements(period(FIRST, LAST), Report.ACTIVITY)) == told(
            plain.activity(FIRST, LAST)
        )
        kept = book.retention(FIRST - timedelta(1), LAST)
        assert (kept.parts.start, kept.parts.kept, kept.parts.end) == cohort(plain)
        moved += sum(found.counts.values())
    assert moved > 20


def cohort(plain: PlainRoad) -> tuple[Fraction, Fraction, Fraction]:
    """What the units above zero at the start paid then, pay now at most that, and pay now, at
    the rates of the start (nothing when they left)."""
    start = kept = end = Fraction(0)
    for whose in plain.terms:
        eve = FIRST - timedelta(1)
        was = plain.value(plain.day(whose, eve)[0], eve)
        now, pays = plain.day(whose, LAST)
        if was > 0:
            is_ = plain.value(now, eve) if pays else Fraction(0)
            start, kept, end = start + was, kept + min(was, is_), end + is_
    return start, kept, end


@given(wild(), some.sampled_from(["service_end", "on_notice", "on_cancel"]))
@settings(max_examples=60, deadline=None)
def test_ledgers_of_any_lines_lead_to_the_same_figures(ledger, recognition):
    definitions = with_values(Definitions(), {"churn_recognition": recognition})
    terms = resolve(ledger.lines, ledger.pauses)
    book, plain = histories(terms, definitions=definitions), PlainRoad(terms, definitions)
    assert told(book.movements(period(FIRST, LAST))) == told(plain.net(FIRST, LAST))
    assert told(book.movements(period(FIRST, LAST), Report.ACTIVITY)) == told(
        plain.activity(FIRST, LAST)
    )
    kept = book.retention(FIRST - timedelta(1), LAST)
    assert (kept.parts.start, kept.parts.kept) == cohort(plain)[:2]

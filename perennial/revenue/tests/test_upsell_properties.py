"""Upsell beside the renewal rates, its kinds, white space: what must hold whatever the ledger."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from perennial.contracts.rules import Kind, Line, Term, committed, resolve
from perennial.revenue.rules import Rates, SubKind
from perennial.revenue.rules.attribution import Source, Upsell, upsells
from perennial.revenue.rules.definitions import DEFAULT, Definitions
from perennial.revenue.rules.due_items import due_items
from perennial.revenue.rules.upsell_kinds import kind_of
from perennial.revenue.rules.white_space import Customer, white_space
from perennial.revenue.rules.yearly import Yearly
from perennial.revenue.tests.ledger import line
from perennial.revenue.tests.random_ledgers import random_ledger

YEARLY = Yearly(Definitions(), Rates())


def worth(term: Term, on: date) -> Fraction | None:
    return YEARLY.total((term,), on=on).known


def sold(terms: list[Term]) -> list[Upsell]:
    return upsells(terms, worth=worth, grace_days=DEFAULT.grace_days)


def is_plain(terms: list[Term]) -> bool:
    """Every renewal names orders that fall due, and ends on another day than they do."""
    ends = {term.order_id: term.due_end_on for term in terms}
    return all(
        ends.get(named) not in {None, term.due_end_on}
        for term in terms
        if term.kind is Kind.RENEWAL
        for named in term.renews
    )


def test_upsell_of_renewals_is_what_the_rate_with_upsell_has_above_the_pure_one():
    """On random ledgers: Σ upsell = Σ renewed − Σ min(due, renewed)."""
    compared = 0
    for seed in range(300):
        ledger = random_ledger(seed)
        terms = committed(resolve(ledger.lines, ledger.pauses))
        if not is_plain(terms):
            continue
        items = due_items(
            terms, known_on=date(2100, 1, 1), definitions=Definitions(), rates=Rates()
        )
        above = sum(((it.renewed_amount or 0) - (it.kept_amount or 0) for it in items), Fraction(0))
        found = [it.amount or 0 for it in sold(terms) if it.source is Source.RENEWAL]
        assert sum(found, Fraction(0)) == above, seed
        compared += bool(above)
    assert compared > 50


def test_the_order_of_the_file_does_not_change_who_sold_what():
    for seed in range(50):
        ledger = random_ledger(seed)
        turned = [*reversed(ledger.lines)]
        assert sold(resolve(ledger.lines)) == sold(resolve(turned)), seed


FIRST = line("N", "2025-01-01", "2026-01-01", 12_000, product="CRM", seats=10)


def renewal(amount: int, product: str = "CRM", seats: int | None = 10, start: str = "2026-01-01"):
    return line("R", start, "2027-01-01", amount, kind=Kind.RENEWAL, renews=("N",),
                product=product, seats=seats)  # fmt: skip


@pytest.mark.parametrize(
    ("bought", "kind"),
    [
        pytest.param(renewal(18_000, seats=15), SubKind.SEATS, id="more seats at the old price"),
        pytest.param(renewal(15_000), SubKind.PRICE, id="the same seats for more"),
        pytest.param(renewal(30_000, product="CRM Pro"), SubKind.PLAN, id="a higher plan"),
        pytest.param(renewal(18_000, seats=15, start="2026-01-11"), SubKind.SEATS,
                     id="after a gap the last day of service is compared"),
        pytest.param(line("R", "2025-06-01", "2025-12-01", 3_000, kind=Kind.ADDON, product="OA"),
                     SubKind.CROSS_SELL, id="another product"),
        pytest.param(line("R", "2025-06-01", "2026-01-01", 3_000, kind=Kind.ADDON, product="CRM"),
                     SubKind.CO_TERM, id="a co-termed add-on without seats"),
    ],
)  # fmt: skip
def test_an_upsell_has_the_kind_that_gained_most(bought: Line, kind: SubKind):
    terms = resolve([FIRST, bought])
    (upsell,) = sold(terms)
    assert kind_of(upsell, terms, definitions=DEFAULT, rates=Rates()) is kind


def test_what_a_downsell_of_the_same_day_takes_back_has_no_kind():
    more = line("A", "2025-06-01", "2026-01-01", 3_000, kind=Kind.ADDON, product="CRM", seats=1)
    less = line("D", "2025-06-01", "2026-01-01", -3_000, kind=Kind.DOWNSELL, renews=("N",),
                product="CRM", seats=1)  # fmt: skip
    terms = resolve([FIRST, more, less])
    (upsell,) = sold(terms)
    assert kind_of(upsell, terms, definitions=DEFAULT, rates=Rates()) is None


def customers(*owners: bool, industry: str = "retail", size: str = "", first: int = 0):
    return [
        Customer(first + pk, industry, size, {"OA": Fraction(10)} if owns else {"CRM": Fraction(5)})
        for pk, owns in enumerate(owners)
    ]


@pytest.mark.parametrize(
    ("everybody", "found"),
    [
        pytest.param(customers(False, True, True, True, False, False), {"OA"},
                     id="three of five peers"),
        pytest.param(customers(False, True, True, False, False, False), set(),
                     id="two of five are fewer than half"),
        pytest.param(customers(False, True, True, True, False), set(), id="four peers are too few"),
        pytest.param(customers(False, True, True, True, True, True, industry=""), set(),
                     id="without an industry nobody is alike"),
        pytest.param([*customers(False, *[False] * 5, size="S"),
                      *customers(*[True] * 9, size="L", first=10)], set(),
                     id="enough of the same size: larger ones do not count"),
        pytest.param([*customers(False, *[False] * 4, size="S"),
                      *customers(*[True] * 9, size="L", first=10)], {"OA"},
                     id="too few of the same size: the industry counts"),
    ],
)  # fmt: skip
def test_a_gap_needs_five_peers_of_which_half_have_the_product(everybody, found):
    assert {gap.product for gap in white_space(everybody, of=[0])} == found

"""What happened in a window, as the rules of unit economics take it."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction

from perennial.config.commands.revenue.books import histories_of, terms_of
from perennial.config.commands.revenue.ledger import Ledger
from perennial.config.commands.revenue.windows import Window as Days
from perennial.contracts.rules import Term
from perennial.revenue.rules import Histories, Movement, Movements
from perennial.revenue.rules.cohorts import CohortMetric, cohorts
from perennial.revenue.rules.economics import Economics, Window, economics
from perennial.revenue.rules.lifetime import del_new
from perennial.revenue.rules.survival import fit, lives_of
from perennial.units.errors import InputRefused
from perennial.units.period import ONE_DAY, Grain, Period, period_of, term_months

MONTHS_A_YEAR = 12


def economics_of(
    ledger: Ledger,
    days: Days,
    *,
    sm_cost: Fraction | None,
    gross_margin: Fraction | None,
    discount: Fraction,
) -> tuple[Economics, Movements]:
    """The figures, and the movements that they rest on (which say what is unknown)."""
    terms = terms_of(ledger)
    book = histories_of(ledger, terms)
    period = Period("", days.from_on, days.to_on)
    report = book.movements(period)
    window = Window(
        months=term_months(days.from_on, days.to_on + ONE_DAY),
        mrr=report.end,
        customers=report.customers,
        start_customers=report.start_customers,
        lost_customers=report.counts[Movement.CHURN],
        new_mrr=report.amounts[Movement.NEW],
        new_customers=report.counts[Movement.NEW],
        expansion_mrr=report.amounts[Movement.EXPANSION],
        one_off=_one_off(terms, _came(book, period), days),
        sm_cost=sm_cost,
        gross_margin=gross_margin,
        lifetime_value=_lifetime(book, days, discount),
    )
    subtract = ledger.definitions.payback_subtracts_one_off
    return economics(window, subtract_one_off=subtract), report


def _came(book: Histories, period: Period) -> Collection[int]:
    return {it.customer_id for it in book.net(period) if it.kind is Movement.NEW}


def _one_off(terms: list[Term], came: Collection[int], days: Days) -> Fraction:
    """One-off fees of the customers that came, of orders that began in the window."""
    return sum(
        (
            term.one_off
            for term in terms
            if term.customer_id in came and days.from_on <= term.start_on <= days.to_on
        ),
        Fraction(0),
    )


def _lifetime(book: Histories, days: Days, discount: Fraction) -> Fraction | None:
    """L5 per unit of yearly margin: a survival curve over the years of all monthly cohorts up
    to the end of the window. None where too little was seen."""
    first = min(filter(None, map(book.first_paid, book.keys())), default=None)
    if first is None:
        return None
    table = cohorts(
        book,
        grain=Grain.MONTH,
        metric=CohortMetric.LOGO,
        from_on=period_of(first, Grain.MONTH).first_on,
        to_on=days.to_on,
    )
    counts = []
    for row in table.rows:
        alive = [float(row.size)]
        for cell in row.parts[MONTHS_A_YEAR::MONTHS_A_YEAR]:
            if cell.left is not None:
                alive.append(min(alive[-1], float(cell.left)))
        if row.size and len(alive) > 1:
            counts.append(alive)
    try:
        value = del_new(fit(lives_of(counts)), discount=float(discount))
    except InputRefused:
        return None
    return None if value is None else Fraction(value)

"""What happened in a window, as the rules of unit economics take it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction

from perennial.config.commands.revenue.books import histories_of, terms_of
from perennial.config.commands.revenue.ledger import Ledger
from perennial.config.commands.revenue.windows import Window as Days
from perennial.contracts.rules import Term
from perennial.revenue.queries.sources import Source
from perennial.revenue.queries.staying import stays
from perennial.revenue.rules import Histories, Movement, Movements
from perennial.revenue.rules.base_value import age_on, base_value
from perennial.revenue.rules.economics import Economics, Window, economics
from perennial.revenue.rules.staying import Stay
from perennial.units.money import ratio
from perennial.units.period import ONE_DAY, Period, term_months


@dataclass(frozen=True, slots=True)
class Company:
    """The histories of everybody, and what they stand on."""

    source: Source
    histories: Histories


@dataclass(frozen=True, slots=True)
class Found:
    """The figures, and the movements that they rest on, which say what is unknown."""

    economics: Economics
    movements: Movements

    @property
    def window_churn(self) -> Fraction | None:
        """Logo churn of the window itself, whatever its length."""
        lost = Fraction(self.movements.counts[Movement.CHURN])
        return ratio(lost, Fraction(self.movements.start_customers))


def economics_of(
    ledger: Ledger,
    days: Days,
    *,
    sm_cost: Fraction | None,
    gross_margin: Fraction | None,
    discount: Fraction,
) -> Found:
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
        lifetime_value=_lifetime(ledger, book, days, discount),
    )
    subtract = ledger.definitions.payback_subtracts_one_off
    return Found(economics(window, subtract_one_off=subtract), report)


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


def _lifetime(ledger: Ledger, book: Histories, days: Days, discount: Fraction) -> Fraction | None:
    """L5 per unit of yearly margin, from how long everybody stayed so far. None where too
    little was seen."""
    firsts = filter(None, map(book.first_paid, book.keys()))
    known = Company(Source(ledger.known_on, ledger.definitions, ledger.rates), book)
    by_age: dict[int, list[Stay]] = defaultdict(list)
    begun = (first_on for first_on in firsts if first_on <= days.to_on)
    for first_on, stay in zip(begun, stays(known, days.to_on), strict=True):
        by_age[age_on(first_on, days.to_on)].append(stay)
    value = base_value(by_age, discount=float(discount)).value
    return None if value is None else Fraction(value)

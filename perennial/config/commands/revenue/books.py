"""The arithmetic behind a report, from its ledger."""

from __future__ import annotations

from datetime import date

from perennial.config.commands.revenue.asked import Asked
from perennial.config.commands.revenue.ledger import Ledger, known_before
from perennial.config.commands.revenue.windows import Window
from perennial.contracts.rules import Term, resolve
from perennial.revenue.documents import Basis, Document
from perennial.revenue.rules import Histories, histories
from perennial.revenue.rules.cohorts import CohortMetric, CohortTable, cohorts
from perennial.revenue.rules.cycles import cycles
from perennial.revenue.rules.due_items import due_items
from perennial.revenue.rules.renewal import RenewalReport, renewals
from perennial.units.period import Grain


def terms_of(ledger: Ledger) -> list[Term]:
    """The terms as known at the end of the ledger's day."""
    return resolve(ledger.lines, ledger.pauses, known_before=known_before(ledger.known_on))


def book_of(ledger: Ledger) -> Histories:
    """Every figure of the ledger, exact."""
    return histories_of(ledger, terms_of(ledger))


def histories_of(ledger: Ledger, terms: list[Term]) -> Histories:
    return histories(
        terms, definitions=ledger.definitions, rates=ledger.rates, arrears=ledger.arrears
    )


def renewals_of(ledger: Ledger, window: Window) -> RenewalReport:
    """What fell due in the window, and what became of it."""
    return renewals(
        terms_of(ledger),
        from_on=window.from_on,
        to_on=window.to_on,
        known_on=ledger.known_on,
        definitions=ledger.definitions,
        rates=ledger.rates,
        exclusions=ledger.exclusions,
    )


def cohorts_of(
    ledger: Ledger, window: Window, *, grain: Grain, metric: CohortMetric
) -> CohortTable:
    """Who began in the window, followed to its end."""
    return cohorts(
        book_of(ledger),
        grain=grain,
        metric=metric,
        from_on=window.from_on,
        to_on=window.to_on,
        known_on=ledger.known_on,
    )


def cycles_of(ledger: Ledger, window: Window, *, grain: Grain, metric: CohortMetric) -> CohortTable:
    """Who began in the window, followed from renewal to renewal."""
    terms = terms_of(ledger)
    book = histories_of(ledger, terms)
    first_paid: dict[int, date] = {}
    for key in book.keys():  # noqa: SIM118 - a book is no mapping
        first = book.first_paid(key)
        if first is not None:
            customer_id = key if isinstance(key, int) else key[0]
            first_paid[customer_id] = min(first, first_paid.get(customer_id, first))
    return cycles(
        due_items(
            terms, known_on=ledger.known_on, definitions=ledger.definitions, rates=ledger.rates
        ),
        first_paid=first_paid,
        grain=grain,
        metric=metric,
        from_on=window.from_on,
        to_on=window.to_on,
    )


def basis_of(
    asked: Asked, ledger: Ledger, window: Window, *, also: Document | None = None
) -> Basis:
    return Basis(
        definitions=ledger.definitions,
        from_on=window.from_on,
        to_on=window.to_on,
        known_on=ledger.known_on,
        grain=asked.grain,
        report=asked.report,
        exact=asked.exact,
        files=ledger.files,
        also=also or {},
    )

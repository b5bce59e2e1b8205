"""The arithmetic behind a report, from its ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

from perennial.config.commands.revenue.asked import Asked
from perennial.config.commands.revenue.ledger import Ledger, known_before
from perennial.config.commands.revenue.windows import Window
from perennial.contracts.rules import Term, resolve
from perennial.revenue.documents import Basis, Document
from perennial.revenue.rules import Histories, Movements, Report, RetentionReport, histories
from perennial.revenue.rules.cohorts import CohortMetric, CohortTable, cohorts
from perennial.revenue.rules.cycles import cycles
from perennial.revenue.rules.due_items import due_items
from perennial.revenue.rules.renewal import RenewalReport, renewals
from perennial.units.period import Grain, Period
from perennial.units.progress import Progress

if TYPE_CHECKING:
    from perennial.revenue.engine import FastBook

FAST_ABOVE: Final = 20_000  # lines from which on the engine is faster, its start included


def terms_of(ledger: Ledger) -> list[Term]:
    """The terms as known at the end of the ledger's day."""
    return resolve(ledger.lines, ledger.pauses, known_before=known_before(ledger.known_on))


def book_of(asked: Asked, ledger: Ledger) -> Histories | FastBook:
    """Every figure of the ledger: exact for a ledger of usual size or when asked for, else set
    by set in the engine, which gives the same to the cent."""
    return _fast(asked, ledger) or histories_of(ledger, terms_of(ledger))


def _fast(asked: Asked, ledger: Ledger) -> FastBook | None:
    if len(ledger.lines) <= FAST_ABOVE or asked.exact or ledger.arrears:
        return None
    from perennial.revenue.engine import NeedsExactRoad, fast_book, ledger_tables

    try:
        return fast_book(
            ledger_tables(ledger.lines, ledger.pauses),
            definitions=ledger.definitions,
            rates=ledger.rates,
            known_before=known_before(ledger.known_on),
        )
    except NeedsExactRoad:
        return None


def movements_of(
    book: Histories | FastBook, periods: Sequence[Period], report: Report, progress: Progress
) -> list[tuple[Movements, RetentionReport]]:
    """The movements of each period, and the retention between its ends."""
    if not isinstance(book, Histories):
        return list(zip(book.many(periods, report), book.retentions(periods), strict=True))
    rows = []
    for done, period in enumerate(periods, start=1):
        kept = book.retention(period.eve_on, period.last_on)
        rows.append((book.movements(period, report), kept))
        progress(done, len(periods))
    return rows


def histories_of(ledger: Ledger, terms: list[Term]) -> Histories:
    return histories(
        terms, definitions=ledger.definitions, rates=ledger.rates, arrears=ledger.arrears
    )


def renewals_of(asked: Asked, ledger: Ledger, window: Window) -> RenewalReport:
    """What fell due in the window, and what became of it."""
    fast = _fast(asked, ledger)
    if fast is not None:
        return fast.renewals(
            from_on=window.from_on,
            to_on=window.to_on,
            known_on=ledger.known_on,
            exclusions=ledger.exclusions,
        )
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
    asked: Asked, ledger: Ledger, window: Window, *, metric: CohortMetric
) -> CohortTable:
    """Who began in the window, followed to its end."""
    book = book_of(asked, ledger)
    grain = Grain(asked.grain)
    if not isinstance(book, Histories):
        return book.cohorts(
            grain=grain,
            metric=metric,
            from_on=window.from_on,
            to_on=window.to_on,
            known_on=ledger.known_on,
        )
    return cohorts(
        book,
        grain=grain,
        metric=metric,
        from_on=window.from_on,
        to_on=window.to_on,
        known_on=ledger.known_on,
    )


def cycles_of(asked: Asked, ledger: Ledger, window: Window, *, metric: CohortMetric) -> CohortTable:
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
        grain=Grain(asked.grain),
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

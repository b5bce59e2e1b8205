"""The ledger of plain files: nothing else is read, and nothing is written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from perennial.config import output
from perennial.config.commands.revenue.asked import Asked, definitions_asked, named_settings
from perennial.config.commands.revenue.headings import heading
from perennial.config.commands.revenue.ledger import (
    Ledger,
    say_ignored,
    say_last_days,
    say_taken,
    without_rate,
)
from perennial.connectors import ledger_files
from perennial.connectors.ledger_files import InvoiceLine, OrdersFile
from perennial.contracts.rules import Line, Pause
from perennial.revenue.rules.arrears import Arrears, arrears, first_known
from perennial.revenue.rules.definitions import Definitions
from perennial.revenue.rules.exclusions import Exclusion
from perennial.revenue.rules.rates import Rates
from perennial.units.dates import Dates
from perennial.units.errors import RowError
from perennial.units.mapping import parse_map

ROLES = ("orders", "pauses", "invoices", "fx", "exclusions")


def ledger(asked: Asked, known_on: date) -> Ledger:
    """Raises InputRefused, with every wrong row in `errors`."""
    assert asked.orders is not None
    definitions = definitions_asked(Definitions(currency=settings.PERENNIAL_CURRENCY), asked)
    dates = Dates(settings.PERENNIAL_TIME_ZONE, asked.date_format)
    orders = _orders(asked, asked.orders, dates, currency=definitions.currency)
    pauses, skipped = _pauses(asked, orders, dates)
    if "currency" not in named_settings(asked) and not asked.fx:
        definitions = _in_their_currency(definitions, orders.lines)
    rates = rates_of(asked)
    given = [getattr(asked, role) for role in ROLES]
    return Ledger(
        lines=orders.lines,
        pauses=pauses,
        arrears=_arrears(asked, orders, dates, definitions, known_on),
        names=dict(enumerate(orders.customers)),
        definitions=definitions,
        rates=rates,
        exclusions=_exclusions(asked, orders),
        known_on=known_on,
        files={role: path.name for role, path in zip(ROLES, given, strict=True) if path},
        findings=[
            *orders.errors,
            *skipped,
            *orders.findings,
            *without_rate(
                orders.lines,
                definitions=definitions,
                rates=rates,
                known_on=known_on,
                rows=orders.rows,
                file=asked.orders.name,
            ),
        ],
    )


def _orders(asked: Asked, path: Path, dates: Dates, *, currency: str) -> OrdersFile:
    with output.progress(heading("orders")):
        orders = ledger_files.read_orders(
            path,
            map=parse_map(asked.pairs),
            dates=dates,
            currency=currency,
            skip_bad_rows=asked.skip_bad_rows,
        )
    say_taken(path, orders.taken)
    say_ignored(path, orders.ignored)
    say_last_days(path, orders.lines)
    return orders


def _pauses(
    asked: Asked, orders: OrdersFile, dates: Dates
) -> tuple[Sequence[Pause], Sequence[RowError]]:
    if not asked.pauses:
        return (), ()
    found = ledger_files.read_pauses(
        asked.pauses, orders, dates=dates, skip_bad_rows=asked.skip_bad_rows
    )
    say_ignored(asked.pauses, found.ignored)
    return found.pauses, found.errors


def rates_of(asked: Asked) -> Rates:
    if not asked.fx:
        return Rates()
    dates = Dates(settings.PERENNIAL_TIME_ZONE, asked.date_format)
    found = ledger_files.read_rates(asked.fx, dates=dates)
    say_ignored(asked.fx, found.ignored)
    return found.rates


def _arrears(
    asked: Asked, orders: OrdersFile, dates: Dates, definitions: Definitions, known_on: date
) -> Sequence[Arrears]:
    """Invoices recorded by then; what was paid afterwards was not paid yet."""
    if not asked.invoices:
        return ()
    found = ledger_files.read_invoices(asked.invoices, orders, dates=dates)
    say_ignored(asked.invoices, found.ignored)
    known = [it for it in found.invoices if _known_from(it) <= known_on]
    unpaid = [
        replace(it, paid_on=None) if it.paid_on and it.paid_on > known_on else it for it in known
    ]
    return arrears(unpaid, after_days=definitions.delinquent_after_days)


def _known_from(it: InvoiceLine) -> date:
    return first_known(issued_on=it.issued_on, paid_on=it.paid_on, recorded_on=it.recorded_on)


def _exclusions(asked: Asked, orders: OrdersFile) -> list[Exclusion]:
    if not asked.exclusions:
        return []
    found = ledger_files.read_exclusions(asked.exclusions, orders)
    say_ignored(asked.exclusions, found.ignored)
    return [Exclusion(it.order_id, it.reason, it.evidence, it.approved_by) for it in found.items]


def _in_their_currency(definitions: Definitions, lines: Collection[Line]) -> Definitions:
    """Orders that are all in one currency need no rate: they are reported in it."""
    used = {line.currency for line in lines if line.amount}
    if len(used) != 1 or definitions.currency in used:
        return definitions
    [currency] = used
    text = _("All amounts are in {currency}, and so is this report (--set currency=… with --fx).")
    output.notice(text.format(currency=currency))
    return replace(definitions, currency=currency)

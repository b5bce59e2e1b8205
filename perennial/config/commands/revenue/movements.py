"""`perennial revenue movements`: where recurring revenue came from and went, period by period."""

from __future__ import annotations

from typing import Any

import click
from django.utils.translation import gettext as _

from perennial.config import output
from perennial.config.commands.revenue.asked import ledger_options, taken
from perennial.config.commands.revenue.headings import heading
from perennial.config.commands.revenue.looks import money, percent, why
from perennial.config.commands.revenue.printing import Report, Table, show
from perennial.config.pairs import PairsCommand
from perennial.revenue.documents import Document

DEFINING = ("level", "churn_recognition", "pause_policy", "discounts")
KINDS = ("new", "expansion", "contraction", "churn", "reactivation")


@click.command(
    "movements",
    cls=PairsCommand,
    short_help=_("Where revenue came from and went"),
    help=_(
        "MRR at the start and end of each period and what happened in between: new, expansion, "
        "contraction, churn, reactivation. Start and movements add up to the end, exactly."
    ),
)
@ledger_options
def command(**given: Any) -> None:
    from perennial.config.commands.revenue import ledger as ledgers
    from perennial.config.commands.revenue.books import basis_of, book_of, movements_of
    from perennial.config.commands.revenue.windows import whole
    from perennial.config.commands.revenue.words import notes
    from perennial.revenue.documents import movements_document
    from perennial.revenue.rules import Report as Counting
    from perennial.units.period import Grain, periods_between

    asked = taken(given)
    ledger = ledgers.read(asked)
    window = whole(asked, ledger)
    periods = list(periods_between(window.from_on, window.to_on, Grain(asked.grain)))
    with output.progress(heading("movements")) as progress:
        rows = movements_of(book_of(asked, ledger), periods, Counting(asked.report), progress)
    basis = basis_of(asked, ledger, window)
    document = movements_document(basis, rows)
    show(
        Report(
            document=document,
            flat=_flat(document),
            readable=[_readable(document)],
            notes=notes(basis, names=DEFINING, figures=document["periods"]),
            findings=ledger.findings,
        ),
        as_csv=asked.as_csv,
    )


def _amounts(document: Document) -> list[str]:
    return ["start", *KINDS, *(["fx"] if document["settings"]["fx"] == "spot" else []), "end"]


def _flat(document: Document) -> Table:
    amounts = [*_amounts(document), "usage_revenue"]
    columns = ["period", *amounts, *(f"count_{it}" for it in KINDS), "customers", "grr", "nrr",
               "rounding", "reasons"]  # fmt: skip
    return Table(
        columns,
        [
            [
                it["period"],
                *(it[name] for name in amounts),
                *(it["counts"][name] for name in KINDS),
                *(it[name] for name in ("customers", "grr", "nrr", "rounding")),
                why(it["reasons"]),
            ]
            for it in document["periods"]
        ],
    )


def _readable(document: Document) -> Table:
    amounts = _amounts(document)
    metered = [it["usage_revenue"] for it in document["periods"]]
    if any(it not in ("0.00", "0/1") for it in metered):
        amounts.append("usage_revenue")
    return Table(
        [heading(it) for it in ("period", *amounts, "customers", "grr", "nrr")],
        [
            [
                it["period"],
                *(money(it[name]) for name in amounts),
                it["customers"],
                percent(it["grr"]),
                percent(it["nrr"]),
            ]
            for it in document["periods"]
        ],
    )

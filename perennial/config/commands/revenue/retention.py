"""`perennial revenue retention`: what is left of the customers of the start."""

from __future__ import annotations

from typing import Any

import click
from django.utils.translation import gettext as _

from perennial.config.commands.revenue.asked import ledger_options, taken
from perennial.config.commands.revenue.headings import heading
from perennial.config.commands.revenue.looks import money, number, percent, why
from perennial.config.commands.revenue.printing import Report, Table, show
from perennial.config.pairs import PairsCommand
from perennial.revenue.documents import Document

AMOUNTS = ("start_mrr", "end_mrr")
COUNTS = ("start_customers", "kept_customers")
RATES = (
    "grr",
    "nrr",
    "logo_retention",
    "grr_movement",
    "nrr_movement",
    "gross_churn",
    "net_churn",
    "logo_churn",
)
DEFINING = ("level", "churn_recognition", "retention_basis", "nrr_reactivation", "churn_basis")


@click.command(
    "retention",
    cls=PairsCommand,
    short_help=_("What is left of the customers of the start"),
    help=_(
        "GRR, NRR and logo retention between the end of the day before --from and the end of "
        "--to; without them, over the last twelve complete months."
    ),
)
@ledger_options
def command(**given: Any) -> None:
    from perennial.config.commands.revenue import ledger as ledgers
    from perennial.config.commands.revenue.books import basis_of, book_of
    from perennial.config.commands.revenue.windows import year
    from perennial.config.commands.revenue.words import notes
    from perennial.revenue.documents import retention_document

    asked = taken(given)
    ledger = ledgers.read(asked)
    window = year(asked, ledger)
    basis = basis_of(asked, ledger, window)
    document = retention_document(
        basis, book_of(asked, ledger).retention(window.eve_on, window.to_on)
    )
    show(
        Report(
            document=document,
            flat=_flat(document),
            readable=[_readable(document)],
            notes=notes(basis, names=DEFINING, figures=[document]),
            findings=ledger.findings,
        ),
        as_csv=asked.as_csv,
    )


def _flat(document: Document) -> Table:
    names = (*AMOUNTS, *RATES, "quick_ratio", *COUNTS)
    row = [document["settings"]["from"], document["settings"]["to"]]
    values = [document[name] for name in names]
    return Table(["from", "to", *names, "reasons"], [[*row, *values, why(document["reasons"])]])


def _readable(document: Document) -> Table:
    rows = [
        *([heading(name), money(document[name])] for name in AMOUNTS),
        *([heading(name), number(document[name], places=0)] for name in COUNTS),
        *([heading(name), percent(document[name])] for name in RATES),
        [heading("quick_ratio"), number(document["quick_ratio"], places=2)],
    ]
    return Table([heading("figure"), heading("value")], rows)

"""`perennial revenue renewals`: 续约率 and 续费率 of what fell due, raw and adjusted."""

from __future__ import annotations

from typing import Any

import click
from django.utils.translation import gettext as _

from perennial.config import output
from perennial.config.commands.revenue.asked import ledger_options, taken
from perennial.config.commands.revenue.headings import heading
from perennial.config.commands.revenue.looks import cells, money, number, percent, why
from perennial.config.commands.revenue.printing import Report, Table, show
from perennial.config.pairs import PairsCommand
from perennial.revenue.documents import Document

RATES = ("logo_renewal_rate", "amount_renewal_rate", "amount_renewal_rate_with_upsell")
DEFINING = ("grace_days", "early_days", "merged_base")


@click.command(
    "renewals",
    cls=PairsCommand,
    short_help=_("Renewal rates of what fell due"),
    help=_(
        "Everything that fell due between --from and --to and what became of it: the renewal "
        "rate by customers, by money, and by money with upsell; raw, and adjusted by the "
        "exclusions. Without --from and --to, the last twelve complete months."
    ),
)
@ledger_options
def command(**given: Any) -> None:
    from perennial.config.commands.revenue import ledger as ledgers
    from perennial.config.commands.revenue.books import basis_of, renewals_of
    from perennial.config.commands.revenue.windows import year
    from perennial.config.commands.revenue.words import notes
    from perennial.revenue.documents import renewals_document

    asked = taken(given)
    ledger = ledgers.read(asked)
    window = year(asked, ledger)
    basis = basis_of(asked, ledger, window)
    with output.progress(heading("due_amount")):
        found = renewals_of(asked, ledger, window)
    document = renewals_document(basis, found, names=ledger.names)
    show(
        Report(
            document=document,
            flat=_flat(document),
            readable=[_items(document), _rates(document)],
            notes=notes(basis, names=DEFINING, figures=[document, document["adjusted"]]),
            findings=ledger.findings,
        ),
        as_csv=asked.as_csv,
    )


def _flat(document: Document) -> Table:
    columns = ["customer_id", "due_on", "due_amount", "renewed_amount", "status", "order_ids",
               "renewed_by", "reasons"]  # fmt: skip
    return Table(
        columns,
        [
            [
                *(it[name] for name in columns[:5]),
                ";".join(it["order_ids"]),
                ";".join(it["renewed_by"]),
                why(it["reasons"]),
            ]
            for it in document["items"]
        ],
        texts=frozenset({"customer_id", "order_ids", "renewed_by"}),
    )


def _items(document: Document) -> Table:
    from perennial.revenue.rules.due_items import DueStatus
    from perennial.revenue.wording.renewals import STATUSES

    columns = ("customer_id", "due_on", "due_amount", "renewed_amount", "status", "order_ids",
               "renewed_by")  # fmt: skip
    return Table(
        [heading(it) for it in columns],
        [
            [
                it["customer_id"],
                it["due_on"],
                money(it["due_amount"]),
                money(it["renewed_amount"]),
                STATUSES[DueStatus(it["status"])][0],
                "; ".join(it["order_ids"]),
                "; ".join(it["renewed_by"]),
            ]
            for it in document["items"]
        ],
    )


def _rates(document: Document) -> Table:
    """Raw beside adjusted, each rate with its bounds while something is open."""
    sides = (document, document["adjusted"])
    counts = ["due_customers", "renewed_customers"]
    if _is_open(document):
        counts.append("open_customers")
    rows = [
        *(cells(heading(name), *(number(it[name], places=0) for it in sides)) for name in counts),
        cells(heading("due_amount"), *(money(it["due_amount"]) for it in sides)),
        *(cells(heading(name), *(percent(it[name]) for it in sides)) for name in RATES),
    ]
    for kind in ("logo", "amount") if _is_open(document) else ():
        title = _("If everything open is lost or renewed, {kind}").format(kind=heading(kind))
        rows.append([title, *(_span(it["bounds"], kind) for it in sides)])
    return Table([heading("figure"), heading("raw"), heading("adjusted")], rows)


def _is_open(document: Document) -> bool:
    return any(it["status"] == "pending" for it in document["items"])


def _span(bounds: Document, kind: str) -> object:
    low, high = percent(bounds[f"{kind}_low"]), percent(bounds[f"{kind}_high"])
    return None if low is None or high is None else type(low)(f"{low} … {high}")

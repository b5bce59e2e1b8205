"""`perennial revenue cohorts`: who began together, and how much is left k periods later."""

from __future__ import annotations

from typing import Any

import click
from django.utils.translation import gettext as _

from perennial.config import output
from perennial.config.commands.revenue.asked import ledger_options, taken
from perennial.config.commands.revenue.headings import heading
from perennial.config.commands.revenue.looks import money, number, percent
from perennial.config.commands.revenue.printing import Report, Table, show
from perennial.config.output import Number
from perennial.config.pairs import PairsCommand
from perennial.revenue.documents import Document

DEFINING = ("level", "churn_recognition")


@click.command(
    "cohorts",
    cls=PairsCommand,
    short_help=_("Cohorts by first paid period"),
    help=_(
        "Customers by the period in which they first paid, and what is left of them k periods "
        "later: customers (logo), or their MRR, capped at its start (grr) or not (nrr). "
        "--by cycle counts their renewals instead of periods."
    ),
)
@click.option(
    "--metric",
    type=click.Choice(["logo", "grr", "nrr"]),
    default="logo",
    show_default=True,
    help=_("What is followed."),
)
@click.option(
    "--by",
    type=click.Choice(["period", "cycle"]),
    default="period",
    show_default=True,
    help=_("After how many periods, or after how many renewals."),
)
@ledger_options
def command(metric: str, by: str, **given: Any) -> None:
    from perennial.config.commands.revenue import ledger as ledgers
    from perennial.config.commands.revenue.books import basis_of, cohorts_of, cycles_of
    from perennial.config.commands.revenue.windows import whole
    from perennial.config.commands.revenue.words import notes
    from perennial.revenue.documents import cohorts_document
    from perennial.revenue.rules.cohorts import CohortMetric

    asked = taken(given)
    ledger = ledgers.read(asked)
    window = whole(asked, ledger)
    basis = basis_of(asked, ledger, window, also={"metric": metric, "by": by})
    follow = cohorts_of if by == "period" else cycles_of
    with output.progress(heading("cohort")):
        found = follow(asked, ledger, window, metric=CohortMetric(metric))
    document = cohorts_document(basis, found)
    show(
        Report(
            document=document,
            flat=_flat(document),
            readable=[_readable(document)],
            notes=notes(basis, names=DEFINING, figures=_unknown(document)),
            findings=ledger.findings,
        ),
        as_csv=asked.as_csv,
    )


def _unknown(document: Document) -> list[Document]:
    """The rows whose reasons a person asks for; that a period is not over needs no words."""
    return [it for it in document["rows"] if "start_mrr" in it["reasons"]]


def _flat(document: Document) -> Table:
    rows = [[it["cohort"], it["size"], it["start_mrr"], *it["cells"]] for it in document["rows"]]
    rows.append(["total", None, None, *document["total"]])
    return Table(["cohort", "size", "start_mrr", *range(len(document["total"]))], rows)


def _readable(document: Document) -> Table:
    """The triangle; what is not over yet is left empty."""
    rows: list[list[object]] = [
        [it["cohort"], number(it["size"], places=0), money(it["start_mrr"]), *_cells(it["cells"])]
        for it in document["rows"]
        if it["size"]
    ]
    rows.append([heading("total"), Number(""), Number(""), *_cells(document["total"])])
    columns = [heading("cohort"), heading("size"), heading("start_mrr")]
    return Table([*columns, *map(str, range(len(document["total"])))], rows)


def _cells(cells: list[float | None]) -> list[object]:
    return [percent(it) or Number("") for it in cells]

"""`perennial revenue economics`: what a customer pays, costs to win, and is worth."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import click
from django.utils.translation import gettext as _

from perennial.config import output
from perennial.config.commands.revenue.asked import ledger_options, taken
from perennial.config.commands.revenue.headings import heading
from perennial.config.commands.revenue.looks import cells, money, number, percent, why
from perennial.config.commands.revenue.numbers import COST, DISCOUNT, MARGIN
from perennial.config.commands.revenue.printing import Report, Table, show
from perennial.config.output import Number
from perennial.config.pairs import PairsCommand
from perennial.revenue.documents import Document

RATES = ("window_churn", "monthly_churn", "yearly_churn")
DEFINING = ("cac_lag_months", "payback_subtracts_one_off")


@click.command(
    "economics",
    cls=PairsCommand,
    short_help=_("ARPA, CAC, LTV, payback"),
    help=_(
        "Unit economics of the window: ARPA at its end, ASP and CAC of the new customers, five "
        "ways to compute LTV, payback, and the usual checks. Without --from and --to, the last "
        "twelve complete months."
    ),
)
@click.option(
    "--sm-cost",
    type=COST,
    metavar=_("AMOUNT"),
    help=_("Whole cost of sales and marketing in the window."),
)
@click.option(
    "--gross-margin",
    type=MARGIN,
    metavar=_("SHARE"),
    help=_("Gross margin of the subscriptions: 0.8 or 80%."),
)
@click.option(
    "--discount",
    type=DISCOUNT,
    default="0.1",
    show_default=True,
    metavar=_("SHARE"),
    help=_("Discount per year of LTV l5: 0.1 or 10%."),
)
@ledger_options
def command(
    sm_cost: Fraction | None, gross_margin: Fraction | None, discount: Fraction, **given: Any
) -> None:
    from perennial.config.commands.revenue import ledger as ledgers
    from perennial.config.commands.revenue.books import basis_of
    from perennial.config.commands.revenue.unit_economics import economics_of
    from perennial.config.commands.revenue.windows import year
    from perennial.config.commands.revenue.words import notes
    from perennial.revenue.documents import amount_text, economics_document, rate_number

    asked = taken(given)
    ledger = ledgers.read(asked)
    window = year(asked, ledger)
    with output.progress(heading("economics")):
        found = economics_of(
            ledger, window, sm_cost=sm_cost, gross_margin=gross_margin, discount=discount
        )
    also = {
        "sm_cost": None if sm_cost is None else amount_text(sm_cost, exact=asked.exact),
        "gross_margin": None if gross_margin is None else rate_number(gross_margin),
        "discount": rate_number(discount),
    }
    basis = basis_of(asked, ledger, window, also=also)
    document = economics_document(
        basis,
        found.economics,
        window_churn=found.window_churn,
        unknown=found.movements.unknown,
    )
    show(
        Report(
            document=document,
            flat=_flat(document),
            readable=[_figures(document), _tests(document)],
            notes=notes(basis, names=DEFINING, figures=[document]),
            findings=ledger.findings,
        ),
        as_csv=asked.as_csv,
    )


def _flat(document: Document) -> Table:
    lives = document["ltv"]
    row = [
        document["settings"]["from"],
        document["settings"]["to"],
        *(document[name] for name in ("arpa", "asp", "cac")),
        *lives.values(),
        *(document[name] for name in (*RATES, "payback_months")),
        *(it["passed"] for it in document["tests"]),
        why(document["reasons"]),
    ]
    columns = ["from", "to", "arpa", "asp", "cac", *lives, *RATES, "payback_months",
               *(f"test_{it['test']}" for it in document["tests"]), "reasons"]  # fmt: skip
    return Table(columns, [row])


def _figures(document: Document) -> Table:
    from perennial.revenue.rules.ltv import FORMULAS

    rows: list[list[object]] = [
        *(cells(heading(name), money(document[name]), "") for name in ("arpa", "asp", "cac")),
        *(cells(heading(name), percent(document[name]), "") for name in RATES),
        [heading("payback_months"), number(document["payback_months"], places=1), ""],
        *(
            cells(f"LTV {name.upper()}", money(value), _(FORMULAS[name]))
            for name, value in document["ltv"].items()
        ),
    ]
    return Table([heading("figure"), heading("value"), heading("how")], rows)


def _shown(test: str, value: float | None) -> Number | None:
    return percent(value) if test == "yearly_churn" else number(value, places=2)


def _tests(document: Document) -> Table:
    from perennial.config.commands.revenue.headings import CHECKS

    said = {True: _("yes"), False: _("no"), None: None}
    rows = [
        [
            CHECKS[it["test"]],
            *(_shown(it["test"], it[what]) for what in ("value", "limit")),
            said[it["passed"]],
        ]
        for it in document["tests"]
    ]
    return Table([heading(it) for it in ("test", "value", "limit", "passed")], rows)

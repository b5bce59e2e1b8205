"""`perennial revenue whatif`: the same sales at one renewal rate and at another."""

from __future__ import annotations

from fractions import Fraction

import click
from django.utils.translation import gettext as _

from perennial.config.commands.revenue.headings import heading
from perennial.config.commands.revenue.looks import money, number, percent
from perennial.config.commands.revenue.numbers import AMOUNT, SHARE, SHARES
from perennial.config.commands.revenue.printing import Report, Table, show


@click.command(
    "whatif",
    short_help=_("What renewal rates do to revenue"),
    help=_(
        "Revenue period by period at one renewal rate and at another: each period sells anew, "
        "and a share of the last period's whole revenue renews. Needs no file.\n\n"
        "perennial revenue whatif --start 1000 --growth 30% --renewal 50%,80% --periods 10"
    ),
)
@click.option(
    "--start",
    type=AMOUNT,
    required=True,
    metavar=_("AMOUNT"),
    help=_("New sales of the first period."),
)
@click.option(
    "--growth",
    type=SHARE,
    default="0",
    show_default=True,
    metavar=_("SHARE"),
    help=_("Growth of new sales per period: 0.3 or 30%."),
)
@click.option(
    "--renewal",
    type=SHARES,
    required=True,
    metavar="R1,R2",
    help=_("Renewal rates to compare: 0.5,0.8 or 50%,80%."),
)
@click.option("--periods", type=int, default=10, show_default=True, help=_("Number of periods."))
@click.option("--exact", is_flag=True, help=_("Print every amount as an exact fraction p/q."))
@click.option("--csv", "as_csv", is_flag=True, help=_("Print one flat table as CSV."))
def command(
    start: Fraction,
    growth: Fraction,
    renewal: tuple[Fraction, ...],
    periods: int,
    exact: bool,
    as_csv: bool,
) -> None:
    from perennial.config.commands.revenue.words import reason_lines
    from perennial.revenue.documents import whatif_document
    from perennial.revenue.rules.whatif import whatif

    found = whatif(start, growth=growth, renewals=renewal, periods=periods)
    document = whatif_document(found, start=start, growth=growth, exact=exact)
    scenarios = document["scenarios"]
    names = [f"{_('renewal')} {percent(it['renewal'])}" for it in scenarios]
    ratios = document["ratio"] or [None] * periods
    steps = list(
        zip(range(1, periods + 1), *(it["revenue"] for it in scenarios), ratios, strict=True)
    )
    flat = ["period", *(f"revenue_{it['renewal']}" for it in scenarios), "ratio"]
    readable = [
        [period, *(money(it) for it in amounts), number(ratio, places=4)]
        for period, *amounts, ratio in steps
    ]
    limit = []
    if document["ratio_limit"] is not None:
        text = _("In the long run the second is {ratio} times the first.")
        limit = [text.format(ratio=document["ratio_limit"])]
    sums = [heading("total"), *(money(it["sum"]) for it in scenarios), None]
    show(
        Report(
            document=document,
            flat=Table(flat, steps),
            readable=[Table([heading("period"), *names, heading("ratio")], [*readable, sums])],
            notes=[
                _(
                    "Each period: new sales of the first × (1 + growth)^(t−1), and the share that "
                    "renews of the last period's whole revenue."
                ),
                *limit,
                *reason_lines(document["reasons"]),
            ],
        ),
        as_csv=as_csv,
    )

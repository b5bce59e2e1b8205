"""`perennial revenue whatif`: the same sales at one renewal rate and at another."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import click
from django.utils.translation import gettext as _

from perennial.config.commands.revenue.headings import heading
from perennial.config.commands.revenue.looks import cells, money, number, percent
from perennial.config.commands.revenue.numbers import AMOUNT, SHARE, SHARES
from perennial.config.commands.revenue.printing import Report, Table, show
from perennial.revenue.documents import Document
from perennial.units.errors import ExitCode, InputRefused


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
    from perennial.revenue.documents import whatif_document
    from perennial.revenue.rules.whatif import whatif

    try:
        found = whatif(start, growth=growth, renewals=renewal, periods=periods)
    except InputRefused as wrong:
        wrong.exit_code = ExitCode.USAGE  # there is no input but the options
        raise
    document = whatif_document(found, start=start, growth=growth, exact=exact)
    show(
        Report(
            document=document,
            flat=_flat(document),
            readable=[_readable(document)],
            notes=_notes(document),
        ),
        as_csv=as_csv,
    )


def _steps(document: Document) -> list[tuple[Any, ...]]:
    """Period, the revenue of each scenario, and the ratio where there are two."""
    scenarios = document["scenarios"]
    ratios = [document["ratio"]] if document["ratio"] else []
    periods = range(1, document["settings"]["periods"] + 1)
    return list(zip(periods, *(it["revenue"] for it in scenarios), *ratios, strict=True))


def _flat(document: Document) -> Table:
    names = [f"revenue_{it['renewal']}" for it in document["scenarios"]]
    return Table(["period", *names, *(["ratio"] if document["ratio"] else [])], _steps(document))


def _readable(document: Document) -> Table:
    scenarios = document["scenarios"]
    count = len(scenarios) + 1
    title = _("renewal {rate}")
    names = [title.format(rate=percent(it["renewal"])) for it in scenarios]
    rows = [
        cells(
            step[0],
            *(money(it) for it in step[1:count]),
            *(number(it, places=4) for it in step[count:]),
        )
        for step in _steps(document)
    ]
    blank = [None] if document["ratio"] else []
    rows.append(cells(heading("total"), *(money(it["sum"]) for it in scenarios), *blank))
    ratio = [heading("ratio")] if document["ratio"] else []
    return Table([heading("period"), *names, *ratio], rows)


def _notes(document: Document) -> list[str]:
    from perennial.config.commands.revenue.words import reason_lines

    text = _(
        "Each period: new sales of the first × (1 + growth)^(t−1), and the share that renews of "
        "the last period's whole revenue."
    )
    limit = document["ratio_limit"]
    if limit is None:
        return [text, *reason_lines(document["reasons"])]
    return [text, _("In the long run the second is {ratio} times the first.").format(ratio=limit)]

"""`perennial revenue survival`: how long a cohort stays, from its first periods."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import click
from django.utils.translation import gettext as _

from perennial.config.commands.revenue.headings import heading
from perennial.config.commands.revenue.looks import number, percent
from perennial.config.commands.revenue.numbers import DISCOUNT
from perennial.config.commands.revenue.printing import Report, Table, show
from perennial.config.pairs import PairsCommand
from perennial.revenue.documents import Document, rate_number


@click.command(
    "survival",
    cls=PairsCommand,
    short_help=_("How long customers stay (sBG, BdW)"),
    help=_(
        "Fit a survival curve to how many customers of one cohort were alive after 0, 1, 2, … "
        "periods, and say what those who are left are worth (DERL)."
    ),
)
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=_("A table with the columns period and alive."),
)
@click.option(
    "--map",
    "pairs",
    multiple=True,
    metavar=_("OURS=THEIRS …"),
    help=_("Other names of the two columns: period=year alive=count."),
)
@click.option(
    "--fit-periods",
    type=click.IntRange(min=1),
    metavar="N",
    help=_("Fit on periods 0 to N; default: all of the file."),
)
@click.option(
    "--model",
    type=click.Choice(["sbg", "bdw"]),
    default="sbg",
    show_default=True,
    help=_("sbg: everybody's own constant chance; bdw: chances that change with age."),
)
@click.option(
    "--discount",
    type=DISCOUNT,
    default="0.1",
    show_default=True,
    metavar=_("SHARE"),
    help=_("Discount per period: 0.1 or 10%."),
)
@click.option("--csv", "as_csv", is_flag=True, help=_("Print one flat table as CSV."))
def command(
    data: Path,
    pairs: tuple[str, ...],
    fit_periods: int | None,
    model: str,
    discount: Fraction,
    as_csv: bool,
) -> None:
    from perennial.config.commands.revenue.ledger import say_ignored
    from perennial.connectors.ledger_files import read_survival
    from perennial.revenue.documents.survival import survival_document
    from perennial.revenue.rules.survival import Model, fit_cohort
    from perennial.units.mapping import parse_map

    given = read_survival(data, map=parse_map(pairs))
    say_ignored(data, given.ignored)
    counts = [float(it) for it in given.alive]
    periods = len(counts) - 1 if fit_periods is None else fit_periods
    document = survival_document(
        fit_cohort(counts, periods=periods, model=Model(model)),
        last=len(counts) - 1,
        fit_periods=periods,
        discount=float(discount),
        files={"data": data.name},
    )
    show(_report(document, counts), as_csv=as_csv)


def _report(document: Document, counts: Sequence[float]) -> Report:
    from perennial.config.commands.revenue.words import reason_lines

    worth = document["derl"] or []
    rows = []
    for period, share in enumerate(document["survival"]):
        value = worth[period] if period < len(worth) else None
        rows.append([period, rate_number(counts[period] / counts[0]), share, value])
    parameters = ", ".join(f"{name} {value}" for name, value in document["params"].items())
    return Report(
        document=document,
        flat=Table(["period", "alive", "survival", "derl"], rows),
        readable=[
            Table(
                [heading(it) for it in ("period", "alive", "curve", "derl")],
                [
                    [row[0], percent(row[1]), percent(row[2]), number(row[3], places=3)]
                    for row in rows
                ],
            )
        ],
        notes=[
            _("{model}, fitted on periods 0 to {last}: {parameters}; log-likelihood {ll}.").format(
                model=document["settings"]["model"],
                last=document["settings"]["fit_periods"],
                parameters=parameters,
                ll=document["ll"],
            ),
            *reason_lines(document["reasons"]),
        ],
    )

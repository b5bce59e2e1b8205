"""`perennial metrics refill`: delete those days of activity and fill them again."""

from __future__ import annotations

import click
from django.utils.translation import gettext as _

from perennial.config import output
from perennial.config.periods import PERIOD
from perennial.units.period import Period


@click.command(
    "refill",
    short_help=_("Fill days of activity again"),
    help=_("Throw the daily activity of these days away and fill it again from the events."),
)
@click.option("--from", "first", type=PERIOD, required=True, metavar=_("PERIOD"),
              help=_("First day: 2025, 2025-Q1, 2025-01 or 2025-01-15."))  # fmt: skip
@click.option("--to", "last", type=PERIOD, required=True, metavar=_("PERIOD"),
              help=_("Last day, inclusive: 2025-01 is its last day."))  # fmt: skip
def command(first: Period, last: Period) -> None:
    from perennial.metrics.jobs import refill

    if first.first_on > last.last_on:
        raise click.UsageError(_("--from lies after --to."))
    with output.progress(_("Daily activity")) as progress:
        counts = refill(from_on=first.first_on, to_on=last.last_on, progress=progress)
    output.say(_("Filled {days} days with {rows} rows.").format(**counts))
    output.document(counts)

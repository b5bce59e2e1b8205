"""`perennial alerts replay`: which drops would have been raised when, as known then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click
from django.utils.translation import gettext as _

from perennial.config import output
from perennial.config.periods import PERIOD
from perennial.units.period import Period

if TYPE_CHECKING:
    from perennial.alerts.replay import Raised

WAIT_SECONDS: Final = 600.0
MOST_SHOWN: Final = 500
METRIC, RULE = "event_count", "usage_drop"


@click.command(
    "replay",
    short_help=_("Which drops would have been raised when"),
    help=_(
        "Judge every day of the past by what had been received by its end, and list the drops "
        "in usage that would have been raised: sudden, slow, stop, fade, or everyone (all "
        "customers down). They end as they would have ended. Nothing is written."
    ),
)
@click.option("--from", "first", type=PERIOD, required=True, metavar=_("PERIOD"),
              help=_("First day: 2025, 2025-Q1, 2025-01 or 2025-01-15."))  # fmt: skip
@click.option("--to", "last", type=PERIOD, required=True, metavar=_("PERIOD"),
              help=_("Last day, inclusive: 2025-01 is its last day."))  # fmt: skip
def command(first: Period, last: Period) -> None:
    from perennial.alerts.replay import replay
    from perennial.config.periods import today
    from perennial.metrics.jobs import freshen
    from perennial.units.errors import Busy
    from perennial.units.period import ONE_DAY
    from perennial.units.sentence import sentence

    if first.first_on > last.last_on:
        raise click.UsageError(_("--from lies after --to."))
    if not freshen(wait_seconds=WAIT_SECONDS):
        raise Busy(sentence("Another process is writing to the analytical store."))
    with output.progress(_("Replaying")) as progress:
        found = replay(
            from_on=first.first_on, to_on=min(last.last_on, today() - ONE_DAY), progress=progress
        )
    _show(found.alerts, customer_years=found.customer_years)


def _show(alerts: list[Raised], *, customer_years: float) -> None:
    names = ["customer", "rule", "kind", "raised_on", "metric", "expected", "observed"]
    names += ["probability", "resolved_on"]
    rows = [
        (it.customer, RULE, it.kind.value, it.raised_on, METRIC, it.expected, it.observed,
         it.probability, it.resolved_on)
        for it in alerts
    ]  # fmt: skip
    output.document([dict(zip(names, row, strict=True)) for row in rows])
    output.table(names, rows[:MOST_SHOWN], is_wide=True)
    if len(rows) > MOST_SHOWN:
        more = len(rows) - MOST_SHOWN
        output.notice(_("… and {count} more: --json prints all.").format(count=more))
    if customer_years > 0:
        rate = f"{len([it for it in alerts if it.customer]) / customer_years:.2f}"
        text = _("{count} drops in {years} customer-years: {rate} a year per customer.")
        years = f"{customer_years:,.1f}"
        output.notice(text.format(count=len(rows), years=years, rate=rate))

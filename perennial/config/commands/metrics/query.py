"""`perennial metrics query`: one metric over calendar periods, as rows."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext as _

from perennial.config import output
from perennial.config.periods import PERIOD
from perennial.metrics.rules.periods import LONGEST_WINDOW_DAYS, By, Grain
from perennial.units.period import Period
from perennial.web.download import neutral

if TYPE_CHECKING:
    from perennial.metrics.queries.asked import Asked
    from perennial.metrics.queries.named import Named

MOST_SHOWN = 500  # rows in a table for people
WAIT_SECONDS = 5.0  # for whoever is writing; then stale days are read from the events


@click.command(
    "query",
    short_help=_("A metric's figures by period"),
    help=_(
        "One row per period and customer, person or product. Without --window a value covers "
        "exactly its calendar period, also where --from or --to lie inside it; weeks start on "
        "Monday. Periods without events are left out."
    ),
)
@click.argument("metric")
@click.option("--grain", type=click.Choice([str(it) for it in Grain]), default="month",
              show_default=True, help=_("Length of the periods."))  # fmt: skip
@click.option("--by", type=click.Choice([str(it) for it in By]), default="customer",
              show_default=True, help=_("Whose figures."))  # fmt: skip
@click.option("--from", "first", type=PERIOD, required=True, metavar=_("PERIOD"),
              help=_("First day: 2025, 2025-Q1, 2025-01 or 2025-01-15."))  # fmt: skip
@click.option("--to", "last", type=PERIOD, required=True, metavar=_("PERIOD"),
              help=_("Last day, inclusive: 2025-01 is its last day."))  # fmt: skip
@click.option("--window", "window_days", type=click.IntRange(1, LONGEST_WINDOW_DAYS), metavar="N",
              help=_("The N days that end on the period's last day."))  # fmt: skip
@click.option("--event", metavar=_("NAME"), help=_("Only events, or a feature, of this name."))
@click.option("--where", multiple=True, metavar=_("PROPERTY=VALUE"),
              help=_("Only events with this property; may be repeated. a.b looks inside a."),
              )  # fmt: skip
@click.option("--received-by", "known", type=PERIOD, metavar=_("DAY"),
              help=_("Only what was received by the end of this day."))  # fmt: skip
@click.option("--bots", is_flag=True, help=_("Count bots, too."))
@click.option("--csv", "as_csv", is_flag=True, help=_("Print the rows as CSV."))
def command(
    metric: str,
    grain: str,
    by: str,
    first: Period,
    last: Period,
    window_days: int | None,
    event: str | None,
    where: Sequence[str],
    known: Period | None,
    bots: bool,
    as_csv: bool,
) -> None:
    from perennial.config.periods import today
    from perennial.metrics.jobs import freshen
    from perennial.metrics.queries.asked import Asked
    from perennial.metrics.queries.states import figures

    if first.first_on > last.last_on:
        raise click.UsageError(_("--from lies after --to."))
    named = _metric(metric, By(by))
    asked = Asked(
        metric=named.metric,
        grain=Grain(grain),
        by=By(by),
        from_on=first.first_on,
        to_on=last.last_on,
        today=today(),
        window_days=window_days,
        event=event,
        where=tuple(_pair(text) for text in where),
        received_by=known.last_on if known else None,
        with_bots=bots,
    )
    freshen(wait_seconds=WAIT_SECONDS)
    found = figures(named, asked)
    if not found.num_rows and event is not None:
        _check_event(event)
    _show(named, asked, found, as_csv=as_csv)


def _metric(name: str, by: By) -> Named:
    from perennial.metrics.queries.named import all_metrics

    known = {it.name: it for it in all_metrics()}
    if name not in known:
        raise _usage(
            _("There is no metric “{name}”. There are: {known}."),
            name=name,
            known=", ".join(known),
        )
    if by not in known[name].by:
        raise _usage(
            _("{name} is known by {known} only."), name=name, known=", ".join(known[name].by)
        )
    return known[name]


def _check_event(event: str) -> None:
    """An unknown name is a slip of the pen, not an empty result."""
    from perennial.metrics.queries.named import is_known_event

    if not is_known_event(event):
        raise _usage(_("No event or feature is named “{name}”."), name=event)


def _usage(text: str, *, name: str, known: str = "") -> click.UsageError:
    return click.UsageError(text.format(name=name, known=known))


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise click.UsageError(
            _("“{pair}” is no condition. Write property=value.").format(pair=text)
        )
    return name.strip(), value


def _show(named: Named, asked: Asked, found: pa.Table, *, as_csv: bool) -> None:
    by = asked.by.value
    columns = ["period_start", "period_end", by, "value", "coverage", "as_of", "received_by"]
    rows = _rows(named, asked, found)
    if output.is_json():
        names = [*columns, "reason"]
        output.document([dict(zip(names, row, strict=True)) for row in rows])
    elif as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow((*columns, "reason"))
        for row in rows:
            cells = ["" if cell is None else cell for cell in row]
            cells[2:3] = neutral(cells[2:3])
            writer.writerow(cells)
    else:
        output.table(columns, [row[:-1] for row in rows[:MOST_SHOWN]], is_wide=True)
        if len(rows) > MOST_SHOWN:
            more = len(rows) - MOST_SHOWN
            output.notice(_("… and {count} more: --csv prints all.").format(count=more))


def _rows(named: Named, asked: Asked, found: pa.Table) -> list[tuple[Any, ...]]:
    """Rows as they are printed, `reason` last: days as text, whole numbers without a point."""
    values = found.column("value")
    if pa.types.is_date(values.type):
        values = values.cast(pa.string())
    figures: list[Any] = values.to_pylist()
    if named.metric.is_whole:
        figures = [int(it) if it is not None and it == int(it) else it for it in figures]
    coverage = pc.round(found.column("coverage"), 6).to_pylist()
    unknown = str(named.metric.unknown or "")
    unobserved = _("Nothing was observed in this time.")
    reasons = (
        None if value is not None else unknown if share else unobserved
        for value, share in zip(figures, coverage, strict=True)
    )
    days = [
        found.column(name).cast(pa.string()).to_pylist()
        for name in ("period_start", "period_end", "as_of")
    ]
    ids = found.column(asked.by.value).to_pylist()
    received_by = [(asked.received_by or asked.today).isoformat()] * len(figures)
    printed = (days[0], days[1], ids, figures, coverage, days[2], received_by, reasons)
    return list(zip(*printed, strict=True))

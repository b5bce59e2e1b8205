"""`perennial metrics query`: one metric over calendar periods, as rows."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import click
from django.utils.translation import gettext as _

from perennial.config import output
from perennial.config.commands.revenue.periods import PERIOD
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
    from perennial.config.commands.revenue.ledger import today
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
    _show(named, asked, found.to_pylist(), as_csv=as_csv)


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


def _show(named: Named, asked: Asked, rows: Iterable[dict[str, Any]], *, as_csv: bool) -> None:
    by = asked.by.value
    received_by = (asked.received_by or asked.today).isoformat()
    columns = ("period_start", "period_end", by, "value", "coverage", "as_of", "received_by")
    shown = list(_rows(named, rows, by=by, received_by=received_by))
    if output.is_json():
        output.document(shown)
    elif as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow((*columns, "reason"))
        for row in shown:
            cells = [row[name] for name in (*columns, "reason")]
            cells[2:3] = neutral(cells[2:3])
            writer.writerow("" if cell is None else cell for cell in cells)
    else:
        first = [[row[name] for name in columns] for row in shown[:MOST_SHOWN]]
        output.table(columns, first, is_wide=True)
        if len(shown) > MOST_SHOWN:
            more = len(shown) - MOST_SHOWN
            output.notice(_("… and {count} more: --csv prints all.").format(count=more))


def _rows(
    named: Named, rows: Iterable[dict[str, Any]], *, by: str, received_by: str
) -> Iterator[dict[str, Any]]:
    """Rows as they are printed: days as text, whole numbers without a decimal point."""
    whole = named.metric.is_whole
    unknown = str(named.metric.unknown or "")
    unobserved = _("Nothing was observed in this time.")
    for row in rows:
        value = row["value"]
        if isinstance(value, date):
            value = value.isoformat()
        elif whole and value is not None and value == int(value):
            value = int(value)
        reason = None
        if value is None:
            reason = unknown if row["coverage"] else unobserved
        yield {
            "period_start": row["period_start"].isoformat(),
            "period_end": row["period_end"].isoformat(),
            by: row[by],
            "value": value,
            "coverage": round(row["coverage"], 6),
            "as_of": row["as_of"].isoformat(),
            "received_by": received_by,
            "reason": reason,
        }

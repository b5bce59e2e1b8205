"""`perennial run`: compute the day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

import click
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from perennial.config import output
from perennial.units.progress import Progress

WAIT_SECONDS = 120.0  # the worker may be at it


@click.command(
    short_help=_("Compute the day"),
    help=_(
        "Compute the day: new events, daily activity, revenue, health, alerts, the queue.\n\n"
        "Safe to repeat and to interrupt: a second run goes on where the first one stopped, "
        "and changes nothing when nothing is new."
    ),
)
@click.option(
    "--day",
    "asked",
    type=click.DateTime(["%Y-%m-%d"]),
    help=_("State at the end of this day; missing days before it are filled. Default: yesterday."),
)
def command(asked: datetime | None) -> None:
    from perennial.config import pipeline
    from perennial.team.days import last_day

    results = pipeline.run(day=_day(asked), watch=watch, wait_seconds=WAIT_SECONDS)
    for result in results:
        output.say(_sentence(result))
    if (shown := last_day()) and shown > results[-1].day:
        output.notice(
            _("The pages go on showing {day}, the latest day computed.").format(day=shown)
        )
    output.document({"days": results})


def _day(asked: datetime | None) -> date:
    from django.conf import settings

    from perennial.units.moment import business_day, last_complete_day

    now, zone = datetime.now(UTC), settings.PERENNIAL_TIME_ZONE
    if asked is None:
        return last_complete_day(now, zone)
    if asked.date() > business_day(now, zone):
        raise click.UsageError(_("{day} is in the future.").format(day=asked.date()))
    return asked.date()


@contextmanager
def watch(day: date, title: Promise) -> Iterator[Progress]:
    """Draw the progress of one step of one day."""
    with output.progress(f"{day} · {title}") as progress:
        yield progress


def _sentence(result: object) -> str:
    from perennial.config.pipeline import DayResult

    assert isinstance(result, DayResult)
    if result.nothing_new:
        return _("{day}: nothing new").format(day=result.day)
    work = result.counts.get("work", {})
    details = ", ".join(f"{name} {count:,}" for name, count in work.items())
    done = _("{day}: done").format(day=result.day)
    return f"{done} ({details})" if details else done

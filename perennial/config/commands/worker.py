"""`perennial worker`: the work behind the pages; one at a time holds the lease."""

from __future__ import annotations

import signal
import time
from datetime import UTC, datetime

import click
from django.utils.translation import gettext as _

from perennial.config import output

TICK_SECONDS = 5.0


@click.command(
    short_help=_("Do the work behind the pages"),
    help=_(
        "Do the work behind the pages: the day at PERENNIAL_DAY_AT, and missed days.\n\n"
        "`serve` starts one by itself. Several may run; one works, the others stand by."
    ),
)
def command() -> None:
    from perennial.config import day_loop
    from perennial.team.lease import hold
    from perennial.units.errors import Busy

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    started = datetime.now(UTC)
    while True:
        try:
            with hold("worker"):
                output.notice(_("The worker is at work."))
                failed_at: datetime | None = None
                while True:
                    failed_at = day_loop.tick(started=started, failed_at=failed_at)
                    time.sleep(TICK_SECONDS)
        except Busy:
            time.sleep(TICK_SECONDS)

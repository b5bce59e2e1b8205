"""`perennial worker`: the work behind the pages; one at a time holds the lease."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime

import click
from django.utils.translation import gettext as _

from perennial.config import output

TICK_SECONDS = 5.0


@click.command(
    short_help=_("Do the work behind the pages"),
    help=_(
        "Do the work behind the pages: events from the inbox into the store, the day at "
        "PERENNIAL_DAY_AT, missed days, and mails.\n\n"
        "`serve` starts one by itself. Several may run; one works, the others stand by."
    ),
)
@click.option("--beside", type=int, hidden=True, help="End when the process of this id ends.")
def command(beside: int | None) -> None:
    from perennial.team.lease import hold
    from perennial.units.errors import Busy

    signal.signal(signal.SIGTERM, _end)  # a day that is cut off is resumed later
    while beside is None or os.getppid() == beside:
        try:
            with hold("worker"):
                _work(beside)
        except Busy:  # another one is at work; this one stands by
            time.sleep(TICK_SECONDS)


def _work(beside: int | None) -> None:
    from perennial.config import (
        bulk,
        day_loop,
        enrol_loop,
        inbox_loop,
        loops,
        mailbox_loop,
        post_loop,
        tidying,
    )

    output.notice(_("The worker is at work."))
    started, failed_at = datetime.now(UTC), None
    turns: dict[str, Callable[[], bool]] = {
        "inbox-loader": inbox_loop.turn,
        "bulk-loader": bulk.turn,  # large files delay no events
        "postman": post_loop.turn,
        "channel-postman": post_loop.channels_turn,
        "mailbox": mailbox_loop.turn,
        "tidier": tidying.turn,
        "enroller": enrol_loop.turn,
    }
    with loops.running(turns):
        while beside is None or os.getppid() == beside:
            failed_at = day_loop.tick(started=started, failed_at=failed_at)
            time.sleep(TICK_SECONDS)


def _end(_signal: int, _frame: object) -> None:
    raise SystemExit(0)

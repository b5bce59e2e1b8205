"""The inbox: accepted events get into the store, and nothing in it is damaged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from perennial.config import faults
from perennial.config.doctor.finding import Finding, Level
from perennial.events.queries.intake import DAMAGED, intake_state
from perennial.units.errors import PerennialError

WAITS_LONG = timedelta(minutes=10)
TORN_LATELY = timedelta(days=7)


def loading() -> Iterator[Finding]:
    """What was accepted is loaded within moments."""
    state, now = intake_state(), datetime.now(UTC)
    if state.fault:
        error = PerennialError(state.fault, params=state.fault_params)
        yield Finding(
            "loading_failed",
            _("Accepted events wait, loading them fails: {reason}").format(
                reason=faults.sentence(error)
            ),
            _("Nothing is lost. Mend the cause; the worker tries again by itself."),
        )
    elif state.oldest_waiting_at and now - state.oldest_waiting_at > WAITS_LONG:
        since = state.oldest_waiting_at.astimezone(settings.PERENNIAL_TIME_ZONE)
        yield Finding(
            "inbox_waits",
            _("Accepted events wait in the inbox since {moment} ({megabytes:.1f} MB).").format(
                moment=f"{since:%Y-%m-%d %H:%M}", megabytes=state.waiting_bytes / 1e6
            ),
            _("Start `perennial serve` or `perennial worker`; `perennial run` loads them, too."),
        )


def losses() -> Iterator[Finding]:
    """Damage by the disk is kept aside; what was torn by a kill was never answered."""
    state = intake_state()
    if state.damaged_segments:
        yield Finding(
            "inbox_damaged",
            _("{count} segments of the inbox were damaged; what was whole is loaded.").format(
                count=state.damaged_segments
            ),
            _("Look at the disk. The files are kept in {folder}; delete them when done.").format(
                folder=settings.PERENNIAL_HOME / "inbox" / DAMAGED
            ),
        )
    if state.torn_at and datetime.now(UTC) - state.torn_at < TORN_LATELY:
        yield Finding(
            "inbox_torn",
            _("{bytes} bytes were cut off before they were answered, last on {day}.").format(
                bytes=state.torn_bytes, day=state.torn_at.date()
            ),
            _("A process was killed while it wrote. Clients send such requests again."),
            Level.ADVICE,
        )

"""Look into the mailbox: what is new becomes touches; each is marked as seen once it is kept."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Q

from perennial.connectors.mailbox import actions, queries, server
from perennial.connectors.mailbox.letter import read
from perennial.connectors.mailbox.models import HeldMail
from perennial.team.models import InstallationFact
from perennial.units.errors import EnvironmentFault

log = logging.getLogger("perennial.mailbox")

AT_ONCE = 50
KEPT = timedelta(days=90)


def poll(clock: Callable[[], datetime]) -> int:
    """Take what is new; how many mails. A mailbox that fails is noted, and never raises."""
    if not queries.is_set_up():
        return 0
    try:
        found = server.server(settings.PERENNIAL_IMAP_URL)
        taken = _take_all(found, clock)
    except (*server.Faults, EnvironmentFault) as error:
        _note(str(error) or type(error).__name__, now=clock())
        return 0
    _note("", now=clock())
    done = Q(decided_at__isnull=False) | Q(user__isnull=True)  # what waits for somebody stays
    HeldMail.objects.filter(done, held_at__lt=clock() - KEPT).delete()
    return taken


def _take_all(found: server.Server, clock: Callable[[], datetime]) -> int:
    taken = 0
    with server.opened(found) as box:
        for arrived in server.unseen(box, limit=AT_ONCE):
            _take(arrived, now=clock())
            server.mark_seen(box, arrived)
            taken += 1
    return taken


def _take(arrived: server.Arrived, *, now: datetime) -> None:
    try:
        actions.take(read(arrived.content), is_whole=arrived.is_whole, at=now)
    except DatabaseError:
        raise  # it stays unseen, and comes again
    except Exception:
        log.exception("a mail could not be read")
        actions.hold_unreadable(sha256(arrived.content).hexdigest()[:40], at=now)


def _note(error: str, *, now: datetime) -> None:
    """How it went, for the page and for doctor; the log tells it once."""
    known = queries.state()
    state = {"looked_at": now.isoformat()}
    if error:
        state |= {"failed_since": known.get("failed_since", now.isoformat()), "error": error[:300]}
        state["looked_at"] = known.get("looked_at", "")
        if "failed_since" not in known:
            log.error("the mailbox cannot be read: %s", error[:300])
    InstallationFact.objects.update_or_create(name=queries.STATE, defaults={"value": state})

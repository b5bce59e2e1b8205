"""When somebody is told, and when a message that did not leave is tried again.

1. Everything stands in the inbox at once; beside it each reader chooses per topic: a mail at
   once, a line in the morning digest, or nothing. STANDARD holds until somebody chooses.
2. An alert is told at once only where most is at stake: among the highest tenth of what the
   reader answers for, and at most three a day.
3. What falls into somebody's quiet hours leaves when they end; nothing is lost.
4. What was not taken is tried again after 1, 5, 30 minutes, then every 2 hours for two days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

STANDARD: Mapping[str, str] = {  # topic: how
    "digest": "digest",
    "alert": "at_once",
    "mention": "at_once",
    "assigned": "digest",
    "handover": "at_once",
    "playbook": "digest",
    "share": "at_once",
    "system": "at_once",
}
INSTANT_SHARE = Decimal("0.1")
INSTANT_A_DAY = 3
RETRY_AFTER = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
RETRY_LATER = timedelta(hours=2)
GIVE_UP_ATTEMPTS = len(RETRY_AFTER) + 24  # two days


def retry_after(attempts: int) -> timedelta | None:
    """How long to wait after so many attempts that failed; None: given up."""
    if attempts >= GIVE_UP_ATTEMPTS:
        return None
    return RETRY_AFTER[attempts - 1] if attempts <= len(RETRY_AFTER) else RETRY_LATER


def instant_from(stakes: Iterable[Decimal]) -> Decimal | None:
    """The amount from which an alert is told at once: the least of the highest tenth (at least
    one) of what the reader answers for. None: no amount is known, so nothing is."""
    ranked: Sequence[Decimal] = sorted((it for it in stakes if it > 0), reverse=True)
    if not ranked:
        return None
    return ranked[max(int(len(ranked) * INSTANT_SHARE), 1) - 1]


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours, in business time, in which nothing leaves; over midnight when they end before they
    begin."""

    from_at: time | None = None
    until_at: time | None = None
    weekends: bool = False


def after_quiet(moment: datetime, quiet: Quiet, zone: ZoneInfo) -> datetime:
    """The first moment, not before `moment`, that is not in somebody's quiet hours."""
    local = moment.astimezone(zone)
    while (end := _end_of_quiet(local, quiet)) is not None:
        local = end
    return moment if local <= moment else local.astimezone(moment.tzinfo)


def _end_of_quiet(local: datetime, quiet: Quiet) -> datetime | None:
    if quiet.weekends and local.weekday() >= 5:
        monday = local.date() + timedelta(days=7 - local.weekday())
        return datetime.combine(monday, time(), local.tzinfo)
    begins, ends = quiet.from_at, quiet.until_at
    if begins is None or ends is None:
        return None
    now = local.time()
    today = datetime.combine(local.date(), ends, local.tzinfo)
    if begins < ends:
        return today if begins <= now < ends else None
    if now >= begins:
        return today + timedelta(days=1)
    return today if now < ends else None

"""When somebody is told, and when a mail that did not leave is tried again.

1. Everything stands in the inbox; a mail comes once a day, as a digest.
2. An alert is told at once only where most is at stake: among the highest tenth of what the
   reader answers for, and at most three a day.
3. A mail that a server did not take is tried again after 1, 5, 30 minutes, then every 2 hours;
   after two days it is given up, and stays to be seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal

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

"""What fell due in a window of the whole company, and how much of it is never asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from perennial.contracts.queries.ledger import ledger_state
from perennial.revenue.queries.clock import Clock
from perennial.revenue.queries.renewals import renewals_of
from perennial.revenue.queries.sources import Key, source
from perennial.revenue.rules.prepaid import Prepaid
from perennial.revenue.rules.renewal import RenewalRates
from perennial.team.access import Page, require
from perennial.team.models import User
from perennial.units.period import Period


@dataclass(frozen=True, slots=True)
class Due:
    """The raw rates of a window, and what is prepaid or bought out."""

    rates: RenewalRates
    prepaid: Prepaid


class _Asked(Key):
    """The same for everybody who may see the company's revenue: the asker is no part of the key."""

    def __init__(self, user: User, clock: Clock) -> None:
        super().__init__(source(clock.known_on))
        self.user = user


def due_of(user: User, period: Period, *, clock: Clock, today: date) -> Due:
    """Of the whole company; raises PermissionDenied for those who see only their own book."""
    require(user, Page.COMPANY_REVENUE)
    return _due(_Asked(user, clock), period, clock, today, ledger_state())


@lru_cache(maxsize=8)
def _due(
    asked: _Asked, period: Period, clock: Clock, today: date, _state: tuple[object, ...]
) -> Due:
    found = renewals_of(asked.user, period, clock=clock, today=today)
    return Due(found.report.raw, found.prepaid)

"""What every tab of revenue reads from its address and shows around its figures."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from perennial.revenue.forms import clock_query, read_clock
from perennial.revenue.queries.clock import Clock, definitions_at, last_shown_day
from perennial.revenue.sections import tabs
from perennial.revenue.wording.questions import active
from perennial.team.access import Page, can
from perennial.team.request import who
from perennial.units.moment import business_day


def last_on() -> date:
    """The last computed day: no figure is of a later one."""
    return last_shown_day(now=timezone.now())


def clock_of(request: HttpRequest) -> Clock:
    """The two clocks of the address, `?as_of=…&known_at=…`."""
    today = business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)
    return read_clock(request.GET, last_on=last_on(), today=today)


def frame(request: HttpRequest, clock: Clock) -> dict[str, Any]:
    """Tabs, the clocks with their strip (`revenue/_clock.html`), currency, whose figures."""
    user = who(request)
    used = definitions_at(clock.known_on)
    return {
        "sections": tabs(request, user, clock_query=clock_query(clock)),
        "clock": clock,
        "clock_query": clock_query(clock),
        "definitions": used,
        "definitions_used": [(it.title, value, ours) for it, value, ours in active(used)],
        "today": business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE),
        "currency": settings.PERENNIAL_CURRENCY,
        "is_company": can(user, Page.COMPANY_REVENUE),
        "can_export": can(user, Page.EXPORT),
        "can_decide": can(user, Page.REVENUE_DECISIONS),
    }

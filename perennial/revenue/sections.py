"""The tabs of revenue, in their order; one whose page does not exist or may not be opened is
left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.team.access import Page, can
from perennial.team.models import User

SECTIONS: Final[tuple[tuple[str, str | Promise, Page], ...]] = (
    ("revenue:revenue", pgettext_lazy("revenue tab", "Movements"), Page.REVENUE),
    ("revenue:cohorts", _("Cohorts"), Page.REVENUE),
    ("revenue:renewals", _("Renewal rates"), Page.REVENUE),
    ("revenue:economics", _("Unit economics"), Page.COMPANY_REVENUE),
    ("revenue:expansion", pgettext_lazy("revenue tab", "Expansion"), Page.REVENUE),
    ("revenue:planner", _("Planner"), Page.REVENUE),
    ("revenue:closes", _("Closes"), Page.COMPANY_REVENUE),
    ("revenue:definitions", pgettext_lazy("revenue tab", "Definitions"), Page.REVENUE),
)


_BELOW = {  # page: the tab that it belongs to
    "revenue:close": "revenue:closes",
    "revenue:define": "revenue:definitions",
    "revenue:rate": "revenue:definitions",
    "revenue:exclusion": "revenue:renewals",
}


@dataclass(frozen=True, slots=True)
class Tab:
    href: str
    label: str | Promise
    is_current: bool


def tabs(request: HttpRequest, user: User, *, clock_query: str = "") -> list[Tab]:
    """What `revenue/_tabs.html` draws; every tab keeps the clocks of the address."""
    current = request.resolver_match.view_name if request.resolver_match else ""
    found = []
    for name, label, page in SECTIONS:
        try:
            href = reverse(name)
        except NoReverseMatch:
            continue
        if can(user, page):
            is_current = name in (current, _BELOW.get(current))
            clocked = f"{href}?{clock_query[1:]}" if clock_query else href
            found.append(Tab(clocked, label, is_current))
    return found

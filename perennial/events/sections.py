"""The tabs of the data sources; one whose page does not exist or may not be opened is left out."""

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
    ("events:sources", pgettext_lazy("data tab", "Sources"), Page.DATA_QUALITY),
    ("events:live", pgettext_lazy("data tab", "Live"), Page.SOURCES),
    ("events:rejects", pgettext_lazy("data tab", "Rejects"), Page.SOURCES),
    ("events:unattributed", _("Unattributed"), Page.SOURCES),
    ("events:quality", _("Data quality"), Page.DATA_QUALITY),
    ("events:features", pgettext_lazy("data tab", "Features"), Page.METRIC_DEFINITIONS),
)
_BELOW: Final = {  # page: the tab that it belongs to
    "events:add": "events:sources",
    "events:source": "events:sources",
    "events:rotate": "events:sources",
}


@dataclass(frozen=True, slots=True)
class Tab:
    href: str
    label: str | Promise
    is_current: bool


def tabs(request: HttpRequest, user: User) -> list[Tab]:
    """What `events/_tabs.html` draws."""
    current = request.resolver_match.view_name if request.resolver_match else ""
    found = []
    for name, label, page in SECTIONS:
        try:
            href = reverse(name)
        except NoReverseMatch:
            continue
        if can(user, page):
            found.append(Tab(href, label, name in (current, _BELOW.get(current))))
    return found

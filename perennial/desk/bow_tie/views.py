"""The page of the bow-tie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET

from perennial.desk.bow_tie.picture import drawn
from perennial.desk.bow_tie.queries import bow_tie
from perennial.desk.bow_tie.rules import Part, Stage
from perennial.desk.queries import as_of
from perennial.team.access import Page, require
from perennial.team.request import who
from perennial.web import formats

TITLES: Final[Mapping[Stage, Promise]] = {
    Stage.WON: pgettext_lazy("bow-tie", "Won"),
    Stage.ACTIVE: pgettext_lazy("bow-tie", "Active"),
    Stage.LOYAL: pgettext_lazy("bow-tie", "Loyal"),
    Stage.PROMOTER: pgettext_lazy("bow-tie", "Promoter"),
    Stage.RENEWED: pgettext_lazy("bow-tie", "Renewed"),
    Stage.EXPANDED: pgettext_lazy("bow-tie", "Expanded"),
}
MEANINGS: Final[Mapping[Stage, Promise]] = {
    Stage.WON: pgettext_lazy("bow-tie", "in service"),
    Stage.ACTIVE: pgettext_lazy("bow-tie", "the north star is met"),
    Stage.LOYAL: pgettext_lazy("bow-tie", "active, and renewed at least once"),
    Stage.PROMOTER: pgettext_lazy("bow-tie", "the newest NPS answer is 9 or 10"),
    Stage.RENEWED: pgettext_lazy("bow-tie", "of the renewals decided in 365 days"),
    Stage.EXPANDED: pgettext_lazy("bow-tie", "pays more per month than 365 days ago"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A stage in words."""

    part: Part
    title: str
    meaning: str
    conversion: str


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    user = who(request)
    require(user, Page.CUSTOMERS)
    day = as_of()
    parts = bow_tie(user, day=day)
    rows = [_row(it) for it in parts]
    said = ", ".join(f"{it.title} {formats.number(it.part.count)}" for it in rows)
    picture = drawn(
        [(it.title, it.part.count, it.conversion) for it in rows[:4]],
        title=_("Bow-tie"),
        description=said,
    )
    context = {"rows": rows, "picture": picture, "day": day, "is_empty": not parts[0].count}
    return render(request, "desk/bow_tie.html", context)


def _row(part: Part) -> Row:
    rate = part.conversion_rate
    shown = "" if part.stage is Stage.WON else formats.percent(rate)
    return Row(part, str(TITLES[part.stage]), str(MEANINGS[part.stage]), shown)

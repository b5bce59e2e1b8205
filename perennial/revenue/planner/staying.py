"""How long customers stay, written out for the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from perennial.revenue.rules.staying import Staying
from perennial.web.formats import UNKNOWN, number, percent

AGES: Final = (12, 24, 36)  # months
MOST_INDUSTRIES: Final = 6


@dataclass(frozen=True, slots=True)
class StayingRow:
    """`cells`: the share that stays so long, with its interval; a dash beyond what was seen."""

    title: str
    n: str
    left: str
    cells: list[tuple[str, str]]
    median: str


def told(everybody: Staying, industries: Mapping[str, Staying]) -> dict[str, Any] | None:
    """None when nobody was seen long enough to say anything."""
    if not everybody.n:
        return None
    groups = list(industries.items())[:MOST_INDUSTRIES]
    rows = [_row(_("All customers"), everybody), *(_row(name, it) for name, it in groups)]
    definition = _(
        "Kaplan–Meier: customers that still pay count as long as they were seen, and so do those "
        "whose renewal is pending. Small figures: 95% interval. A dash: nobody was seen so long."
    )
    return {
        "definition": definition,
        "ages": [_("%(n)s months") % {"n": age} for age in AGES],
        "rows": rows,
    }


def _row(title: str, found: Staying) -> StayingRow:
    cells = []
    for age in AGES:
        point = found.at(age)
        share = UNKNOWN if point is None else percent(point.survival)
        spread = "" if point is None else f"{percent(point.low)}–{percent(point.high)}"
        cells.append((share, spread))
    median = UNKNOWN
    if found.median is not None:
        median = _("%(n)s months") % {"n": number(found.median)}
    elif found.n:
        median = _("more than %(n)s months") % {"n": int(found.longest)}
    return StayingRow(title, number(found.n), number(found.left), cells, median)

"""What the address asks for: which period, which kind of movement."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from django.http import QueryDict

from perennial.revenue.rules import Movement
from perennial.units.period import ONE_DAY, Grain, Period, period_of

GRAINS: Final = (Grain.MONTH, Grain.QUARTER, Grain.YEAR)
LABELS: Final = {
    Grain.MONTH: re.compile(r"(\d{4})-(0[1-9]|1[0-2])"),
    Grain.QUARTER: re.compile(r"(\d{4})-Q([1-4])"),
    Grain.YEAR: re.compile(r"(\d{4})"),
}
MONTHS: Final = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}


@dataclass(frozen=True, slots=True)
class Tab:
    """A way to the same days in another grain."""

    grain: Grain
    label: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """The period on the screen, never beyond the last computed day. `earlier` and `later` are
    labels for the address; `later` is empty at the end of what is known."""

    grain: Grain
    period: Period
    is_running: bool  # the period is cut at the last computed day
    earlier: str
    later: str
    kind: Movement | None = None

    @property
    def tabs(self) -> list[Tab]:
        last = self.period.last_on
        return [Tab(it, period_of(last, it).label, it is self.grain) for it in GRAINS]

    @property
    def query(self) -> str:
        return f"grain={self.grain}&period={self.period.label}"


def read(query: QueryDict, *, as_of: date) -> Shown:
    """The period asked for; the last complete month when nothing (or nonsense) is asked."""
    asked = query.get("grain", "")
    grain = next((one for one in GRAINS if one == asked), Grain.MONTH)
    first = _first_day(query.get("period", ""), grain)
    if first is None or first > as_of:
        first = _last_complete(as_of, grain)
    whole = period_of(first, grain)
    following = whole.last_on + ONE_DAY
    asked_kind = query.get("kind", "")
    return Shown(
        grain=grain,
        period=replace(whole, last_on=min(whole.last_on, as_of)),
        is_running=whole.last_on > as_of,
        earlier=period_of(whole.eve_on, grain).label,
        later=period_of(following, grain).label if following <= as_of else "",
        kind=next((kind for kind in Movement if kind == asked_kind), None),
    )


def _first_day(label: str, grain: Grain) -> date | None:
    match = LABELS[grain].fullmatch(label)
    if match is None or not 1900 <= int(match[1]) <= 9000:
        return None
    number = int(match[2]) if match.lastindex == 2 else 1
    return date(int(match[1]), (number - 1) * MONTHS[grain] + 1, 1)


def _last_complete(as_of: date, grain: Grain) -> date:
    """First day of the period that ended on or before `as_of`; a year runs until it is over,
    so the running one is more telling there."""
    current = period_of(as_of, grain)
    if current.last_on == as_of or grain is Grain.YEAR:
        return current.first_on
    return period_of(current.eve_on, grain).first_on

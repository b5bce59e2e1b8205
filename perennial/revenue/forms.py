"""What the address asks for (which period, which kind of movement, which clocks), and what people
fill in."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from perennial.revenue.queries.clock import Clock
from perennial.revenue.rules import Movement, Report
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
    clock_query: str = ""  # the clocks, as they stand in the address
    report: Report = Report.NET

    @property
    def tabs(self) -> list[Tab]:
        last = self.period.last_on
        return [Tab(it, period_of(last, it).label, it is self.grain) for it in GRAINS]

    @property
    def query(self) -> str:
        report = "&report=activity" if self.report is Report.ACTIVITY else ""
        return f"grain={self.grain}&period={self.period.label}{report}{self.clock_query}"


def read_clock(query: QueryDict, *, last_on: date, today: date) -> Clock:
    """`?as_of=…&known_at=…`: both are days. `last_on` is the last computed day; figures are never
    of a later one. Knowledge of today, of a later day or of nonsense is that of now (None)."""
    as_of, known_on = _day(query.get("as_of", "")), _day(query.get("known_at", ""))
    return Clock(
        as_of=min(as_of, last_on) if as_of else last_on,
        known_on=known_on if known_on and known_on < today else None,
        last_on=last_on,
    )


def clock_query(clock: Clock) -> str:
    """The clocks for an address, beginning with &; empty when both show now."""
    as_of = f"&as_of={clock.as_of}" if clock.is_cut else ""
    known_at = f"&known_at={clock.known_on}" if clock.known_on else ""
    return as_of + known_at


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1900 <= found.year <= 9000 else None


def read(query: QueryDict, *, as_of: date, clock_query: str = "") -> Shown:
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
        clock_query=clock_query,
        report=Report.ACTIVITY if query.get("report") == Report.ACTIVITY else Report.NET,
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


class RateForm(forms.Form):
    """A rate to the company's currency; withdrawing needs no rate."""

    currency = forms.CharField(
        label=_("Currency"),
        max_length=3,
        widget=forms.TextInput(attrs={"placeholder": "USD", "autocomplete": "off"}),
    )
    rate = forms.DecimalField(
        label=_("Rate"),
        max_digits=20,
        decimal_places=10,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    effective_on = forms.DateField(
        label=_("From"),
        required=False,
        help_text=_("Only for a spot rate; the plan rate has no day."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.fields["rate"].required = not (data and "withdraw" in data)


def read_period(label: str) -> Period | None:
    """The period that a label (2025-01, 2025-Q1, 2025) names."""
    for grain in GRAINS:
        first = _first_day(label, grain)
        if first is not None:
            return period_of(first, grain)
    return None


class CloseForm(forms.Form):
    """A period to close, as known on a day."""

    period = forms.ChoiceField(label=_("Period"))
    known_on = forms.DateField(
        label=_("As known on"),
        help_text=_("What was recorded up to the end of this day counts."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=500)

    def __init__(
        self, data: QueryDict | None = None, *, last_on: date, known_on: date, chosen: str = ""
    ) -> None:
        super().__init__(data, initial={"known_on": known_on, "period": chosen})
        options = [(label, label) for label in finished(last_on)]
        cast(forms.ChoiceField, self.fields["period"]).choices = options


def finished(last_on: date, *, months: int = 36) -> list[str]:
    """Labels of the periods over by `last_on`, the latest first: months, quarters and years of
    the last three years."""
    found: list[str] = []
    for grain in GRAINS:
        day = last_on + ONE_DAY
        for _step in range(months // MONTHS[grain]):
            period = period_of(period_of(day, grain).eve_on, grain)
            found.append(period.label)
            day = period.first_on
    return found

"""When the demo company closes its books (封账), and the order that was written down too late."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from perennial.demo.company.model import Customer
from perennial.units.period import ONE_DAY, Period, add_months

CLOSED = 3  # the last months
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Closing:
    """A month that was closed with what was known by the end of `known_on`."""

    month: Period
    known_on: date


def closings(end_on: date) -> list[Closing]:
    """The last months whose closing day, the first Monday to Friday from the fifth on, is over."""
    running_on = (end_on + ONE_DAY).replace(day=1)
    months = [add_months(running_on, -back) for back in range(CLOSED + 1, 0, -1)]
    found = [_closing(month_on) for month_on in months]
    return [closing for closing in found if closing.known_on <= end_on][-CLOSED:]


def _closing(month_on: date) -> Closing:
    following_on = add_months(month_on, 1)
    known_on = following_on.replace(day=5)
    known_on += timedelta(days=(7 - known_on.weekday()) % 7 if known_on.weekday() > 4 else 0)
    return Closing(Period(f"{month_on:%Y-%m}", month_on, following_on - ONE_DAY), known_on)


def record_late(stories: Sequence[Customer], *, end_on: date) -> None:
    """The largest add-on (else downsell) of the last closed month comes in only after its close:
    what was reported differs from what is known now."""
    closed = [closing for closing in closings(end_on) if closing.known_on < end_on]
    if not closed:
        return
    last = closed[-1]
    found = [
        (order.kind == "addon", abs(order.recurring_amount or 0), story.index, place)
        for story in stories
        for place, order in enumerate(story.orders)
        if order.kind in ("addon", "downsell")
        and last.month.first_on <= order.start_on <= last.month.last_on
        and order.recorded_at.date() <= last.known_on
    ]
    if found:
        *_, index, place = max(found)
        orders = stories[index].orders
        recorded_on = min(last.known_on + WEEK, end_on)
        orders[place] = replace(
            orders[place], recorded_at=datetime.combine(recorded_on, time(16, 20))
        )

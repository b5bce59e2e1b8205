"""The chart of a source's last hours: what was taken, and on top what was refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from perennial.events.rules.arrivals import Sums
from perennial.web.charts.svg import Scale, element, figure, joined, text, ticks
from perennial.web.formats import number

WIDTH, HEIGHT = 640, 150
LEFT, RIGHT, TOP, BOTTOM = 44, 6, 8, 126


def hours_chart(hours: Sequence[tuple[datetime, Sums]]) -> SafeString:
    """A column per hour, in business time; every sixth hour is named."""
    most = max((sums.accepted + sums.rejected for _at, sums in hours), default=0)
    steps = [step for step in ticks(0, most or 1, 3) if step == int(step)]
    up = Scale(0, steps[-1], BOTTOM, TOP)
    across = Scale(0, len(hours), LEFT, WIDTH - RIGHT)
    wide = (WIDTH - RIGHT - LEFT) / len(hours) - 1.5
    parts = []
    for step in steps:
        y = up(step)
        parts.append(element("line", {"x1": LEFT, "x2": WIDTH, "y1": y, "y2": y, "class": "gl"}))
        parts.append(text(LEFT - 6, y + 3.5, number(step), "ax", "end"))
    for index, (at, sums) in enumerate(hours):
        x, local = across(index), timezone.localtime(at)
        if local.hour % 6 == 0:
            label = local.strftime("%m-%d") if local.hour == 0 else local.strftime("%H:%M")
            parts.append(text(x + wide / 2, HEIGHT - 8, label, "ax"))
        if sums.accepted or sums.rejected:
            parts.append(_column(x, wide, sums, up, _told(local, sums)))
    return figure("hours", WIDTH, HEIGHT, joined(parts), title=_("Events by hour of arrival"))


def _column(x: float, wide: float, sums: Sums, up: Scale, told: str) -> SafeString:
    taken = {"x": x, "width": wide, "y": up(sums.accepted), "height": BOTTOM - up(sums.accepted)}
    high = up(sums.accepted + sums.rejected)
    refused = {"x": x, "width": wide, "y": high, "height": up(sums.accepted) - high}
    shapes = [element("title", {}, told)]
    if sums.accepted:
        shapes.append(element("rect", {"class": "ink", **taken}))
    if sums.rejected:
        shapes.append(element("rect", {"class": "bad", **refused}))
    return element("g", {}, *shapes)


def _told(at: datetime, sums: Sums) -> str:
    return _("%(time)s: %(accepted)s accepted, %(rejected)s rejected") % {
        "time": at.strftime("%m-%d %H:%M"),
        "accepted": number(sums.accepted),
        "rejected": number(sums.rejected),
    }


SQUARE, STEP = 5.0, 6.5


def days_strip(days: Sequence[bool | None], first_on: date, *, label: str) -> SafeString:
    """A small square per day: covered, missing, or before the feed began."""
    shapes = []
    for index, covered in enumerate(days):
        tone = "na" if covered is None else "good" if covered else "bad"
        box = {"x": index * STEP, "y": 2.0 if covered else 0.0, "width": SQUARE}
        told = element("title", {}, (first_on + timedelta(days=index)).isoformat())
        high = 10.0 if covered else 14.0  # colour is never alone
        shapes.append(element("rect", {**box, "height": high, "rx": 1, "class": tone}, told))
    width = len(days) * STEP
    root: dict[str, object] = {"class": "days", "viewBox": f"0 0 {width} 14", "role": "img"}
    return element("svg", root | {"width": width, "height": 14, "aria-label": label}, *shapes)

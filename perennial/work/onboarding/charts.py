"""Drawn on the server: the phases of a delivery, plan above and fact beneath; shares of customers
with their first value."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from perennial.web import formats
from perennial.web.charts.svg import Scale, element, figure, joined, text
from perennial.work.onboarding.queries.deliveries import Delivery, Part
from perennial.work.onboarding.rules.delivery import Lag
from perennial.work.onboarding.rules.first_value import FirstValue
from perennial.work.onboarding.wording import LAGS

SIGNS: Final = {  # never colour alone
    Lag.DONE: "✓",
    Lag.DONE_LATE: "✓",
    Lag.LATE: "!",
    Lag.CURRENT: "▸",
    Lag.AHEAD: "",
}
STEP, BAR_HEIGHT = 40, 22
WIDTH, LABEL, ROW, HEAD = 760, 118, 34, 22
SHARE_WIDTH, SHARE_ROW, SHARE_LABEL, SHARE_FIGURE = 760, 28, 110, 130


def phase_bar(it: Delivery) -> SafeString:
    """Six steps in a row, each with its sign: for lists."""
    parts = []
    for at, part in enumerate(it.parts):
        tone = LAGS[part.lag][1] or "na"
        box = {"x": at * STEP + 1, "y": 1, "width": STEP - 3, "height": BAR_HEIGHT - 2, "rx": 4}
        parts.append(element("rect", {"class": f"ph {tone}", **box}))
        parts.append(text(at * STEP + STEP / 2, 15.5, SIGNS[part.lag], f"sg {tone}"))
    title = _("Phases of “%(title)s”") % {"title": it.project.title}
    told = ", ".join(_told(part) for part in it.parts)
    width = STEP * max(len(it.parts), 1)
    return figure("phasebar", width, BAR_HEIGHT, joined(parts), title=title, description=told)


def _told(part: Part) -> str:
    return f"{part.row.get_name_display()}: {LAGS[part.lag][0]}"


def phase_chart(it: Delivery, day: date) -> SafeString:
    """Along the calendar: a hollow bar is the plan, a filled one what happened; today is a line."""
    begin = it.project.started_on
    known = [on for part in it.parts for on in (part.row.planned_on, part.row.done_on) if on]
    end = max([day, *known])
    span = max((end - begin).days, 1)
    x = Scale(0, span, LABEL, WIDTH - 12)
    rows: list[SafeString] = []
    planned_from, done_from = begin, begin
    for at, part in enumerate(it.parts):
        y = HEAD + at * ROW
        tone = LAGS[part.lag][1] or "na"
        rows.append(text(0, y + 17, part.row.get_name_display(), "al", "start"))
        if part.row.planned_on:
            rows.append(_span(x, begin, planned_from, part.row.planned_on, y + 4, 9, "plan"))
            planned_from = part.row.planned_on
        if part.row.done_on:
            rows.append(_span(x, begin, done_from, part.row.done_on, y + 15, 9, tone))
            done_from = part.row.done_on
        elif part.row.name == it.current:
            rows.append(_span(x, begin, done_from, max(day, done_from), y + 15, 9, f"{tone} open"))
    height = HEAD + len(it.parts) * ROW
    now = x((day - begin).days)
    line = {"class": "now", "x1": now, "x2": now, "y1": HEAD - 4, "y2": height}
    rows.append(element("line", line))
    rows.append(text(LABEL, 12, formats.day(begin), "ax", "start"))
    rows.append(text(WIDTH - 12, 12, formats.day(end), "ax", "end"))
    title = _("Phases of “%(title)s”") % {"title": it.project.title}
    told = ", ".join(_told(part) for part in it.parts)
    return figure("phases", WIDTH, height, joined(rows), title=title, description=told)


def _span(
    x: Scale, begin: date, start: date, end: date, y: float, height: float, tone: str
) -> SafeString:
    left, right = x((start - begin).days), x((end - begin).days)
    box = {"x": left, "y": y, "width": max(right - left, 3.0), "height": height, "rx": 3}
    return element("rect", {"class": f"ph {tone}", **box})


def shares(groups: Sequence[tuple[str, FirstValue]]) -> SafeString | None:
    """The share with a first value within 30 days, with its interval; None: nothing is known."""
    if not any(it.within_rate is not None for _title, it in groups):
        return None
    x = Scale(0, 1, SHARE_LABEL, SHARE_WIDTH - SHARE_FIGURE)
    rows: list[SafeString] = []
    for at, (title, it) in enumerate(groups):
        y = at * SHARE_ROW
        rows.append(text(SHARE_LABEL - 10, y + 19, title, "al", "end"))
        if it.within_rate is None:
            words = _("not known yet, n = %(n)s") % {"n": formats.number(it.n)}
            rows.append(text(SHARE_LABEL, y + 19, words, "ax", "start"))
            continue
        right = x(it.within_rate)
        box = {"x": SHARE_LABEL, "y": y + 7, "width": max(right - SHARE_LABEL, 1.0)}
        rows.append(element("rect", {"class": "ink", **box, "height": 14, "rx": 3}))
        if it.low is not None and it.high is not None:
            whisker = {"class": "wh", "y1": y + 14, "y2": y + 14}
            rows.append(element("line", {**whisker, "x1": x(it.low), "x2": x(it.high)}))
        shown = f"{formats.percent(it.within_rate)} · n = {formats.number(it.n)}"
        place = max(right, x(it.high or 0)) + 8
        rows.append(text(place, y + 19, shown, "fig", "start"))
    return figure(
        "shares",
        SHARE_WIDTH,
        max(len(groups), 1) * SHARE_ROW,
        joined(rows),
        title=_("First value within 30 days"),
        description=_("Share of the customers that began, with its 95 % interval."),
    )

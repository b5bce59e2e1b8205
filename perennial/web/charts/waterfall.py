"""From the opening amount through what moved it to the closing amount."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.safestring import SafeString

from perennial.web.charts.svg import Scale, element, figure, joined, text, ticks
from perennial.web.formats import money

WIDTH, HEIGHT = 640, 280
LEFT, RIGHT, TOP, BOTTOM = 74, 636, 26, 244
Amount = Decimal | Fraction | int


@dataclass(frozen=True, slots=True)
class Step:
    """A total (opening, closing) or a change; `href` opens the list behind it."""

    label: str
    amount: Amount
    is_total: bool = False
    href: str = ""


def _spans(steps: Sequence[Step]) -> list[tuple[float, float]]:
    """Where each bar starts and ends."""
    level = 0.0
    spans = []
    for step in steps:
        start = 0.0 if step.is_total else level
        level = start + float(step.amount)
        spans.append((start, level))
    return spans


def axis_floor(steps: Sequence[Step]) -> float:
    """Where the axis starts: zero, unless the changes would be too small to see.

    A page that cuts the axis must say so beside the chart.
    """
    spans = _spans(steps)
    levels = [
        edge
        for step, span in zip(steps, spans, strict=True)
        for edge in span
        if not (step.is_total and edge == 0)
    ]
    low, high = min(levels, default=0.0), max(levels, default=0.0)
    if low <= 0 or high - low > 0.35 * high:
        return 0.0
    return max(0.0, float(ticks(low - (high - low) * 0.6, high)[0]))


def waterfall(
    steps: Sequence[Step], *, currency: str, title: str, description: str = ""
) -> SafeString:
    """Totals stand on the axis; rises and falls hang between, each with its signed figure."""
    spans = _spans(steps)
    floor = axis_floor(steps)
    marks = ticks(floor, max([edge for span in spans for edge in span], default=1.0))
    marks = [mark for mark in marks if mark >= min(0.0, floor) or mark >= floor]
    up = Scale(marks[0], marks[-1], BOTTOM, TOP)
    slot = (RIGHT - LEFT) / max(1, len(steps))
    thick = min(64.0, slot * 0.62)
    parts: list[SafeString] = []
    for mark in marks:
        y = up(mark)
        parts.append(element("line", {"class": "gl", "x1": LEFT, "x2": RIGHT, "y1": y, "y2": y}))
        parts.append(
            text(LEFT - 8, y + 4, money(Decimal(str(mark)), currency, short=True), "ax", "end")
        )
    for index, (step, (start, end)) in enumerate(zip(steps, spans, strict=True)):
        centre = LEFT + slot * (index + 0.5)
        parts.append(_bar(step, (start, end), up, centre, thick, currency))
        if index + 1 < len(steps):
            level = up(end)
            joint = {"x1": centre + thick / 2, "x2": centre + slot - thick / 2}
            parts.append(element("line", {"class": "joint", **joint, "y1": level, "y2": level}))
        parts.append(text(centre, HEIGHT - 14, step.label, "al"))
    return figure(
        "waterfall",
        WIDTH,
        HEIGHT,
        joined(parts),
        title=title,
        description=description,
        has_links=any(step.href for step in steps),
    )


def _tone(step: Step) -> str:
    if step.is_total:
        return "total"
    return "good" if step.amount > 0 else "bad" if step.amount < 0 else "na"


def _bar(
    step: Step,
    span: tuple[float, float],
    up: Scale,
    centre: float,
    thick: float,
    currency: str,
) -> SafeString:
    top, bottom = up(max(span)), up(max(min(span), up.low))
    tone = _tone(step)
    falling = tone == "bad"
    figure_y = bottom + 16 if falling else top - 7
    box = {
        "x": centre - thick / 2,
        "y": top,
        "width": thick,
        "height": max(1.5, bottom - top),
        "rx": 3,
    }
    words = money(step.amount, currency, sign=not step.is_total)
    bar = [
        element("rect", {"class": tone, **box}, element("title", {}, f"{step.label}: {words}")),
        text(centre, figure_y, words, f"fig {tone}"),
    ]
    if step.href:
        return element("a", {"href": step.href}, *bar)
    return joined(bar)

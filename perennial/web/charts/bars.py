"""Lists with bars: amounts side by side, and effects that push a score up or down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from perennial.web.charts.svg import Scale, element, figure, joined, text


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: its size decides the bar, `shown` is the figure beside it."""

    label: str
    size: float
    shown: str
    tone: str = "ink"


ROW = 28
WIDTH = 360
LABEL = 104
FIGURE = 58


def horizontal_bars(bars: Sequence[Bar], *, title: str, description: str = "") -> SafeString:
    """Bars from zero to the right, longest possible at the largest size."""
    reach = Scale(0, max([bar.size for bar in bars], default=1.0) or 1.0, 0, WIDTH - LABEL - FIGURE)
    rows = []
    for index, bar in enumerate(bars):
        y = index * ROW
        long = max(1.0, reach(max(0.0, bar.size)))
        box = {"x": LABEL, "y": y + 8, "width": long}
        rows.append(text(LABEL - 10, y + 20, bar.label, "al", "end"))
        rows.append(element("rect", {"class": bar.tone, **box, "height": 14, "rx": 3}))
        rows.append(text(LABEL + long + 8, y + 20, bar.shown, "fig", "start"))
    height = max(1, len(bars)) * ROW
    return figure("hbars", WIDTH, height, joined(rows), title=title, description=description)


def effects(bars: Sequence[Bar], *, title: str, description: str = "") -> SafeString:
    """Rises to the right of a middle line, falls to the left: what pushed a figure, by how much."""
    span = (WIDTH - LABEL - 2 * FIGURE) / 2
    middle = LABEL + FIGURE + span
    reach = Scale(0, max([abs(bar.size) for bar in bars], default=1.0) or 1.0, 0, span)
    rows = []
    for index, bar in enumerate(bars):
        y = index * ROW
        long = max(1.0, reach(abs(bar.size)))
        rises = bar.size >= 0
        tone = bar.tone if bar.tone != "ink" else "good" if rises else "bad"
        left = middle if rises else middle - long
        box = {"x": left, "y": y + 8, "width": long, "height": 14, "rx": 3}
        rows.append(text(LABEL - 10, y + 20, bar.label, "al", "end"))
        rows.append(element("rect", {"class": tone, **box}))
        place = middle + long + 8 if rises else middle - long - 8
        rows.append(text(place, y + 20, bar.shown, f"fig {tone}", "start" if rises else "end"))
    height = max(1, len(bars)) * ROW
    axis = {"class": "gl", "x1": middle, "x2": middle, "y1": 0, "y2": height}
    rows.append(element("line", axis))
    return figure("effects", WIDTH, height, joined(rows), title=title, description=description)

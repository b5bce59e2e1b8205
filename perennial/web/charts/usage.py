"""Usage per day as bars, its 7-day average as a line, the expected band behind, and markers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.safestring import SafeString

from perennial.web.charts.svg import (
    Scale,
    element,
    figure,
    joined,
    points,
    text,
    ticks,
)
from perennial.web.formats import number

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 40, 632, 24, 196


@dataclass(frozen=True, slots=True)
class Day:
    """One day: the count, its 7-day mean, and the band [low, high] where it was expected.

    None is not measured: drawn as a gap.
    """

    on: date
    count: float | None
    average: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Marker:
    """Something that happened: `tone` bad shades what follows until `until_on` or the end."""

    on: date
    label: str
    tone: str = "ink"
    until_on: date | None = None


def _runs(days: Sequence[Day], field: str) -> list[list[tuple[int, float]]]:
    """Unbroken stretches of a measured series, as (index, value)."""
    runs: list[list[tuple[int, float]]] = [[]]
    for index, one in enumerate(days):
        value = getattr(one, field)
        if value is None:
            runs.append([])
        else:
            runs[-1].append((index, float(value)))
    return [run for run in runs if run]


def _axes(across: Scale, up: Scale, steps: Sequence[float], days: Sequence[Day]) -> SafeString:
    parts: list[SafeString] = []
    for step in steps:
        y = up(step)
        parts.append(element("line", {"class": "gl", "x1": LEFT, "x2": RIGHT, "y1": y, "y2": y}))
        parts.append(text(LEFT - 6, y + 4, number(step), "ax", "end"))
    every = max(1, round(len(days) / 6))
    # The last label must not run out of the picture.
    shown = [index for index in range(0, len(days), every) if index <= len(days) - every // 2]
    labels = (
        text(across(index + 0.5), HEIGHT - 8, f"{days[index].on:%m-%d}", "ax") for index in shown
    )
    return joined([*parts, *labels])


def _band(days: Sequence[Day], across: Scale, up: Scale) -> SafeString:
    shapes = []
    for run in _runs(days, "high"):
        upper = [(across(index + 0.5), up(high)) for index, high in run]
        lower = [(across(index + 0.5), up(days[index].low or 0.0)) for index, _ in run]
        shapes.append(element("polygon", {"class": "band", "points": points(upper + lower[::-1])}))
    return joined(shapes)


def _bars(days: Sequence[Day], across: Scale, up: Scale) -> SafeString:
    thick = max(1.0, (across(1) - across(0)) * 0.62)
    floor = up(0)
    return joined(
        element(
            "rect",
            {
                "x": across(index + 0.5) - thick / 2,
                "y": up(one.count),
                "width": thick,
                "height": max(0.0, floor - up(one.count)),
            },
            element("title", {}, f"{one.on.isoformat()}: {number(one.count)}"),
        )
        for index, one in enumerate(days)
        if one.count
    )


def _markers(markers: Sequence[Marker], days: Sequence[Day], across: Scale) -> SafeString:
    place = {one.on: index for index, one in enumerate(days)}
    parts = []
    for marker in markers:
        if marker.on not in place:
            continue
        x = across(place[marker.on])
        if marker.tone == "bad":
            end = place.get(marker.until_on, len(days)) if marker.until_on else len(days)
            box = {"x": x, "y": TOP, "width": across(end) - x, "height": BOTTOM - TOP}
            parts.append(element("rect", {"class": "zone", **box}))
        parts.append(
            element(
                "line", {"class": f"mk {marker.tone}", "x1": x, "x2": x, "y1": 18, "y2": BOTTOM}
            )
        )
        anchor = "start" if x < 90 else "end" if x > WIDTH - 90 else "middle"
        parts.append(text(x, 13, marker.label, f"ml {marker.tone}", anchor))
    return joined(parts)


def usage(
    days: Sequence[Day], *, markers: Sequence[Marker] = (), title: str, description: str = ""
) -> SafeString:
    """The chart of a customer's usage; `days` are consecutive. Axis starts at zero."""
    tops = [value for one in days for value in (one.count, one.average, one.high) if value]
    steps = ticks(0, max(tops, default=1.0))
    across = Scale(0, max(1, len(days)), LEFT + 4, RIGHT)
    up = Scale(0, steps[-1], BOTTOM, TOP)
    lines = joined(
        element(
            "polyline",
            {
                "class": "avg",
                "points": points((across(index + 0.5), up(value)) for index, value in run),
            },
        )
        for run in _runs(days, "average")
    )
    return figure(
        "usage",
        WIDTH,
        HEIGHT,
        _axes(across, up, steps, days),
        _band(days, across, up),
        element("g", {"class": "bars"}, _bars(days, across, up)),
        lines,
        _markers(markers, days, across),
        title=title,
        description=description,
    )

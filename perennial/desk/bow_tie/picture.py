"""The bow-tie as a picture: every stage as high as its volume, to scale."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.safestring import SafeString

from perennial.web import formats
from perennial.web.charts.svg import element, figure, joined, points, text

WIDTH, HEIGHT, TOP, BOTTOM = 720, 250, 34, 30
BAR = 84


def drawn(stages: Sequence[tuple[str, int, str]], *, title: str, description: str) -> SafeString:
    """`stages`: name, volume, conversion from the one before."""
    most = max([count for _name, count, _rate in stages], default=1) or 1
    room = HEIGHT - TOP - BOTTOM
    middle = TOP + room / 2
    gap = (WIDTH - BAR * len(stages)) / max(len(stages) - 1, 1)
    parts: list[SafeString] = []
    last: tuple[float, float] | None = None
    for place, (name, count, rate) in enumerate(stages):
        left, high = place * (BAR + gap), max(room * count / most, 2)
        if last is not None:
            right, before = last
            corners = [
                (right, middle - before / 2),
                (left, middle - high / 2),
                (left, middle + high / 2),
                (right, middle + before / 2),
            ]
            parts.append(element("polygon", {"class": "flow", "points": points(corners)}))
            parts.append(text((right + left) / 2, middle + 4, rate, "rate", "middle"))
        box = {"x": left, "y": middle - high / 2, "width": BAR, "height": high, "rx": 4}
        parts.append(element("rect", {"class": "ink", **box}))
        parts.append(text(left + BAR / 2, TOP - 14, formats.number(count), "fig", "middle"))
        parts.append(text(left + BAR / 2, HEIGHT - 10, name, "al", "middle"))
        last = (left + BAR, high)
    return figure("bowtie", WIDTH, HEIGHT, joined(parts), title=title, description=description)

"""The scale of a measure as a small picture: points over values, and where customers stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from perennial.health.inputs.cases import Floats
from perennial.health.profile_wording import scale_in_words, value_in_words
from perennial.health.queries.sources import Source
from perennial.health.rules.compare import scale_of
from perennial.web.charts.svg import Scale, element, joined, points, text

WIDTH, HEIGHT = 200, 62
LEFT, RIGHT, TOP, BOTTOM = 4, 196, 4, 46
BINS = 24
MARGIN = 0.08  # of the width, left and right of the outermost points


def scale_picture(
    row: Mapping[str, Any],
    source: Source,
    *,
    colours: Sequence[int] = (50, 75),
    values: Floats | None = None,
) -> SafeString:
    """`values`: what the customers that somebody sees have, drawn as grey columns behind."""
    kind, rows = scale_of(row)
    edges = _edges(kind, rows)
    told = _("Points by value: %(scale)s") % {"scale": scale_in_words(source, kind, rows)}
    root = {
        "class": "scale",
        "viewBox": f"0 0 {WIDTH} {HEIGHT}",
        "role": "img",
        "aria-label": told,
    }
    up = Scale(0, 100, BOTTOM, TOP)
    parts = [*_colours(colours, up)]
    if len(edges) > 1 or (edges and kind == "bands"):
        low, high = min(edges), max(edges)
        wide = (high - low) or abs(high) or 1
        across = Scale(low - wide * MARGIN, high + wide * MARGIN, LEFT, RIGHT)
        parts += _columns(values, across)
        parts.append(_line(kind, rows, across, up))
        parts.append(text(across(low), HEIGHT - 4, value_in_words(source, low), "ax", "start"))
        if high != low:
            parts.append(text(across(high), HEIGHT - 4, value_in_words(source, high), "ax", "end"))
    return element("svg", root, joined(parts))


def _edges(kind: str, rows: Sequence[Sequence[Any]]) -> list[float]:
    values = [value for row in rows for value in (row[:2] if kind == "bands" else row[:1])]
    return [it for it in values if isinstance(it, int | float)]


def _colours(colours: Sequence[Any], up: Scale) -> list[SafeString]:
    """The colours of the score as stripes, so that a line says what it turns into."""
    if not all(isinstance(it, int) and 0 < it <= 100 for it in colours):
        return []
    bounds = [0, *colours, 100]
    return [
        element(
            "rect",
            {
                "class": name,
                "x": LEFT,
                "width": RIGHT - LEFT,
                "y": up(high),
                "height": max(up(low) - up(high), 0),
            },
        )
        for name, (low, high) in zip(("bad", "warn", "good"), pairwise(bounds), strict=True)
    ]


def _columns(values: Floats | None, across: Scale) -> list[SafeString]:
    """How many customers have which value; those beyond the picture stand at its ends."""
    if values is None or not len(values):
        return []
    wide = (RIGHT - LEFT) / BINS
    places = ((across.start - LEFT) + _pixels(values, across)) / wide
    counts = np.bincount(np.clip(places, 0, BINS - 1).astype(int), minlength=BINS).tolist()
    most = max(counts)
    return [
        element(
            "rect",
            {
                "class": "col",
                "x": LEFT + index * wide + 0.5,
                "width": wide - 1,
                "y": BOTTOM - count / most * (BOTTOM - TOP),
                "height": count / most * (BOTTOM - TOP),
            },
        )
        for index, count in enumerate(counts)
        if count
    ]


def _pixels(values: Floats, across: Scale) -> Floats:
    """How far right of the picture's low end each value lies."""
    pixels: Floats = (
        (values - across.low) / (across.high - across.low) * (across.end - across.start)
    )
    return pixels


def _line(kind: str, rows: Sequence[Sequence[Any]], across: Scale, up: Scale) -> SafeString:
    if kind == "linear":
        known = [it for it in rows if all(isinstance(value, int | float) for value in it)]
        ends = [(across(value), up(score)) for value, score in known]
        dots = [element("circle", {"cx": x, "cy": y, "r": 2.4}) for x, y in ends]
        if ends:
            ends = [(float(LEFT), ends[0][1]), *ends, (float(RIGHT), ends[-1][1])]
        return joined([element("polyline", {"points": points(ends)}), *dots])
    steps: list[tuple[float, float]] = []
    for low, high, score in rows:
        if isinstance(score, int | float):
            begin = float(LEFT) if low is None else across(low)
            end = float(RIGHT) if high is None else across(high)
            steps += [(begin, up(score)), (end, up(score))]
    return element("polyline", {"points": points(steps)})

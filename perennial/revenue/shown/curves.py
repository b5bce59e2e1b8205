"""The curve of those who stay: a step line with its band, as SVG."""

from __future__ import annotations

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from perennial.revenue.rules.staying import Staying
from perennial.web.charts.svg import Scale, element, figure, joined, points, text
from perennial.web.formats import number, percent

WIDTH, HEIGHT = 640, 240
LEFT, RIGHT, TOP, BOTTOM = 44, 628, 14, 206
MOST_MONTHS = 120


def staying(found: Staying) -> SafeString:
    """Months since the first payment to the right, the share that stays upwards."""
    if not found.n:
        return SafeString("")
    reach = min(max(found.longest, 12.0), MOST_MONTHS)
    across, up = Scale(0, reach, LEFT, RIGHT), Scale(0, 1, BOTTOM, TOP)
    parts = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        line = {"class": "gl", "x1": LEFT, "x2": RIGHT, "y1": up(share), "y2": up(share)}
        parts.append(element("line", line))
        parts.append(text(LEFT - 8, up(share) + 4, percent(share), "al", "end"))
    years = range(0, int(reach) + 1, 12)
    parts += [text(across(it), BOTTOM + 18, number(it), "al", "middle") for it in years]
    steps = [it for it in found.points if it.t <= reach]
    low, high, curve = [(0.0, 1.0)], [(0.0, 1.0)], [(0.0, 1.0)]
    for point in steps:
        for line_, value in ((low, point.low), (high, point.high), (curve, point.survival)):
            line_ += [(point.t, line_[-1][1]), (point.t, value)]
    for line_ in (low, high, curve):
        line_.append((reach, line_[-1][1]))
    band = [(across(x), up(y)) for x, y in [*high, *reversed(low)]]
    parts.append(element("polygon", {"class": "band", "points": points(band)}))
    drawn = [(across(x), up(y)) for x, y in curve]
    parts.append(element("polyline", {"class": "avg", "points": points(drawn)}))
    told = _("Months since the first payment and the share of customers that stays")
    title = _("How long customers stay")
    return figure("staying", WIDTH, HEIGHT, joined(parts), title=title, description=told)

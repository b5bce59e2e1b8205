"""Two assessments as bars: the later score filled, the earlier one a mark on the same line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from perennial.web.charts.svg import element, figure, joined, text
from perennial.web.formats import number, signed

ROW, LABEL, WIDTH, FIGURE = 30, 92, 420, 74


@dataclass(frozen=True, slots=True)
class Line:
    """One area: scores 0–100; None: not answered."""

    title: str
    before: float | None
    after: float | None
    is_low: bool


def bars(lines: Sequence[Line], *, low_score: float, title: str) -> SafeString:
    """The line of low areas is drawn through; low ones differ in colour and say so in words."""
    span = WIDTH - LABEL - FIGURE
    height = len(lines) * ROW + 16
    at = LABEL + low_score * span / 100
    line = {"class": "gl low", "x1": at, "x2": at, "y1": 0, "y2": len(lines) * ROW}
    rows = [element("line", line), text(at, height - 4, number(low_score), "ax")]
    for index, it in enumerate(lines):
        y = index * ROW
        rows.append(text(LABEL - 10, y + 19, it.title, "al", "end"))
        track = {"class": "track", "x": LABEL, "y": y + 8, "width": span, "height": 14, "rx": 3}
        rows.append(element("rect", track))
        if it.after is not None:
            tone = "warn" if it.is_low else "ink"
            wide = max(1.0, it.after * span / 100)
            box = {"x": LABEL, "y": y + 8, "width": wide, "height": 14, "rx": 3}
            rows.append(element("rect", {"class": tone, **box}))
        if it.before is not None:
            x = LABEL + it.before * span / 100
            mark = {"class": "was", "x1": x, "x2": x, "y1": y + 4, "y2": y + 26}
            rows.append(element("line", mark))
        rows.append(text(LABEL + span + 8, y + 20, _shown(it), "fig", "start"))
    told = _("%(n)s areas") % {"n": len(lines)}
    return figure("assessed", WIDTH, height, joined(rows), title=title, description=told)


def _shown(it: Line) -> str:
    if it.after is None:
        return "–"
    if it.before is None:
        return number(it.after)
    return f"{number(it.after)} ({signed(round(it.after - it.before))})"

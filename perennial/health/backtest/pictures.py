"""A backtest drawn: the AUC of each horizon with its interval, and what each measure tells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from perennial.health.backtest.rules.horizon import Horizon
from perennial.web.charts.svg import Scale, element, figure, joined, text

WIDTH: Final = 620
ROW: Final = 34
LABEL: Final = 128
FIGURE: Final = 132
FOOT: Final = 26
COIN: Final = 0.5


def intervals(rows: Sequence[tuple[str, Horizon]]) -> SafeString:
    """One line per horizon from the lower to the upper end, a dot at the AUC; chance is 0.5."""
    told = [(label, it) for label, it in rows if it.auc is not None]
    lowest = min([it.low for _label, it in told if it.low is not None], default=COIN)
    scale = Scale(min(0.3, int(lowest * 10) / 10), 1.0, LABEL, WIDTH - FIGURE)
    height = len(rows) * ROW
    parts = [*_axis(scale, height)]
    for index, (label, it) in enumerate(rows):
        y = index * ROW + ROW / 2
        parts.append(text(LABEL - 14, y + 4, label, "al", "end"))
        if it.auc is None or it.low is None or it.high is None:
            parts.append(text(LABEL + 4, y + 4, _("too few to say"), "mut", "start"))
            continue
        tone = "good" if it.low > COIN else "bad" if it.high < COIN else "na"
        ends = {"x1": scale(it.low), "x2": scale(it.high), "y1": y, "y2": y}
        parts.append(element("line", {"class": f"iv {tone}", **ends}))
        for end in (it.low, it.high):
            stop = {"x1": scale(end), "x2": scale(end), "y1": y - 5, "y2": y + 5}
            parts.append(element("line", {"class": f"iv {tone}", **stop}))
        parts.append(
            element("circle", {"class": f"pt {tone}", "cx": scale(it.auc), "cy": y, "r": 5})
        )
        shown = f"{it.auc:.2f}  ({it.low:.2f}–{it.high:.2f})"
        parts.append(text(WIDTH - FIGURE + 10, y + 4, shown, "fig", "start"))
    return figure(
        "forest",
        WIDTH,
        height + FOOT,
        joined(parts),
        title=_("How well the score ranked, by days before the end"),
        description=_("AUC with its 95 % interval; 0.5 is chance, 1 is perfect."),
    )


def _axis(scale: Scale, height: int) -> list[SafeString]:
    parts = []
    marks = [it / 10 for it in range(11) if scale.low - 0.001 <= it / 10 <= scale.high]
    for mark in marks:
        x = scale(mark)
        name = "gl coin" if mark == COIN else "gl"
        parts.append(element("line", {"class": name, "x1": x, "x2": x, "y1": 0, "y2": height}))
        words = _("0.5 = chance") if mark == COIN else f"{mark:.1f}"
        parts.append(text(x, height + 16, words, "ax"))
    return parts

"""A model drawn: what was said against what happened, in ten groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from perennial.health.risk.rules.wilson import wilson
from perennial.web.charts.svg import Scale, element, figure, joined, text, ticks
from perennial.web.formats import percent

WIDTH: Final = 460
HEIGHT: Final = 330
LEFT: Final = 46
RIGHT: Final = 14
TOP: Final = 14
FOOT: Final = 44
CLOSE: Final = 0.05  # around the axis' end, so that no dot is cut


def calibration(bins: Sequence[Mapping[str, Any]]) -> SafeString:
    """One dot per group of renewals, with the interval that so few of them leave open; on the
    diagonal, what was said is what happened."""
    ends = [wilson(it["happened"], it["n"]) for it in bins]
    most = max([it["said"] for it in bins] + [high for _low, high in ends])
    top = min(1.0, most + CLOSE)
    across = Scale(0, top, LEFT, WIDTH - RIGHT)
    up = Scale(0, top, HEIGHT - FOOT, TOP)
    parts = [*_axes(across, up, top)]
    for it, (low, high) in zip(bins, ends, strict=True):
        x = across(it["said"])
        parts.append(
            element("line", {"class": "iv", "x1": x, "x2": x, "y1": up(low), "y2": up(high)})
        )
        inside = low <= it["said"] <= high
        dot = {"class": "pt" if inside else "pt bad", "cx": x, "cy": up(it["happened"]), "r": 5}
        parts.append(element("circle", dot, element("title", {}, _told(it))))
    return figure(
        "calib",
        WIDTH,
        HEIGHT,
        joined(parts),
        title=_("What was said against what happened"),
        description=". ".join(_told(it) for it in bins),
    )


def _told(it: Mapping[str, Any]) -> str:
    return _("said %(said)s, lost %(happened)s of %(n)s") % {
        "said": percent(it["said"]),
        "happened": percent(it["happened"]),
        "n": it["n"],
    }


def _axes(across: Scale, up: Scale, top: float) -> Iterator[SafeString]:
    for mark in ticks(0, top):
        if mark > top:
            continue
        y, x = up(mark), across(mark)
        yield element("line", {"class": "gl", "x1": LEFT, "x2": WIDTH - RIGHT, "y1": y, "y2": y})
        yield text(LEFT - 6, y + 4, percent(mark), "ax", "end")
        yield text(x, HEIGHT - FOOT + 16, percent(mark), "ax")
    corner = {"x1": across(0), "y1": up(0), "x2": across(top), "y2": up(top)}
    yield element("line", {"class": "ideal", **corner})
    yield text((LEFT + WIDTH) / 2, HEIGHT - 8, _("probability of a loss, as said"), "al")
    yield text(LEFT + 6, TOP + 6, _("lost, as it came"), "al", "start")

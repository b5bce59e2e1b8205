"""Bars of colours: how many customers are red, yellow, green, grey."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from perennial.health.preview_rows import Share
from perennial.health.queries.board import Bands
from perennial.web.charts.svg import element, joined
from perennial.web.formats import number, signed
from perennial.web.templatetags.ui import tone

register = template.Library()


@register.simple_tag
def bands_bar(bands: Bands) -> SafeString:
    """A stacked bar, small enough for a table; its figures stand beside it."""
    counts = [(name, getattr(bands, name)) for name in ("red", "yellow", "green", "unknown")]
    return _bar(counts, label=_("Colours"), width=120)


@register.simple_tag
def shares_bar(shares: Iterable[Share], title: str) -> SafeString:
    """One side of a preview: title, bar, and who has which colour, read aloud."""
    listed = list(shares)
    told = ", ".join(f"{it.title} {number(it.count)}" for it in listed)
    bar = _bar([(it.band, it.count) for it in listed], label=f"{title}: {told}", width=320)
    return joined([element("small", {}, title), bar])


@register.simple_tag
def difference(before: int, after: int) -> str:
    return signed(after - before)


def _bar(counts: Iterable[tuple[str, int]], *, label: str, width: int) -> SafeString:
    known = [(name, count) for name, count in counts if count]
    whole = sum(count for _name, count in known)
    parts, x = [], 0.0
    for name, count in known:
        size = width * count / whole
        shape = {"class": tone(name), "x": x, "y": 0, "width": max(size - 1, 0.5), "height": 8}
        parts.append(element("rect", shape))
        x += size
    root = {"class": "bands", "viewBox": f"0 0 {width} 8", "role": "img", "aria-label": label}
    return element("svg", root | {"preserveAspectRatio": "none"}, joined(parts))

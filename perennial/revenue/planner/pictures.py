"""The planner's pictures: lines over years, pairs of bars, and what matters most (tornado)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from django.utils.safestring import SafeString

from perennial.web.charts.svg import Scale, element, figure, joined, points, text, ticks
from perennial.web.formats import money

WIDTH, HEIGHT = 560, 240
LEFT, RIGHT, TOP, BOTTOM = 64, 424, 18, 206
APART = 15.0  # between two labels at the right end


@dataclass(frozen=True, slots=True)
class Series:
    """A row of amounts under the same labels; `tone` is base or plan."""

    name: str
    values: Sequence[Fraction]
    tone: str

    @property
    def sizes(self) -> list[float]:
        return [float(it) for it in self.values]


def _frame(
    series: Sequence[Series], currency: str, *, right: int = RIGHT
) -> tuple[Scale, list[SafeString]]:
    """The scale upwards and the grid lines with their amounts; zero is always on it."""
    sizes = [size for one in series for size in one.sizes]
    marks = ticks(min(0.0, *sizes), max(0.0, *sizes))
    up = Scale(marks[0], marks[-1], BOTTOM, TOP)
    parts = []
    for mark in marks:
        line = {"class": "gl", "x1": LEFT, "x2": right, "y1": up(mark), "y2": up(mark)}
        parts.append(element("line", line))
        words = money(Fraction(mark), currency, short=True)
        parts.append(text(LEFT - 8, up(mark) + 4, words, "ax", "end"))
    return up, parts


def lines(
    series: Sequence[Series],
    *,
    labels: Sequence[str],
    currency: str,
    title: str,
    description: str = "",
    marker: tuple[float, str] | None = None,
) -> SafeString:
    """One line per series, named at its end. `marker`: a place between the labels (0 is the
    first) and what happens there."""
    up, parts = _frame(series, currency)
    across = Scale(0, max(1, len(labels) - 1), LEFT + 14, RIGHT - 14)
    every = -(-len(labels) // 11)
    parts += [
        text(across(at), BOTTOM + 20, label, "al")
        for at, label in enumerate(labels)
        if at % every == 0
    ]
    if marker and 0 <= marker[0] <= len(labels) - 1:
        x = across(marker[0])
        parts.append(element("line", {"class": "mk", "x1": x, "x2": x, "y1": TOP, "y2": BOTTOM}))
        parts.append(text(x, TOP - 6, marker[1], "ml"))
    ends = _apart([up(one.sizes[-1]) for one in series])
    for one, end in zip(series, ends, strict=True):
        line = [(across(at), up(size)) for at, size in enumerate(one.sizes)]
        parts.append(element("polyline", {"class": one.tone, "points": points(line)}))
        dot = {"class": one.tone, "cx": line[-1][0], "cy": line[-1][1], "r": 3.2}
        parts.append(element("circle", dot))
        words = f"{one.name} {money(one.values[-1], currency)}"
        parts.append(text(RIGHT - 4, end + 4, words, f"fig {one.tone}", "start"))
    return figure("plan", WIDTH, HEIGHT, joined(parts), title=title, description=description)


def pairs(
    series: Sequence[Series],
    *,
    labels: Sequence[str],
    currency: str,
    title: str,
    description: str = "",
) -> SafeString:
    """Bars side by side under each label."""
    up, parts = _frame(series, currency, right=WIDTH - 8)
    slot = (WIDTH - 8 - LEFT) / max(1, len(labels))
    thick = min(24.0, slot * 0.36)
    for at, label in enumerate(labels):
        centre = LEFT + slot * (at + 0.5)
        parts.append(text(centre, BOTTOM + 20, label, "al"))
        for rank, one in enumerate(series):
            size = one.sizes[at]
            x = centre + (rank - len(series) / 2) * (thick + 2)
            top = min(up(size), up(0))
            box = {"x": x, "y": top, "width": thick, "height": max(1.0, abs(up(size) - up(0)))}
            told = element("title", {}, f"{one.name} {money(one.values[at], currency)}")
            parts.append(element("rect", {"class": one.tone, **box, "rx": 2}, told))
    return figure("plan", WIDTH, HEIGHT, joined(parts), title=title, description=description)


def _apart(places: Sequence[float]) -> list[float]:
    """The same places, moved so that no two labels overlap."""
    order = sorted(range(len(places)), key=lambda it: places[it])
    found = list(places)
    for before, after in pairwise(order):
        found[after] = max(found[after], found[before] + APART)
    return found


@dataclass(frozen=True, slots=True)
class Bar:
    """A lever moved down and up: how far each takes the outcome, and both in words."""

    label: str
    low: Fraction
    high: Fraction
    low_words: str
    high_words: str


ROW, LABEL, WORDS = 30, 162, 76


def tornado(bars: Sequence[Bar], *, at: Fraction, title: str, description: str = "") -> SafeString:
    """The strongest lever on top; the middle line is the outcome as planned."""
    sizes = [float(it) for bar in bars for it in (bar.low, bar.high)] + [float(at)]
    across = Scale(min(sizes), max(sizes), LABEL + WORDS, WIDTH - WORDS)
    middle = across(float(at))
    parts: list[SafeString] = []
    for rank, bar in enumerate(bars):
        y = rank * ROW + 7
        parts.append(text(LABEL - 8, y + 14, bar.label, "al", "end"))
        falls = bar.low <= bar.high
        for value, words, tone in (
            (bar.low, bar.low_words, "down"),
            (bar.high, bar.high_words, "rise"),
        ):
            x = across(float(value))
            box = {"x": min(x, middle), "y": y, "width": max(0.5, abs(x - middle)), "height": 20}
            parts.append(element("rect", {"class": tone, **box, "rx": 2}))
            is_left = (tone == "down") == falls
            place = min(x, middle) - 6 if is_left else max(x, middle) + 6
            parts.append(text(place, y + 14, words, "ax", "end" if is_left else "start"))
    height = max(1, len(bars)) * ROW
    axis = {"class": "mid", "x1": middle, "x2": middle, "y1": 0, "y2": height}
    parts.append(element("line", axis))
    return figure("plan", WIDTH, height, joined(parts), title=title, description=description)

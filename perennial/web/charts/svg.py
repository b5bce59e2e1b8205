"""Writing SVG: elements with escaped attributes, scales and round axis steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.html import conditional_escape, format_html_join
from django.utils.safestring import SafeString, mark_safe

Attributes = Mapping[str, object]


def element(name: str, attributes: Attributes, *children: str) -> SafeString:
    """`<name …>children</name>`; attribute values and plain text are escaped."""
    written = format_html_join(
        "", ' {}="{}"', ((key, _short(value)) for key, value in attributes.items())
    )
    inner = "".join(conditional_escape(child) for child in children)
    return mark_safe(f"<{name}{written}>{inner}</{name}>")  # noqa: S308 every part is escaped


def joined(parts: Iterable[str]) -> SafeString:
    return mark_safe("".join(conditional_escape(part) for part in parts))  # noqa: S308 escaped


def _short(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


def points(pairs: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{_short(float(x))},{_short(float(y))}" for x, y in pairs)


def figure(
    name: str,
    width: int,
    height: int,
    *children: str,
    title: str,
    description: str = "",
    has_links: bool = False,
) -> SafeString:
    """The root of a chart that a screen reader announces by its title and description.

    A picture with links inside is a group: what stands inside `img` cannot be reached.
    """
    told = [element("title", {}, title)]
    if description:
        told.append(element("desc", {}, description))
    return element(
        "svg",
        {
            "class": f"viz {name}",
            "viewBox": f"0 0 {width} {height}",
            "role": "group" if has_links else "img",
            "aria-label": f"{title}. {description}" if description else title,
        },
        *told,
        *children,
    )


def text(x: float, y: float, words: str, name: str = "", anchor: str = "middle") -> SafeString:
    return element("text", {"x": x, "y": y, "class": name, "text-anchor": anchor}, words)


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps [low, high] to pixels [start, end]."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        if self.high == self.low:
            return self.start
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def ticks(low: float, high: float, wanted: int = 4) -> Sequence[float]:
    """Round values that cover [low, high]: steps of 1, 2, 2.5 or 5 times a power of ten."""
    if high <= low:
        high = low + 1
    rough = (high - low) / wanted
    power = 10.0
    while power > rough:
        power /= 10
    while power * 10 <= rough:
        power *= 10
    step = next(power * times for times in (1, 2, 2.5, 5, 10) if power * times >= rough * 0.999)
    first = int(low // step)
    last = int(-(-high // step))
    return [round(index * step, 10) for index in range(first, last + 1)]

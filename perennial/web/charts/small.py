"""Charts inside a line of text or a table cell: sparkline, ring, meter."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.safestring import SafeString

from perennial.web.charts.svg import Scale, element, points


def sparkline(
    values: Sequence[float | None],
    *,
    label: str,
    tone: str = "ink",
    width: int = 84,
    height: int = 24,
) -> SafeString:
    """A line without axes; gaps are left out, a flat series stays flat. `tone` colours it."""
    known = [(index, value) for index, value in enumerate(values) if value is not None]
    box = {"class": f"spark {tone}", "width": width, "height": height}
    attributes = {
        **box,
        "viewBox": f"0 0 {width} {height}",
        "role": "img",
        "aria-label": label,
    }
    if len(known) < 2:
        middle = height / 2
        dash = {"x1": 2, "x2": width - 2, "y1": middle, "y2": middle, "class": "none"}
        return element("svg", attributes, element("line", dash))
    low, high = min(value for _, value in known), max(value for _, value in known)
    # A series that hardly moves must not look like a storm: show at least a fifth of its size.
    spare = max(0.0, max(abs(high), abs(low)) * 0.2 - (high - low)) / 2
    across = Scale(0, max(1, len(values) - 1), 2, width - 4)
    up = Scale(low - spare, high + spare, height - 3, 3)
    if high == low:
        up = Scale(low - 1, high + 1, height - 3, 3)
    line = [(across(index), up(value)) for index, value in known]
    area = [(line[0][0], float(height)), *line, (line[-1][0], float(height))]
    return element(
        "svg",
        attributes,
        element("polygon", {"points": points(area)}),
        element("polyline", {"points": points(line)}),
        element("circle", {"cx": line[-1][0], "cy": line[-1][1], "r": 2.2}),
    )


def ring(score: float | None, *, tone: str, label: str, size: int = 46) -> SafeString:
    """A score of 0–100 as a ring with the figure inside; unknown is an empty ring and a dash."""
    circle = {"cx": 18, "cy": 18, "r": 15.9, "pathLength": 100}
    parts = [element("circle", {**circle, "class": "bg"})]
    if score is not None:
        dash = f"{max(0.0, min(100.0, score)):.1f} 100"
        turned = {"transform": "rotate(-90 18 18)", "stroke-dasharray": dash}
        parts.append(element("circle", {**circle, **turned, "class": "fg"}))
    figure = "–" if score is None else f"{int(score)}"
    parts.append(element("text", {"x": 18, "y": 21.8, "text-anchor": "middle"}, figure))
    return element(
        "svg",
        {
            "class": f"ring {tone}",
            "width": size,
            "height": size,
            "viewBox": "0 0 36 36",
            "role": "img",
            "aria-label": label,
        },
        *parts,
    )


def meter(share: float | None, *, tone: str = "ink", label: str = "") -> SafeString:
    """How full something is, 0–1, as a bar; without a label it only repeats a figure beside it."""
    told = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}
    full = 0.0 if share is None else max(0.0, min(1.0, share)) * 100
    return element(
        "svg",
        {"class": f"meter {tone}", "viewBox": "0 0 100 6", "preserveAspectRatio": "none", **told},
        element("rect", {"class": "bg", "width": 100, "height": 6}),
        element("rect", {"class": "fg", "width": full, "height": 6}),
    )

"""The editor's form: what it sends, as the text of a profile, and the text as its fields.

Fields of measure 2 begin with `m2_`, of exception 0 with `e0_`; the points of a scale are
`m2_x0`, `m2_y0`, … Shares are typed in percent. What cannot be read is None, and is a fault of
the text: nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from perennial.health.queries.sources import source_of
from perennial.health.rules.checks import MOST_LIMITS, MOST_MEASURES
from perennial.health.rules.scale_checks import MOST_POINTS

Given = Mapping[str, str]
Plain = dict[str, Any]
LONGEST_TEXT = 2000
KINDS = ("below", "at_least", "missing")


def definition_from(given: Given, name: str) -> Plain:
    """The text of a profile as the form says it; check it before it is used."""
    measures = [_measure(given, f"m{i}_") for i in _listed(given, "m", "source", MOST_MEASURES)]
    limits = [_limit(given, f"e{i}_", measures) for i in _listed(given, "e", "id", MOST_LIMITS)]
    coverage = number(given.get("coverage", ""), in_percent=True)
    return {
        "name": name,
        "title_zh": _text(given, "title_zh"),
        "title_en": _text(given, "title_en"),
        "priority": number(given.get("priority", "")),
        "audience": _text(given, "audience"),
        "measures": measures,
        "exceptions": limits,
        "hierarchy": _text(given, "hierarchy") or "own",
        "bands": [number(given.get("yellow", "")), number(given.get("green", ""))],
        "enough_coverage_rate": coverage,
    }


def number(text: str, *, in_percent: bool = False) -> int | float | None:
    """What somebody typed as a number; None: nothing, or no number."""
    try:
        value = Decimal(text.strip().replace("\N{MINUS SIGN}", "-").replace(",", ""))
    except InvalidOperation:
        return None
    if not value.is_finite() or abs(value) > 10**12:
        return None
    value = value / 100 if in_percent else value
    return int(value) if value == value.to_integral_value() else float(value)


def typed(value: object, *, in_percent: bool = False) -> str:
    """A number as it stands in its field; the inverse of `number`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    exact = Decimal(str(value)) * (100 if in_percent else 1)
    return f"{exact.normalize():f}"


def _listed(given: Given, letter: str, field: str, most: int) -> Iterator[int]:
    return (i for i in range(most + 1) if f"{letter}{i}_{field}" in given)


def _text(given: Given, name: str) -> str:
    return given.get(name, "").strip()[:LONGEST_TEXT].replace("\0", "")


def _measure(given: Given, at: str) -> Plain:
    source = _text(given, at + "source")
    in_percent = source_of(source).in_percent
    row: Plain = {
        "id": _text(given, at + "id"),
        "source": source,
        "group": _text(given, at + "group"),
        "weight": number(given.get(at + "weight", "")),
    }
    points = [
        (
            number(given.get(f"{at}x{k}", ""), in_percent=in_percent),
            number(given.get(f"{at}y{k}", "")),
        )
        for k in range(MOST_POINTS + 1)
        if f"{at}y{k}" in given
    ]
    if given.get(at + "kind") == "bands":
        row["bands"] = bands_of(points)
    else:
        row["linear"] = [list(point) for point in points]
        row["outside"] = "ignore" if given.get(at + "outside") else "clamp"
    row["stale_days"] = number(given.get(at + "stale", ""))
    row["usage"] = bool(given.get(at + "usage"))
    return row


def bands_of(points: Sequence[tuple[Any, Any]]) -> list[list[Any]]:
    """Half-open bands from where each begins: the first begins open, each ends at the next."""
    begins = [None, *(value for value, _ in points[1:])]
    ends = [*begins[1:], None]
    return [[low, high, score] for low, high, (_, score) in zip(begins, ends, points, strict=True)]


def _limit(given: Given, at: str, measures: Sequence[Plain]) -> Plain:
    when: Plain = {"measure": _text(given, at + "measure")}
    kind = given.get(at + "kind", "")
    source = next((it["source"] for it in measures if it["id"] == when["measure"]), "")
    if kind == "missing":
        when["missing"] = True
    elif kind in KINDS:
        in_percent = source_of(source).in_percent
        when[kind] = number(given.get(at + "value", ""), in_percent=in_percent)
    end = "floor" if given.get(at + "end") == "floor" else "cap"
    return {
        "id": _text(given, at + "id"),
        "when": when,
        end: number(given.get(at + "score", "")),
        "hard": bool(given.get(at + "hard")),
        "title_zh": _text(given, at + "title_zh"),
        "title_en": _text(given, at + "title_en"),
    }

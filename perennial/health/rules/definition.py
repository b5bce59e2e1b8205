"""What a profile is: whose health it judges, by which measures, weights, limits and bands.

Profiles are plain data (`of` reads them, `plain` writes them), so that a team edits, exports
and publishes them; a published text never changes, a change is the next version.
Source: health specification, rules 2, 3, 5 and 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

STEPS = 10_000  # values count in ten-thousandths; so do readings, which are rounded to them
LARGEST_VALUE = 10**10  # beyond this a scale cannot tell values apart; its edges lie below
ENOUGH_COVERAGE = Fraction(60, 100)
ENOUGH_USAGE_MEASURES = 2
BAND_EDGES = (50, 75)

# Groups of measures, in the order in which scorecards show them.
GROUPS = ("depth", "breadth", "people", "outcome", "relationship", "support", "voice", "payment")
# Sources that are usage; `metric:…` is usage as well, anything else is not.
USAGE_SOURCES = frozenset(
    {"active_days", "volume_trend", "last_seen", "breadth", "seat_use", "people_trend"}
)
METRIC_SOURCE = "metric:"


class Outside(StrEnum):
    """What becomes of a value beyond the ends of a linear scale."""

    CLAMP = "clamp"  # it gets the points of the end
    IGNORE = "ignore"  # it does not count: missing


class Hierarchy(StrEnum):
    """Where the score of a customer with children comes from."""

    OWN = "own"
    CHILDREN = "children"  # the mean of the children, weighted by ARR
    WORST = "worst"  # the worst child


@dataclass(frozen=True, slots=True)
class Linear:
    """Straight lines between (value, score) points with rising values; a worst and a best value
    are two points. Values in ten-thousandths, scores in hundredths of a point."""

    points: tuple[tuple[int, int], ...]
    outside: Outside = Outside.CLAMP


@dataclass(frozen=True, slots=True)
class Banded:
    """Half-open steps [low, high) with the score of each, from the lowest up, without gaps.
    None: open end. Units as in `Linear`."""

    steps: tuple[tuple[int | None, int | None, int], ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A measure inside a profile. With weight 0 it is shown, and limits may ask for it."""

    id: str
    source: str
    group: str
    weight: int
    scale: Linear | Banded
    stale_days: int | None = None
    usage: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """When a limit holds: one measure is below, at least, or missing. A value that is missing
    or stale is neither below nor at least; what is not connected is not missing either."""

    measure: str
    below: int | None = None  # ten-thousandths, like values
    at_least: int | None = None
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Limit:
    """An exception: a cap or a floor of the score. A hard one changes the colour at once."""

    id: str
    when: Condition
    cap: int | None = None
    floor: int | None = None
    hard: bool = False
    title_zh: str = ""
    title_en: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """One version of a profile. Version 0 is a draft. `audience` is filter text, "" everybody;
    of several that match a customer, the highest priority wins (of equals the first name)."""

    name: str
    title_zh: str
    title_en: str
    priority: int
    audience: str
    items: tuple[Item, ...]
    limits: tuple[Limit, ...] = ()
    hierarchy: Hierarchy = Hierarchy.OWN
    bands: tuple[int, int] = BAND_EDGES
    enough_coverage: Fraction = ENOUGH_COVERAGE
    version: int = 0


def of(plain: Mapping[str, Any], *, version: int = 0) -> Profile:
    """A profile from its text form. Raises KeyError, TypeError or ValueError on another shape;
    the faults of a text that people wrote are told in words by `health.texts`."""
    red, yellow = plain.get("bands", BAND_EDGES)
    return Profile(
        plain["name"],
        plain.get("title_zh", plain["name"]),
        plain.get("title_en", plain["name"]),
        int(plain["priority"]),
        plain.get("audience", ""),
        tuple(_item(row) for row in plain["measures"]),
        tuple(_limit(row) for row in plain.get("exceptions", ())),
        Hierarchy(plain.get("hierarchy", Hierarchy.OWN)),
        (int(red), int(yellow)),
        max(ENOUGH_COVERAGE, Fraction(str(plain.get("enough_coverage_rate", 0)))),
        version,
    )


def plain(profile: Profile) -> dict[str, Any]:
    """The text form of a profile, complete: what is left out by default is written, too."""
    return {
        "name": profile.name,
        "title_zh": profile.title_zh,
        "title_en": profile.title_en,
        "priority": profile.priority,
        "audience": profile.audience,
        "measures": [_plain_item(item) for item in profile.items],
        "exceptions": [_plain_limit(limit) for limit in profile.limits],
        "hierarchy": profile.hierarchy.value,
        "bands": list(profile.bands),
        "enough_coverage_rate": _number(profile.enough_coverage),
    }


def is_usage(source: str) -> bool:
    """Whether a source says how the product is used; a profile may say otherwise."""
    return source in USAGE_SOURCES or source.startswith(METRIC_SOURCE)


def in_steps(value: float) -> int:
    """A value in ten-thousandths."""
    return round(value * STEPS)


def _item(row: Mapping[str, Any]) -> Item:
    usage = row.get("usage")
    source = row.get("source", row["id"])
    return Item(
        row["id"],
        source,
        row["group"],
        int(row["weight"]),
        _scale(row),
        row.get("stale_days"),
        is_usage(source) if usage is None else bool(usage),
    )


def _scale(row: Mapping[str, Any]) -> Linear | Banded:
    if "bands" in row:
        steps = row["bands"]
        return Banded(
            tuple((_step(low), _step(high), round(pts * 100)) for low, high, pts in steps)
        )
    points = tuple((in_steps(value), round(score * 100)) for value, score in row["linear"])
    return Linear(points, Outside(row.get("outside", Outside.CLAMP)))


def _step(value: float | None) -> int | None:
    return None if value is None else in_steps(value)


def _limit(row: Mapping[str, Any]) -> Limit:
    when = row["when"]
    return Limit(
        row["id"],
        Condition(
            when["measure"],
            _step(when.get("below")),
            _step(when.get("at_least")),
            bool(when.get("missing", False)),
        ),
        row.get("cap"),
        row.get("floor"),
        bool(row.get("hard", False)),
        row.get("title_zh", row["id"]),
        row.get("title_en", row["id"]),
    )


def _plain_item(item: Item) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": item.id,
        "source": item.source,
        "group": item.group,
        "weight": item.weight,
    }
    if isinstance(item.scale, Linear):
        row["linear"] = [[_value(value), _score(score)] for value, score in item.scale.points]
        row["outside"] = item.scale.outside.value
    else:
        row["bands"] = [
            [_open(low), _open(high), _score(score)] for low, high, score in item.scale.steps
        ]
    return row | {"stale_days": item.stale_days, "usage": item.usage}


def _plain_limit(limit: Limit) -> dict[str, Any]:
    when: dict[str, Any] = {"measure": limit.when.measure}
    if limit.when.below is not None:
        when["below"] = _value(limit.when.below)
    if limit.when.at_least is not None:
        when["at_least"] = _value(limit.when.at_least)
    if limit.when.missing:
        when["missing"] = True
    row: dict[str, Any] = {"id": limit.id, "when": when}
    if limit.cap is not None:
        row["cap"] = limit.cap
    if limit.floor is not None:
        row["floor"] = limit.floor
    return row | {"hard": limit.hard, "title_zh": limit.title_zh, "title_en": limit.title_en}


def _value(steps: int) -> float | int:
    return _number(Fraction(steps, STEPS))


def _open(steps: int | None) -> float | int | None:
    return None if steps is None else _value(steps)


def _score(hundredths: int) -> float | int:
    return _number(Fraction(hundredths, 100))


def _number(exact: Fraction) -> float | int:
    """Whole numbers are written without a point."""
    return exact.numerator if exact.denominator == 1 else float(exact)

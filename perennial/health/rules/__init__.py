"""The health score, as a customer success manager would explain it.

1. Each measure (active days, seats in use, overdue invoice, …) gets 0–100 points on a scale.
2. The score is the weighted mean of the points; the weights stand in the profile.
3. What this company does not collect at all is 'not connected' and does not count.
4. What is unknown or too old for one customer drops out; the rest is weighed up again.
5. Under 60 % of the weight, or fewer than two usage measures: no colour, never silently green.
6. Red is [0, 50), yellow [50, 75), green [75, 100]. A colour changes at the second reading.
Source: health specification, rules 1–3, 7 and 8.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

Params = Mapping[str, int | float | str | None]

ENOUGH_COVERAGE = Fraction(60, 100)
ENOUGH_USAGE_MEASURES = 2


class Band(StrEnum):
    RED = "red"
    YELLOW = "yellow"
    GREEN = "green"
    UNKNOWN = "unknown"  # 数据不足


BAND_EDGES: tuple[tuple[int, Band], ...] = ((50, Band.RED), (75, Band.YELLOW), (101, Band.GREEN))


class State(StrEnum):
    """What became of one measure at one customer."""

    PRESENT = "present"
    MISSING = "missing"  # the source exists, this customer has no value
    STALE = "stale"  # the value is too old to count
    NOT_CONNECTED = "not_connected"  # the source does not exist here: outside the coverage


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that we look at.

    `points` are (value, score) pairs with rising values: straight lines between them, clamped
    outside, so the edges of the colours can be put at published thresholds. A value whose
    as-of day is more than `stale_days` old counts as missing.
    """

    id: str
    group: str
    points: tuple[tuple[float, int], ...]
    usage: bool = False
    stale_days: int | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """Whose weights hold. Of several that match, the highest priority wins."""

    id: str
    priority: int
    version: int
    weights: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Reading:
    """The value of one measure at one customer, the day it is of, and what it was made from."""

    value: float | None
    as_of: date | None = None
    params: Params = field(default_factory=dict)
    is_stale: bool = False  # what brings it has fallen silent, however short ago


@dataclass(frozen=True, slots=True)
class Part:
    """One measure inside a score. `points` are hundredths of a score point, 0–10000."""

    measure: str
    group: str
    weight: int
    state: State
    value: float | None = None
    points: int | None = None
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Score:
    """The judgement of one customer on one day, with everything it was made from.

    `exact` is None when nothing could be measured. `band` is what this reading alone says;
    `settled_band` decides what is shown.
    """

    exact: Fraction | None
    band: Band
    coverage: Fraction
    profile: str
    version: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """One cause of a change of the score: `profile`, `missing`, or a measure's id."""

    cause: str
    points: Fraction


def points_on_scale(points: Sequence[tuple[float, int]], value: float) -> int:
    """Hundredths of a point, 0–10000, for a value; exact from here on."""
    if value <= points[0][0]:
        return points[0][1] * 100
    for (low, low_score), (high, high_score) in pairwise(points):
        if value <= high:
            share = (value - low) / (high - low)
            return round((low_score + share * (high_score - low_score)) * 100)
    return points[-1][1] * 100


def band_of(exact: Fraction) -> Band:
    """Half-open bands: 49.99 is red, 50 is yellow, 75 is green."""
    return next(band for edge, band in BAND_EDGES if exact < edge)


def pick_profile(profiles: Iterable[Profile]) -> Profile:
    """The profile with the highest priority; raises ValueError when none matches."""
    return max(profiles, key=lambda profile: profile.priority)


def judge(
    readings: Mapping[str, Reading],
    *,
    profile: Profile,
    measures: Mapping[str, Measure],
    connected: frozenset[str],
    as_of: date,
) -> Score:
    """Score one customer. `connected`: the measures whose source exists in this installation."""
    parts = tuple(
        part_of(
            measures[name],
            weight=weight,
            reading=readings.get(name),
            connected=name in connected,
            as_of=as_of,
        )
        for name, weight in profile.weights.items()
    )
    possible = present = weighted = usage = 0
    for part in parts:
        if part.state is not State.NOT_CONNECTED:
            possible += part.weight
        if part.points is not None:
            present += part.weight
            weighted += part.weight * part.points
            usage += measures[part.measure].usage
    exact = Fraction(weighted, 100 * present) if present else None
    coverage = Fraction(present, possible) if possible else Fraction(0)
    enough = coverage >= ENOUGH_COVERAGE and usage >= ENOUGH_USAGE_MEASURES
    band = band_of(exact) if exact is not None and enough else Band.UNKNOWN
    return Score(exact, band, coverage, profile.id, profile.version, parts)


def part_of(
    measure: Measure, *, weight: int, reading: Reading | None, connected: bool, as_of: date
) -> Part:
    """What one measure adds: its points, or why it has none."""
    if not connected:
        return Part(measure.id, measure.group, weight, State.NOT_CONNECTED)
    if reading is None or reading.value is None:
        params = reading.params if reading else {}
        return Part(measure.id, measure.group, weight, State.MISSING, params=params)
    if reading.is_stale or (
        measure.stale_days is not None
        and reading.as_of is not None
        and (as_of - reading.as_of).days > measure.stale_days
    ):
        return Part(
            measure.id, measure.group, weight, State.STALE, reading.value, None, reading.params
        )
    points = points_on_scale(measure.points, reading.value)
    return Part(
        measure.id, measure.group, weight, State.PRESENT, reading.value, points, reading.params
    )


def settled_band(now: Band, *, last: Band | None, shown: Band | None) -> Band:
    """The colour to show: it changes only when two readings in a row agree.

    `last` is what the previous reading alone said, `shown` what was shown then. From and to
    'not enough data' the change is immediate: a colour without data would be a lie.
    """
    if shown is None or Band.UNKNOWN in (now, shown) or now == last:
        return now
    return shown


def exact_of(parts: Iterable[Part]) -> Fraction | None:
    """The weighted mean of the parts that have points."""
    present = [(part.weight, part.points) for part in parts if part.points is not None]
    total = sum(weight for weight, _ in present)
    return (
        Fraction(sum(weight * points for weight, points in present), 100 * total) if total else None
    )


def explain(before: Sequence[Part], after: Sequence[Part]) -> list[Effect]:
    """Why the score moved: effects in a fixed order whose sum is the change, exactly.

    Order: profile and weights, then measures that came or went, then each measure's value by
    id. Effects of zero are left out; empty when either side could not be measured.
    """
    old = {part.measure: part for part in before if part.points is not None}
    new = {part.measure: part for part in after if part.points is not None}
    if not old or not new:
        return []
    weights = {part.measure: part.weight for part in after}
    reweighed = [_weighed(part, weights.get(name, part.weight)) for name, part in old.items()]
    effects = [Effect("profile", _change(old.values(), reweighed))]
    # The measures of the new day, still with the old day's points where there were any.
    state = {name: _pointed(part, old.get(name, part).points) for name, part in new.items()}
    effects.append(Effect("missing", _change(reweighed, state.values())))
    for name in sorted(old.keys() & new.keys()):
        step = {**state, name: new[name]}
        effects.append(Effect(name, _change(state.values(), step.values())))
        state = step
    return [effect for effect in effects if effect.points]


def _weighed(part: Part, weight: int) -> Part:
    return Part(part.measure, part.group, weight, part.state, part.value, part.points)


def _pointed(part: Part, points: int | None) -> Part:
    return Part(part.measure, part.group, part.weight, part.state, part.value, points)


def _change(before: Iterable[Part], after: Iterable[Part]) -> Fraction:
    """The change of the mean; weights of nothing count as no change."""
    first, second = exact_of(before), exact_of(after)
    return second - first if first is not None and second is not None else Fraction(0)


def shown_points(exact: Fraction) -> int:
    """A score as people see it: whole points, half up."""
    return int(exact + Fraction(1, 2))


def apportion(shares: Sequence[Fraction], total: int) -> list[int]:
    """Whole numbers that add up to `total`, each near its exact share (largest remainder)."""
    floors = [share.numerator // share.denominator for share in shares]
    if not shares:
        return []
    rest = total - sum(floors)
    each, extra = divmod(rest, len(shares))
    order = sorted(range(len(shares)), key=lambda i: (floors[i] - shares[i], i))
    whole = [floor + each for floor in floors]
    for index in order[:extra]:
        whole[index] += 1
    return whole

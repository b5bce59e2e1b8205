"""The judgement of all cases at once: what `rules.judge` says of one, in columns.

Whole numbers throughout, so that it is exact: a score is a numerator over a denominator in
hundredths of a point. A property test holds it equal to the plain rule. Used by the day, the
preview of a draft and the backtest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from perennial.health.audience import profile_of_each
from perennial.health.inputs.cases import Cases, Column, Flags, Floats, Ints, Readings
from perennial.health.kin import arr_of, children_first, kin_of
from perennial.health.rules.bands import Band, band_of
from perennial.health.rules.definition import (
    ENOUGH_USAGE_MEASURES,
    Condition,
    Hierarchy,
    Item,
    Profile,
)
from perennial.health.rules.hierarchy import Child, from_children, in_hundredths, weighed_children
from perennial.health.rules.limits import bounded
from perennial.health.rules.parts import State
from perennial.health.scales import NO_POINTS, points_of_all, steps_of_all

BANDS = (Band.RED, Band.YELLOW, Band.GREEN, Band.UNKNOWN)  # by code
RED, YELLOW, GREEN, UNKNOWN = range(4)
STATES = (State.PRESENT, State.MISSING, State.STALE, State.NOT_CONNECTED)  # by code
PRESENT, MISSING, STALE, NOT_CONNECTED = range(4)
Codes = NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """The cases of one profile: a row per case (`rows` are their positions), a column per item.

    `points` are hundredths, −1 where a measure has none; `values` in ten-thousandths.
    """

    profile: Profile
    rows: Ints
    states: Codes
    points: Ints
    values: Ints


@dataclass(slots=True, eq=False)
class Scores:
    """Judgements, aligned with the cases. Exact score = numerator ÷ (100 × denominator) after
    limits; denominator 0: nothing could be measured. `base_…`: before limits. `band`: codes of
    BANDS, what this evaluation alone says. `hits`: a bit per limit whose condition holds;
    `hard`: a hard one moved the score. `override` −1: none. `present` of `possible` weight is
    the coverage: of measures, or of children (`children`: those of a parent that has its score
    from them)."""

    cases: Cases
    profiles: Sequence[Profile]
    profile: Ints  # position in `profiles`, −1: none matches
    override: Ints
    base_numerator: Ints
    base_denominator: Ints
    numerator: Ints
    denominator: Ints
    band: Codes
    present: Ints
    possible: Ints
    hits: Ints
    hard: Flags
    blocks: list[Block] = field(default_factory=list)
    children: dict[int, tuple[Child, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.profile)

    @property
    def score(self) -> Floats:
        """Computed scores 0–100; nan: none."""
        return _quotient(self.numerator, 100 * self.denominator)

    @property
    def shown(self) -> Floats:
        """Scores as shown: a person's instead of the computed one."""
        return np.where(self.override >= 0, self.override, self.score)

    @property
    def coverage_rate(self) -> Floats:
        return np.nan_to_num(_quotient(self.present, self.possible))

    def exact(self, case: int) -> Fraction | None:
        return _fraction(self.numerator[case], self.denominator[case])

    def base(self, case: int) -> Fraction | None:
        return _fraction(self.base_numerator[case], self.base_denominator[case])


def judge_all(
    readings: Readings, profiles: Sequence[Profile], *, overrides: Ints | None = None
) -> Scores:
    """Judge every case by the first profile that matches it (`profiles` in any order).

    `overrides`: a person's score per case, −1 for none. Children of a parent are those among
    the cases of the same day. Raises FilterRefused for an audience that cannot be read.
    """
    size = len(readings.cases)
    above, below, limited, of, present, possible, hits = np.zeros((7, size), "int64")
    scores = Scores(
        readings.cases,
        profiles,
        profile_of_each(profiles, readings),
        np.full(size, -1, "int64") if overrides is None else overrides,
        base_numerator=above,
        base_denominator=below,
        numerator=limited,
        denominator=of,
        band=np.full(size, UNKNOWN, "int8"),
        present=present,
        possible=possible,
        hits=hits,
        hard=np.zeros(size, bool),
    )
    for place, profile in enumerate(profiles):
        block = _block(profile, np.flatnonzero(scores.profile == place), readings)
        scores.blocks.append(block)
        _judge(block, scores)
    if any(profile.hierarchy is not Hierarchy.OWN for profile in profiles):
        _judge_parents(scores, kin_of(readings), arr_of(readings))
    return scores


def _block(profile: Profile, rows: Ints, readings: Readings) -> Block:
    """States and points of every measure of a profile at its cases."""
    shape = (len(profile.items), len(rows))
    states = np.full(shape, NOT_CONNECTED, "int8")
    points = np.full(shape, NO_POINTS, "int64")
    steps = np.zeros(shape, "int64")
    as_of = readings.cases.as_of[rows]
    for place, item in enumerate(profile.items):
        column = readings.get(item.source)
        if column is not None and len(rows):
            states[place], points[place], steps[place] = _item(item, column, rows, as_of)
    return Block(profile, rows, states, points, steps)


def _item(
    item: Item, column: Column, rows: Ints, as_of: NDArray[np.datetime64]
) -> tuple[Codes, Ints, Ints]:
    values = column.value[rows]
    steps = steps_of_all(values)
    points = points_of_all(item.scale, steps)
    stale = column.stale[rows].copy()
    if item.stale_days is not None:
        on = column.as_of_on[rows]
        stale |= as_of - on > np.timedelta64(item.stale_days, "D")  # NaT compares as False
    states = np.full(len(rows), PRESENT, "int8")
    states[points == NO_POINTS] = MISSING
    states[stale] = STALE
    states[np.isnan(values)] = MISSING
    states[~column.connected[rows]] = NOT_CONNECTED
    points[states != PRESENT] = NO_POINTS
    return states, points, steps


def _judge(block: Block, scores: Scores) -> None:
    """Weigh, limit and colour the cases of one profile."""
    profile, rows = block.profile, block.rows
    weights = np.array([item.weight for item in profile.items], "int64")[:, None]
    usage = np.array([item.usage and item.weight > 0 for item in profile.items], bool)[:, None]
    present = block.points != NO_POINTS
    scores.present[rows] = weight = (weights * present).sum(axis=0)
    scores.possible[rows] = (weights * (block.states != NOT_CONNECTED)).sum(axis=0)
    scores.base_denominator[rows] = weight
    scores.base_numerator[rows] = (weights * np.where(present, block.points, 0)).sum(axis=0)
    _limit(block, scores)
    enough = (usage & present).sum(axis=0) >= ENOUGH_USAGE_MEASURES
    _colour(profile, rows, enough, scores)


def _limit(block: Block, scores: Scores) -> None:
    """Apply caps and floors in their order."""
    rows = block.rows
    above, below = scores.base_numerator[rows], scores.base_denominator[rows]
    hard = np.zeros(len(rows), bool)
    for bit, limit in enumerate(block.profile.limits):
        held = _holds(limit.when, block)
        scores.hits[rows[held]] |= 1 << bit
        was, of = above.copy(), below.copy()
        held &= below > 0
        if limit.cap is not None:
            down = held & (above > 100 * limit.cap * below)
            above[down], below[down] = 100 * limit.cap, 1
        if limit.floor is not None:
            up = held & (above < 100 * limit.floor * below)
            above[up], below[up] = 100 * limit.floor, 1
        if limit.hard:
            hard |= above * of != was * below
    scores.numerator[rows], scores.denominator[rows], scores.hard[rows] = above, below, hard


def _holds(when: Condition, block: Block) -> Flags:
    place = next((i for i, it in enumerate(block.profile.items) if it.id == when.measure), None)
    if place is None:
        return np.zeros(len(block.rows), bool)
    states, steps = block.states[place], block.values[place]
    held: Flags = (states == MISSING) | (states == STALE)
    if when.missing:
        return held
    held = np.zeros(len(states), bool)
    if when.below is not None:
        held |= steps < when.below
    if when.at_least is not None:
        held |= steps >= when.at_least
    held &= states == PRESENT
    return held


def _colour(profile: Profile, rows: Ints, enough: Flags, scores: Scores) -> None:
    above, below = scores.numerator[rows], scores.denominator[rows]
    share = profile.enough_coverage
    covered = scores.present[rows] * share.denominator >= share.numerator * scores.possible[rows]
    red, yellow = (100 * edge * below for edge in profile.bands)
    band = np.where(above < red, RED, np.where(above < yellow, YELLOW, GREEN))
    scores.band[rows] = np.where(enough & covered & (below > 0), band, UNKNOWN)


def _judge_parents(scores: Scores, kin: Mapping[int, Sequence[int]], arr: Ints) -> None:
    """Parents whose profile takes the score from the children: few, so one by one."""
    for case in children_first(kin):
        place = int(scores.profile[case])
        if place < 0 or scores.profiles[place].hierarchy is Hierarchy.OWN:
            continue
        profile = scores.profiles[place]
        children = weighed_children([_child(scores, it, int(arr[it])) for it in kin[case]])
        base, coverage = from_children(profile.hierarchy, children)
        scores.children[case] = children
        limits = [it for bit, it in enumerate(profile.limits) if int(scores.hits[case]) >> bit & 1]
        exact, hits = (None, ()) if base is None else bounded(base, limits)
        scores.hard[case] = any(hit.limit.hard and hit.before != hit.after for hit in hits)
        scores.present[case], scores.possible[case] = coverage.numerator, coverage.denominator
        scores.base_numerator[case], scores.base_denominator[case] = _hundredths(base)
        scores.numerator[case], scores.denominator[case] = _hundredths(exact)
        enough = exact is not None and coverage >= profile.enough_coverage
        band = band_of(exact, profile.bands) if exact is not None and enough else Band.UNKNOWN
        scores.band[case] = BANDS.index(band)


def _child(scores: Scores, case: int, arr: int) -> Child:
    """A child counts with what is shown of it, and only with a colour."""
    override, exact = int(scores.override[case]), scores.exact(case)
    if override >= 0:
        points: int | None = 100 * override
    elif scores.band[case] == UNKNOWN or exact is None:
        points = None
    else:
        points = in_hundredths(exact)
    return Child(scores.cases.external_id[case], arr, points)


def _hundredths(exact: Fraction | None) -> tuple[int, int]:
    return (0, 0) if exact is None else ((100 * exact).numerator, (100 * exact).denominator)


def _fraction(numerator: np.int64, denominator: np.int64) -> Fraction | None:
    return Fraction(int(numerator), 100 * int(denominator)) if denominator else None


def _quotient(above: Ints, below: Ints) -> Floats:
    found: Floats = np.full(len(above), np.nan)
    return np.divide(above, below, out=found, where=below > 0)

"""Why a score moved between two days: named effects whose sum is the change, remainder 0.

Fixed order: profile, weights, missing, measures by id, children, hierarchy, exceptions,
override. Each effect is what the score moves by when this one thing becomes as it is on the
later day, after everything named before it; so the sum is exact by construction.

- profile: another profile holds (its scales and weights), or another version's scales
- weights: another version of the same profile weighs otherwise
- missing: a measure came or went; measure: its value changed
- child: a child's score changed (weights: its ARR; missing: it came or went)
- hierarchy: the score comes from elsewhere now, or another child is the worst
- exception: a cap or floor; override: a person's score beside the computed one
Source: health specification, 'Explanation'.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from perennial.health.rules.definition import Hierarchy, Item, Profile
from perennial.health.rules.hierarchy import Child, from_children, weighed_children
from perennial.health.rules.parts import Part, exact_of
from perennial.health.rules.scale import points_on


class Cause(StrEnum):
    PROFILE = "profile"
    WEIGHTS = "weights"
    MISSING = "missing"
    MEASURE = "measure"
    CHILD = "child"
    HIERARCHY = "hierarchy"
    EXCEPTION = "exception"
    OVERRIDE = "override"


class NoChange(StrEnum):
    """Why there is no change to explain."""

    NO_SCORE_BEFORE = "no_score_before"
    NO_SCORE_NOW = "no_score_now"


@dataclass(frozen=True, slots=True)
class Moved:
    """What a limit did to a score."""

    limit: str
    points: Fraction


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement as it was kept: all that an explanation needs."""

    profile: str
    version: int
    parts: tuple[Part, ...]
    hierarchy: Hierarchy = Hierarchy.OWN
    children: tuple[Child, ...] = ()
    limits: tuple[Moved, ...] = ()
    override: int | None = None

    @property
    def base(self) -> Fraction | None:
        """Before limits."""
        if self.hierarchy is Hierarchy.OWN or not self.children:
            return exact_of(self.parts)
        return from_children(self.hierarchy, self.children)[0]

    @property
    def computed(self) -> Fraction | None:
        base = self.base
        return None if base is None else base + sum(limit.points for limit in self.limits)

    @property
    def shown(self) -> Fraction | None:
        return self.computed if self.override is None else Fraction(self.override)


@dataclass(frozen=True, slots=True)
class Effect:
    """One cause of a change. `of` names the measure, child or limit; "" where there is none."""

    cause: Cause
    points: Fraction
    of: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The change of the shown score, and effects that add up to it. None: `reason` says why."""

    change: Fraction | None
    effects: tuple[Effect, ...] = ()
    reason: NoChange | None = None


Weighed = dict[str, tuple[int, int]]  # id → weight, points


def explain(before: Judged, after: Judged, *, now: Profile | None = None) -> Explanation:
    """Effects of zero are left out. `now` is the profile of the later day; without it what its
    scales changed counts with the measures."""
    was, shown = before.shown, after.shown
    if was is None or shown is None:
        reason = NoChange.NO_SCORE_BEFORE if was is None else NoChange.NO_SCORE_NOW
        return Explanation(None, reason=reason)
    first, last = before.computed, after.computed
    if first is None or last is None:  # there is only what a person said
        effects = [Effect(Cause.OVERRIDE, shown - was)]
    else:
        effects = [
            *_base(before, after, now),
            *_limits(before.limits, after.limits),
            Effect(Cause.OVERRIDE, (shown - last) - (was - first)),
        ]
    return Explanation(shown - was, tuple(effect for effect in effects if effect.points))


def _base(before: Judged, after: Judged, now: Profile | None) -> list[Effect]:
    kinds = {_kind(before), _kind(after)}
    if kinds == {Hierarchy.OWN}:
        return _measures(before, after, now)
    if kinds == {Hierarchy.CHILDREN}:
        old, new = _of_children(before.children), _of_children(after.children)
        reweighed = {id: (_weight(id, after.children), points) for id, (_, points) in old.items()}
        path = _Path(old)
        path.step(Cause.WEIGHTS, reweighed)
        return path.towards(new, Cause.CHILD)
    first, last = before.base, after.base
    return [Effect(Cause.HIERARCHY, last - first)] if first is not None and last is not None else []


def _kind(side: Judged) -> Hierarchy:
    return side.hierarchy if side.children else Hierarchy.OWN


def _measures(before: Judged, after: Judged, now: Profile | None) -> list[Effect]:
    old, new = _present(before.parts), _present(after.parts)
    weights = {part.measure: part.weight for part in after.parts}
    path = _Path(old)
    if (before.profile, before.version) != (after.profile, after.version) and now:
        rescaled = _rescaled(before.parts, {item.id: item for item in now.items})
        path.step(Cause.PROFILE, path.state | rescaled)
    reweighed = {id: (weights.get(id, 0), points) for id, (_, points) in path.state.items()}
    path.step(Cause.WEIGHTS if before.profile == after.profile else Cause.PROFILE, reweighed)
    return path.towards(new, Cause.MEASURE)


class _Path:
    """The way from one weighted mean to another, a step at a time. Weights of nothing on the
    way leave the score where it was, so that nothing is lost between the steps."""

    def __init__(self, start: Weighed) -> None:
        self.state = start
        self.score = _mean(start) or Fraction(0)
        self.effects: list[Effect] = []

    def step(self, cause: Cause, state: Weighed, of: str = "") -> None:
        mean = _mean(state)
        reached = self.score if mean is None else mean
        self.effects.append(Effect(cause, reached - self.score, of))
        self.state, self.score = state, reached

    def towards(self, goal: Weighed, cause: Cause) -> list[Effect]:
        """What came or went, then each value, by id."""
        for id in sorted(self.state.keys() ^ goal.keys()):
            state = {other: it for other, it in self.state.items() if other != id}
            if id in goal:
                state[id] = goal[id]
            self.step(Cause.MISSING, state, id)
        for id in sorted(goal):
            self.step(cause, self.state | {id: goal[id]}, id)
        return self.effects


def _mean(state: Weighed) -> Fraction | None:
    weight = sum(weight for weight, _ in state.values())
    total = sum(weight * points for weight, points in state.values())
    return Fraction(total, 100 * weight) if weight else None


def _present(parts: Sequence[Part]) -> Weighed:
    return {part.measure: (part.weight, part.points) for part in parts if part.points is not None}


def _rescaled(parts: Sequence[Part], items: Mapping[str, Item]) -> Weighed:
    """The old values on the new scales, where both look at the same source."""
    found: Weighed = {}
    for part in parts:
        item, steps = items.get(part.measure), part.steps
        if part.points is None or steps is None or item is None or item.source != part.source:
            continue
        points = points_on(item.scale, steps)
        if points is not None:
            found[part.measure] = (part.weight, points)
    return found


def _of_children(children: Sequence[Child]) -> Weighed:
    return {
        child.customer: (child.weight, child.points)
        for child in weighed_children(children)
        if child.points is not None
    }


def _weight(customer: str, children: Sequence[Child]) -> int:
    counted = weighed_children(children)
    return next((child.weight for child in counted if child.customer == customer), 0)


def _limits(before: Sequence[Moved], after: Sequence[Moved]) -> list[Effect]:
    """Each limit's own effect then and now, in the order of the later day."""
    moved: dict[str, Fraction] = {limit.limit: limit.points for limit in after}
    for limit in before:
        moved[limit.limit] = moved.get(limit.limit, Fraction(0)) - limit.points
    return [Effect(Cause.EXCEPTION, points, id) for id, points in moved.items()]


def shown_points(exact: Fraction) -> int:
    """A score as people see it: whole points, half up."""
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


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

"""One customer's score with everything it was made from, and why it moved between two days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from perennial.customers.models import Customer
from perennial.customers.queries import visible_customer
from perennial.health.models import CurrentHealth, Override
from perennial.health.queries.history import judged_on
from perennial.health.queries.overrides import overrides_on
from perennial.health.queries.profiles import ReadProfile, profile_of
from perennial.health.record import judged
from perennial.health.rules import (
    Cause,
    Effect,
    Explanation,
    Judged,
    Part,
    State,
    apportion,
    exact_of,
    explain,
    shown_points,
)
from perennial.health.rules.definition import GROUPS, Profile
from perennial.health.rules.hierarchy import Child
from perennial.team.models import User

MONTH_DAYS = 30


@dataclass(frozen=True, slots=True)
class Group:
    """A line of the scorecard. Points are whole, and those of all groups add up to the score of
    the measures; `change` is what its measures moved (None: no other score)."""

    id: str
    weight_rate: Fraction  # its share of the weight that was present
    score: int | None  # 0–100 of this group alone
    points: int  # what it adds to the score
    change: int | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """An effect with its whole points; `part` is the measure on the later day, if it is one."""

    effect: Effect
    points: int
    part: Part | None


@dataclass(frozen=True, slots=True)
class Change:
    """Why the score moved from one day to another. Whole points, by the largest remainder, add
    up to the change of the whole scores. `explanation.reason` says why there is none."""

    from_on: date | None
    to_on: date
    before: int | None
    after: int | None
    explanation: Explanation
    told: tuple[Told, ...]

    @property
    def points(self) -> int | None:
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True, slots=True)
class Scorecard:
    """`score` is what is shown; `computed` runs beneath a person's score (`override`)."""

    health: CurrentHealth
    profile: Profile | None
    score: int | None
    computed: int | None
    override: Override | None
    change: Change
    groups: tuple[Group, ...]
    missing: tuple[Part, ...]
    not_connected: tuple[Part, ...]
    limits: tuple[tuple[str, Fraction], ...]  # id, and the points it moved
    children: tuple[Child, ...]


def parts_of(kept: Any) -> tuple[Part, ...]:
    """The measures in a kept record."""
    return judged(kept, profile="", version=0).parts


def judged_now(health: CurrentHealth) -> Judged:
    return judged(health.parts, profile=health.profile, version=health.version)


def scorecard(
    user: User, customer: Customer, *, since_on: date | None = None, until_on: date | None = None
) -> Scorecard | None:
    """The explained score of today; the change is that of [`since_on`, `until_on`], by default
    the 30 days up to the last evaluation. None: nothing to judge, or not for this user."""
    health = CurrentHealth.objects.filter(customer__in=visible_customer(user, customer)).first()
    if health is None:
        return None
    now = judged_now(health)
    overrides = overrides_on(health.as_of, customers=[customer.pk])
    to_on = min(until_on or health.as_of, health.as_of)
    later = (health.as_of, now) if to_on == health.as_of else None
    change = change_of(
        customer, since_on or health.as_of - timedelta(days=MONTH_DAYS), to_on, later=later
    )
    shown, computed = now.shown, now.computed
    return Scorecard(
        health,
        profile_of(health.profile, health.version),
        None if shown is None else shown_points(shown),
        None if computed is None else shown_points(computed),
        overrides.get(customer.pk) if now.override is not None else None,
        change,
        _groups(now.parts, change),
        tuple(part for part in now.parts if part.state in (State.MISSING, State.STALE)),
        tuple(part for part in now.parts if part.state is State.NOT_CONNECTED),
        tuple((moved.limit, moved.points) for moved in now.limits),
        now.children,
    )


def change_of(
    customer: Customer, from_on: date, to_on: date, *, later: tuple[date, Judged] | None = None
) -> Change:
    """Why the score of a customer moved between two days; the caller has passed the gate."""
    name = customer.external_id
    earlier = judged_on([name], from_on).get(name)
    later = later or judged_on([name], to_on).get(name)
    nothing = Judged("", 0, ())
    before, after = earlier[1] if earlier else nothing, later[1] if later else nothing
    told = explain(before, after, now=_rescaling(before, after, profile_of))
    return Change(
        earlier[0] if earlier else None,
        later[0] if later else to_on,
        _whole(before),
        _whole(after),
        told,
        _told(told, before, after),
    )


def explained(before: Judged, after: Judged, *, read: ReadProfile = profile_of) -> tuple[Told, ...]:
    """The effects between two judgements, with whole points. `read`: for many of them, one that
    keeps the profiles that it has read."""
    return _told(explain(before, after, now=_rescaling(before, after, read)), before, after)


def _rescaling(before: Judged, after: Judged, read: ReadProfile) -> Profile | None:
    """The later definition, where another one was in force before."""
    if (before.profile, before.version) == (after.profile, after.version):
        return None
    return read(after.profile, after.version)


def _whole(side: Judged) -> int | None:
    return None if side.shown is None else shown_points(side.shown)


def _told(told: Explanation, before: Judged, after: Judged) -> tuple[Told, ...]:
    if told.change is None:
        return ()
    total = (_whole(after) or 0) - (_whole(before) or 0)
    points = apportion([effect.points for effect in told.effects], total)
    parts = {part.measure: part for part in (*before.parts, *after.parts)}
    return tuple(
        Told(effect, size, _part(effect, parts))
        for effect, size in zip(told.effects, points, strict=True)
    )


def _part(effect: Effect, parts: Mapping[str, Part]) -> Part | None:
    of_measure = effect.cause in (Cause.MEASURE, Cause.MISSING)
    return parts.get(effect.of) if of_measure else None


def _groups(parts: Sequence[Part], change: Change) -> tuple[Group, ...]:
    """Lines of the scorecard."""
    present = [part for part in parts if part.points is not None]
    names = [name for name in (*GROUPS, "other") if any(part.group == name for part in present)]
    total = sum(part.weight for part in present)
    moved = _moved(change.told)
    shares, lines = [], []
    for name in names:
        own = [part for part in present if part.group == name]
        mean, weight = exact_of(own), sum(part.weight for part in own)
        rate = Fraction(weight, total) if total else Fraction(0)
        shares.append((mean or Fraction(0)) * rate)
        lines.append((name, rate, mean, tuple(own)))
    points = apportion(shares, shown_points(sum(shares, Fraction(0))))
    return tuple(
        Group(
            name,
            rate,
            None if mean is None else shown_points(mean),
            point,
            None if change.points is None else moved.get(name, 0),
            own,
        )
        for (name, rate, mean, own), point in zip(lines, points, strict=True)
    )


def _moved(told: Iterable[Told]) -> dict[str, int]:
    """What the values of each group's measures moved."""
    moved: dict[str, int] = {}
    for it in told:
        if it.part is not None:
            moved[it.part.group] = moved.get(it.part.group, 0) + it.points
    return moved

"""Reads of health: the score of today, its explanation, its history."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from perennial.customers.models import Customer
from perennial.customers.queries import visible_customer, visible_customers
from perennial.events.store import open_store
from perennial.health.models import CurrentHealth
from perennial.health.rules import (
    Effect,
    Part,
    State,
    apportion,
    exact_of,
    explain,
    shown_points,
)
from perennial.health.scorecard import GROUPS, MEASURES
from perennial.team.models import User

LOOK_BACK_DAYS = 7  # a missed day or two does not lose the day before
MONTH_DAYS = 30


@dataclass(frozen=True, slots=True)
class Group:
    """A line of the scorecard. Points are whole, and those of all groups add up to the score;
    `change` likewise adds up to the change since the other date (None: no other score)."""

    id: str
    weight_rate: Fraction  # its share of the weight that was present
    score: int | None  # 0–100 of this group alone
    points: int  # what it adds to the score
    change: int | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One customer's score with everything it was made from."""

    health: CurrentHealth
    score: int | None
    before: int | None
    before_on: date | None
    groups: tuple[Group, ...]
    other_effects: tuple[tuple[str, int], ...]  # profile, missing: with whole points
    missing: tuple[Part, ...]
    not_connected: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class BandChange:
    customer: Customer
    before: str
    after: str
    score_before: float | None
    score: float | None


def stored(parts: Iterable[Part]) -> list[dict[str, Any]]:
    """Parts as they are kept: one small object each, in the order of the profile."""
    return [
        {
            "measure": part.measure,
            "weight": part.weight,
            "state": part.state.value,
            "value": part.value,
            "points": part.points,
            "params": dict(part.params),
        }
        for part in parts
    ]


def parts_of(kept: Iterable[Mapping[str, Any]]) -> tuple[Part, ...]:
    """Parts back from `stored`; measures that no longer exist stand in the group 'other'."""
    return tuple(
        Part(
            row["measure"],
            MEASURES[row["measure"]].group if row["measure"] in MEASURES else "other",
            row["weight"],
            State(row["state"]),
            row["value"],
            row["points"],
            row["params"],
        )
        for row in kept
    )


def newest_before(
    day: date, *, columns: Sequence[str], customers: list[str] | None = None
) -> pa.Table:
    """The rows of the last evaluated day within the week that ends on `day`, included."""
    table = open_store().health(
        from_on=day - timedelta(days=LOOK_BACK_DAYS - 1),
        to_on=day,
        customers=customers,
        columns=["day", "customer", *columns],
    )
    if not table.num_rows:
        return table
    return table.filter(pc.equal(table["day"], pc.max(table["day"])))


def scores_on(day: date) -> dict[str, float | None]:
    """Scores by external id at the end of `day` (or the last day before it within a week)."""
    table = newest_before(day, columns=["score"])
    return dict(zip(table["customer"].to_pylist(), table["score"].to_pylist(), strict=True))


def current(customer_ids: Iterable[int]) -> dict[int, CurrentHealth]:
    """Health by customer id; the ids come from a gate."""
    return {row.customer_id: row for row in CurrentHealth.objects.filter(pk__in=customer_ids)}


def measures_connected() -> frozenset[str]:
    """Measures whose source exists in this installation, as of the last evaluation."""
    row = CurrentHealth.objects.order_by("-as_of").first()
    parts = parts_of(row.parts) if row else ()
    return frozenset(part.measure for part in parts if part.state is not State.NOT_CONNECTED)


def band_changes(user: User, *, on: date) -> list[BandChange]:
    """Whose colour changed on this day, worst first."""
    rows = (
        CurrentHealth.objects.filter(changed_on=on, as_of=on, customer__in=visible_customers(user))
        .select_related("customer")
        .order_by("score")
    )
    if not rows:
        return []
    table = newest_before(on - timedelta(days=1), columns=["band", "score"])
    before = {row["customer"]: row for row in table.to_pylist()}
    return [
        BandChange(
            row.customer,
            old["band"],
            row.band,
            old["score"],
            float(row.score) if row.score is not None else None,
        )
        for row in rows
        if (old := before.get(row.customer.external_id)) and old["band"] != row.band
    ]


def history(customer: Customer, *, from_on: date, to_on: date) -> list[tuple[date, float | None]]:
    """The scores of one customer day by day, oldest first."""
    table = open_store().health(
        from_on=from_on,
        to_on=to_on,
        customers=[customer.external_id],
        columns=["day", "score"],
    )
    return sorted(zip(table["day"].to_pylist(), table["score"].to_pylist(), strict=True))


def parts_on(customer: Customer, day: date) -> tuple[date, tuple[Part, ...]] | None:
    """What the score was made from at the end of `day`; None when it was not evaluated."""
    table = newest_before(day, columns=["parts"], customers=[customer.external_id])
    if not table.num_rows:
        return None
    row = table.to_pylist()[0]
    return row["day"], parts_of(json.loads(row["parts"]))


def scorecard(user: User, customer: Customer, *, since_on: date | None = None) -> Scorecard | None:
    """The explained score; changes since `since_on` (default: 30 days before). None: no score."""
    health = CurrentHealth.objects.filter(customer__in=visible_customer(user, customer)).first()
    if health is None:
        return None
    parts = parts_of(health.parts)
    earlier = parts_on(customer, since_on or health.as_of - timedelta(days=MONTH_DAYS))
    before_on, before = earlier or (None, ())
    effects = explain(before, parts)
    exact, exact_before = exact_of(parts), exact_of(before)
    whole = None if exact is None else shown_points(exact)
    was = None if exact_before is None else shown_points(exact_before)
    change = whole - was if whole is not None and was is not None else 0
    return Scorecard(
        health,
        whole,
        was,
        before_on,
        *_groups(parts, effects, change=change, compared=was is not None),
        tuple(part for part in parts if part.state in (State.MISSING, State.STALE)),
        tuple(part for part in parts if part.state is State.NOT_CONNECTED),
    )


def _groups(
    parts: Sequence[Part], effects: Sequence[Effect], *, change: int, compared: bool
) -> tuple[tuple[Group, ...], tuple[tuple[str, int], ...]]:
    """Lines of the scorecard, and the effects that belong to no line."""
    present = [part for part in parts if part.points is not None]
    names = [name for name in GROUPS if any(part.group == name for part in present)]
    total = sum(part.weight for part in present)
    moved: dict[str, Fraction] = {}
    for effect in effects:
        owner = MEASURES[effect.cause].group if effect.cause in MEASURES else effect.cause
        moved[owner] = moved.get(owner, Fraction(0)) + effect.points
    changes = dict(zip(moved, apportion(list(moved.values()), change), strict=True))
    shares, lines = [], []
    for name in names:
        own = [part for part in present if part.group == name]
        mean, weight = exact_of(own), sum(part.weight for part in own)
        shares.append((mean or Fraction(0)) * weight / total)
        lines.append((name, Fraction(weight, total), mean, tuple(own)))
    points = apportion(shares, shown_points(sum(shares, Fraction(0))))
    groups = tuple(
        Group(
            name,
            weight_rate,
            None if mean is None else shown_points(mean),
            point,
            changes.get(name, 0) if compared else None,
            own,
        )
        for (name, weight_rate, mean, own), point in zip(lines, points, strict=True)
    )
    others = tuple((name, size) for name, size in changes.items() if name not in names and size)
    return groups, others

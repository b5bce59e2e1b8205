"""What a playbook brought: its runs against customers like theirs, point in time.

Only customers that the asker sees, on both sides. Every covariate is the state at the end of the
day before the enrolment; every outcome is measured the same way on both sides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from perennial.customers.queries import visible_customers
from perennial.events.store import open_store
from perennial.health.inputs.cases import Cases as Read
from perennial.health.inputs.facts import Facts
from perennial.health.inputs.scene import Scene
from perennial.health.queries.outcomes import labelled_renewals
from perennial.team.models import User
from perennial.work.models import Run
from perennial.work.playbooks.rules.effect import (
    SEED,
    Balance,
    Cases,
    Effect,
    Matched,
    balance,
    effect,
    match,
)

Floats = NDArray[np.float64]
HORIZONS: Final = (28, 56)
NEWEST_RUNS: Final = 1000
MOST_CASES, A_DAY = 20_000, 400  # untreated ones that are looked at, in all and for one day
APART_DAYS: Final = 180  # treated so lately is not untreated
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`name`: usage_28, usage_56 (change of the logarithm), health_28 (points), renewed (0–1)."""

    name: str
    effect: Effect


@dataclass(frozen=True, slots=True)
class Found:
    """`runs`: those that were long enough ago; `matched_rate`: share with customers like them."""

    runs: int
    matched_rate: float | None
    outcomes: tuple[Outcome, ...]
    balance: tuple[Balance, ...]


def effect_of(name: str, user: User, *, known_on: date) -> Found:
    """The effect of one playbook, as known at the end of a day."""
    read = _cases(name, user, known_on)
    if read is None:
        return Found(0, None, tuple(Outcome(it, Effect(0, reason="too_few")) for it in NAMES), ())
    rows, treated = read
    scene = Scene(rows)
    cases = _matching(scene, rows, treated)
    matched = match(cases)
    found = tuple(
        Outcome(it, effect(cases, matched, values))
        for it, values in _outcomes(rows, scene, known_on).items()
    )
    return Found(int(treated.sum()), matched.share_rate, found, _shown(cases, matched))


NAMES: Final = (*(f"usage_{days}" for days in HORIZONS), "health_28", "renewed")


def _shown(cases: Cases, matched: Matched) -> tuple[Balance, ...]:
    return tuple(balance(cases, matched)) if matched.pairs else ()


def _cases(name: str, user: User, known_on: date) -> tuple[Read, NDArray[np.bool_]] | None:
    """The treated on the day before they entered, and untreated ones of the same days."""
    seen = dict(visible_customers(user).values_list("pk", "external_id"))
    runs = Run.objects.filter(playbook__name=name).order_by("-enrolled_on", "-pk")
    entered: dict[int, list[date]] = {}
    for pk, on in runs.values_list("customer_id", "enrolled_on"):
        entered.setdefault(pk, []).append(on)
    latest = known_on - timedelta(days=HORIZONS[0]) + _DAY
    treated = [
        (pk, on) for pk, days in entered.items() if pk in seen for on in days if on <= latest
    ]
    treated = sorted(treated, key=lambda it: it[1], reverse=True)[:NEWEST_RUNS]
    if not treated:
        return None
    days = sorted({on for _pk, on in treated})
    dice = np.random.default_rng(SEED)
    others: list[tuple[int, date]] = []
    for on in days:
        free = [
            pk for pk in seen if all(abs((on - it).days) > APART_DAYS for it in entered.get(pk, ()))
        ]
        most = min(A_DAY, MOST_CASES // len(days), len(free))
        others += [(free[at], on) for at in dice.choice(len(free), most, replace=False)]
    rows = [*treated, *others]
    read = Read.of(
        [pk for pk, _on in rows],
        [seen[pk] for pk, _on in rows],
        [on - _DAY for _pk, on in rows],
    )
    return read, np.arange(len(rows)) < len(treated)


def _matching(scene: Scene, rows: Read, treated: NDArray[np.bool_]) -> Cases:
    facts = Facts(scene)
    days = rows.as_of.astype(str).tolist()
    block = [
        f"{day} {tier} {stage}"
        for day, tier, stage in zip(days, facts["tier"], facts["stage"], strict=True)
    ]
    before = scene.usage.events_prior_84d / 3
    return Cases(
        rows.customer,
        treated,
        block,
        {
            "score": _scores(rows, 0),
            "arr": np.log1p(np.maximum(facts["arr"].astype("float64"), 0)),
            "usage": np.log1p(scene.usage.events_28d),
            "trend": np.log1p(scene.usage.events_28d) - np.log1p(before),
            "due_in_days": np.clip(facts["due_in_days"].astype("float64"), 0, 365),
        },
    )


def _outcomes(rows: Read, scene: Scene, known_on: date) -> Mapping[str, Floats]:
    now = np.log1p(scene.usage.events_28d)
    found = {}
    for days in HORIZONS:
        later = Scene(_later(rows, days)).usage.events_28d
        found[f"usage_{days}"] = np.where(
            _is_over(rows, days, known_on), np.log1p(later) - now, np.nan
        )
    change = _scores(rows, HORIZONS[0]) - _scores(rows, 0)
    found["health_28"] = np.where(_is_over(rows, HORIZONS[0], known_on), change, np.nan)
    found["renewed"] = _renewed(rows, known_on)
    return found


def _later(rows: Read, days: int) -> Read:
    return Read(rows.customer, rows.external_id, rows.as_of + np.timedelta64(days, "D"))


def _is_over(rows: Read, days: int, known_on: date) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = rows.as_of + np.timedelta64(days, "D") <= np.datetime64(known_on)
    return found


def _scores(rows: Read, days: int) -> Floats:
    """Health scores of the cases so many days later, as they were judged then; nan: none."""
    wanted = (rows.as_of + np.timedelta64(days, "D")).astype(object)
    kept = open_store().health(
        from_on=min(wanted),
        to_on=max(wanted),
        customers=sorted(set(rows.external_id)),
        columns=["day", "customer", "score"],
    )
    kept = kept.filter(pc.is_in(kept["day"], pa.array(sorted(set(wanted)), pa.date32())))
    columns = (kept[name].to_pylist() for name in ("customer", "day", "score"))
    known = {(who, on): score for who, on, score in zip(*columns, strict=True)}
    values = [known.get((who, on)) for who, on in zip(rows.external_id, wanted, strict=True)]
    return np.array([np.nan if it is None else float(it) for it in values])


def _renewed(rows: Read, known_on: date) -> Floats:
    """Whether what fell due next was renewed; nan while that is not decided."""
    days: Sequence[date] = rows.as_of.astype(object).tolist()
    decided = labelled_renewals(
        min(days), known_on, known_on=known_on, customers=set(rows.customer.tolist())
    )
    due: dict[str, list[tuple[date, bool]]] = {}
    for row in decided.rows:
        due.setdefault(row.external_id, []).append((row.due_on, row.lost))
    found = np.full(len(rows), np.nan)
    for place, (who, day) in enumerate(zip(rows.external_id, days, strict=True)):
        ahead = [(on, lost) for on, lost in due.get(who, ()) if on > day]
        if ahead:
            found[place] = 0.0 if min(ahead)[1] else 1.0
    return found

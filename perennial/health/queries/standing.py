"""The readings of the last computed day, kept while people try drafts on them.

A draft needs no new readings: only what a new measure asks for is read once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from threading import Lock

import numpy as np
from django.conf import settings

from perennial.customers.queries import visible_customers
from perennial.health.inputs.cases import Flags, Readings, day_cases
from perennial.health.inputs.reading import gather
from perennial.health.judging import Scores, judge_all
from perennial.health.queries.profiles import profiles_in_force
from perennial.health.rules.definition import Profile
from perennial.team import days
from perennial.team.models import User

Key = tuple[Path, date, datetime | None]


@dataclass(frozen=True, slots=True)
class Standing:
    """One computed day: what was measured, and by which profiles it is judged now."""

    day: date
    readings: Readings
    profiles: Sequence[Profile]
    scores: Scores


_lock = Lock()
_kept: dict[Key, Readings] = {}  # of one day: the last that somebody looked at
_judged: dict[tuple[Key, tuple[Profile, ...]], Scores] = {}


def standing(day: date, *, also: Iterable[Profile] = ()) -> Standing:
    """How everybody stands at the end of a computed day, by the profiles that are in force.

    `also`: drafts whose measures should be read, too.
    """
    in_force = profiles_in_force()
    wanted = {item.source for profile in (*in_force, *also) for item in profile.items}
    key = (settings.PERENNIAL_HOME, day, days.finished_at(day))
    with _lock:  # two editors at once read once
        readings = _read(key, wanted)
        scores = _judge(key, readings, in_force)
    return Standing(day, readings, in_force, scores)


def seen_by(user: User, found: Standing) -> Flags:
    """Which cases are customers that this user may see."""
    ids = list(visible_customers(user).values_list("pk", flat=True))
    return np.isin(found.scores.cases.customer, np.array(ids, "int64"))


def _read(key: Key, wanted: set[str]) -> Readings:
    kept = _kept.get(key)
    if kept is None:
        _kept.clear()
        _judged.clear()
        kept = gather(day_cases(key[1]), sorted(wanted))
    elif missing := sorted(wanted - set(kept)):
        more = gather(kept.cases, missing)
        kept = replace(kept, columns={**kept.columns, **more.columns})
    _kept[key] = kept
    return kept


def _judge(key: Key, readings: Readings, in_force: Sequence[Profile]) -> Scores:
    judged = (key, tuple(in_force))
    if judged not in _judged:
        _judged.clear()
        _judged[judged] = judge_all(readings, in_force)
    return _judged[judged]

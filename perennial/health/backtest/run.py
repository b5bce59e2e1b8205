"""A backtest from its question to its figures: outcomes, cases before them, scores, horizons.

Every case is judged as of the end of a day, from what was recorded by then; only what became of
it is known later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

import numpy as np

from perennial.customers.models import Customer
from perennial.health.backtest.families import with_children
from perennial.health.backtest.imported import imported
from perennial.health.backtest.outcomes import Days, Flags, Floats, Ints, Outcomes
from perennial.health.backtest.renewed import renewed
from perennial.health.backtest.rules.confusion import lead_days
from perennial.health.backtest.rules.horizon import NO_POINTS, Horizon, horizon, level_each
from perennial.health.backtest.rules.horizon import Cases as Judged
from perennial.health.backtest.silence import silences
from perennial.health.inputs.cases import Cases, Readings
from perennial.health.inputs.reading import gather
from perennial.health.judging import BANDS, RED, Scores, judge_all
from perennial.health.rules.definition import Profile
from perennial.units.progress import Progress, silent

SEED: Final = 20260101
SENTIMENT: Final = "sentiment"


class Kind(StrEnum):
    """Where outcomes come from."""

    RENEWALS = "renewals"
    SILENT = "silent"
    IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class Question:
    """Which outcomes. `customers`: pks that the asker may see, None for all; `known_on`: the day
    at whose end it is known what became of them."""

    kind: Kind
    known_on: date
    from_on: date | None = None
    to_on: date | None = None
    silent_days: int = 0
    seed: int = SEED
    customers: frozenset[int] | None = None

    @property
    def name(self) -> str:
        """As it is typed: renewals, silent:365, imported."""
        return f"{self.kind}:{self.silent_days}" if self.kind is Kind.SILENT else self.kind.value


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """Outcomes with the readings of every case before them; profiles come and go."""

    question: Question
    outcomes: Outcomes
    readings: Readings
    place: Ints  # (horizon, outcome) → position among the cases of the readings

    @property
    def sources(self) -> set[str]:
        return set(self.readings)


@dataclass(frozen=True, slots=True, eq=False)
class Backtest:
    """The figures of some profiles. `assumed_rate`: share of the facts read whose moment of
    recording is assumed to be the moment itself."""

    question: Question
    profiles: Sequence[Profile]
    outcomes: Outcomes
    horizons: Sequence[Horizon]
    assumed_rate: float


def backtest(
    question: Question, profiles: Sequence[Profile], *, progress: Progress = silent
) -> Backtest:
    """Ask and judge in one go. Raises FilterRefused for an audience that cannot be read."""
    return judged(replay(question, sources_of(profiles), progress=progress), profiles)


def sources_of(profiles: Sequence[Profile]) -> list[str]:
    """What has to be read for these profiles, and for the comparison with sentiment."""
    return sorted({item.source for it in profiles for item in it.items} | {SENTIMENT})


def replay(question: Question, sources: Sequence[str], *, progress: Progress = silent) -> Replay:
    """Everything but the profiles: the slow part, which many drafts can share."""
    outcomes = outcomes_of(question)
    progress(1, 3)
    days = [outcomes.ended_on - np.timedelta64(it, "D") for it in outcomes.horizons]
    as_of = np.concatenate(days) if days else outcomes.ended_on[:0]
    whose = np.tile(outcomes.customer, len(days))
    pairs = np.stack([whose, as_of.astype("int64")])
    _, first, place = np.unique(pairs, axis=1, return_index=True, return_inverse=True)
    ids = outcomes.external_id
    cases = Cases(
        whose[first], [ids[it % len(ids)] for it in first.tolist()], as_of[first], known=True
    )
    readings = gather(with_children(cases), sources)
    progress(2, 3)
    return Replay(question, outcomes, readings, place.reshape(len(days), len(outcomes)))


def outcomes_of(question: Question) -> Outcomes:
    """What became of whom, by the source that is asked for."""
    first, last, own = question.from_on, question.to_on, question.customers
    match question.kind:
        case Kind.RENEWALS:
            return renewed(first, last, known_on=question.known_on, customers=own)
        case Kind.IMPORTED:
            return imported(first, last, seed=question.seed, customers=own)
        case Kind.SILENT:
            names = None if own is None else _names(own)
            return silences(question.silent_days, first, last, customers=names)


def _names(customers: frozenset[int]) -> set[str]:
    known = Customer.objects.values_list("pk", "external_id")
    return {external_id for pk, external_id in known if pk in customers}


def judged(found: Replay, profiles: Sequence[Profile]) -> Backtest:
    """What these profiles would have said, held against what came."""
    scores = judge_all(found.readings, profiles)
    points = points_of(scores)
    leads = _leads(found, scores)
    seed, level = found.question.seed, level_each(len(leads) or 1)
    horizons = [
        horizon(days, _cases(found, scores, points, lead, place), seed=seed, level=level)
        for days, place, lead in zip(found.outcomes.horizons, found.place, leads, strict=True)
    ]
    rate = found.readings.assumed_rate
    return Backtest(found.question, profiles, found.outcomes, horizons, rate)


def points_of(scores: Scores) -> dict[str, Ints]:
    """By measure, its hundredths of a point in every case, −1 where it has none."""
    points: dict[str, Ints] = {}
    for block in scores.blocks:
        for item, mine in zip(block.profile.items, block.points, strict=True):
            every = points.setdefault(item.id, np.full(len(scores), NO_POINTS))
            every[block.rows] = mine
    return points


def _cases(
    found: Replay, scores: Scores, points: Mapping[str, Ints], lead: Sequence[int], place: Ints
) -> Judged:
    outcomes = found.outcomes
    return Judged(
        customer=outcomes.customer,
        lost=outcomes.lost,
        control=outcomes.control,
        matched=(scores.profile >= 0)[place],
        score=scores.score[place],
        band=[BANDS[code] for code in scores.band[place]],
        amount=outcomes.amount,
        lead_days=lead,
        points={name: every[place] for name, every in points.items()},
        sentiment=_sentiment(found.readings)[place],
    )


def _sentiment(readings: Readings) -> Floats:
    column = readings[SENTIMENT]
    return np.where(column.stale, np.nan, column.value)


def _leads(found: Replay, scores: Scores) -> list[list[int]]:
    """By horizon and outcome, for how many days before the end it had been red without a break;
    0 where it was not red."""
    outcomes, as_of = found.outcomes, found.readings.cases.as_of
    red: Flags = scores.band == RED
    one_day = len(outcomes.horizons) == 1  # then the months before are its history
    history: dict[int, dict[date, bool]] = {}
    for row in found.place:
        for index, case in enumerate(row.tolist()):
            key = int(outcomes.customer[index]) if one_day else index
            history.setdefault(key, {})[as_of[case].item()] = bool(red[case])
    ended: Days = outcomes.ended_on
    return [
        [
            lead_days(
                history[int(outcomes.customer[index]) if one_day else index],
                seen_on=as_of[case].item(),
                ended_on=ended[index].item(),
            )
            if red[case] and outcomes.lost[index]
            else 0
            for index, case in enumerate(row.tolist())
        ]
        for row in found.place
    ]

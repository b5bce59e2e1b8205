"""What a draft would change on real customers: who gets another colour, and why.

Both sides are what this one evaluation says; a colour that is shown changes when a second one
agrees, and a person's own score stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np

from perennial.customers.filters import parse
from perennial.customers.matching import matches
from perennial.customers.models import Customer
from perennial.health.audience import FIELDS
from perennial.health.inputs.cases import Flags, Floats
from perennial.health.judging import BANDS, UNKNOWN, Scores, judge_all
from perennial.health.queries.standing import Standing, seen_by, standing
from perennial.health.record import judged_of
from perennial.health.rules.bands import Band
from perennial.health.rules.definition import Profile
from perennial.health.rules.explain import Cause, Effect, Judged, explain
from perennial.health.rules.parts import exact_of
from perennial.team.models import User
from perennial.units.errors import RowError
from perennial.units.sentence import sentence

MOST_SHOWN = 12
MOST_EFFECTS = 3
FEW = 5

Counts = Mapping[Band, int]


@dataclass(frozen=True, slots=True)
class Changed:
    """One customer that would get another colour. Scores None: nothing could be measured.

    `pulled`: the source whose other weight moves the score most; "" when weights move nothing.
    """

    customer: Customer
    band: Band
    new_band: Band
    score: float | None
    new_score: float | None
    effects: Sequence[Effect]
    pulled: str


@dataclass(frozen=True, slots=True)
class Preview:
    """A draft beside what is in force, of the customers that somebody sees.

    `judged`: how many the profile judges, now and as the draft says; `changed`: the worst
    first, at most MOST_SHOWN of `changed_count`; `values`: of the draft's measures, by id.
    """

    day: date
    before: Counts
    after: Counts
    mean_before: float | None
    mean_after: float | None
    judged: tuple[int, int]
    changed_count: int
    risen: int
    fallen: int
    changed: Sequence[Changed]
    hints: Sequence[RowError]
    values: Mapping[str, Floats]

    @property
    def whole(self) -> int:
        return sum(self.before.values())


def preview(
    user: User, draft: Profile, *, day: date, retired: bool = False, most: int = MOST_SHOWN
) -> Preview:
    """Judge everybody again with the draft in place of the profile of its name.

    `retired`: without that profile. Raises FilterRefused for an audience that cannot be read.
    """
    found = standing(day, also=[draft])
    others = [it for it in found.profiles if it.name != draft.name]
    after = judge_all(found.readings, others if retired else [*others, draft])
    seen = seen_by(user, found)
    was, now = found.scores.band, after.band
    moved = np.flatnonzero(seen & (was != now))
    difference = after.score - found.scores.score
    its = [_judged_by(scores, draft.name) & seen for scores in (found.scores, after)]
    return Preview(
        day=day,
        before=_counts(was[seen]),
        after=_counts(now[seen]),
        mean_before=_mean(found.scores, seen),
        mean_after=_mean(after, seen),
        judged=(int(its[0].sum()), int(its[1].sum())),
        changed_count=len(moved),
        risen=int((seen & (difference > 0)).sum()),
        fallen=int((seen & (difference < 0)).sum()),
        changed=_changed(found, after, _worst_first(found.scores, after, moved)[:most]),
        hints=[] if retired else _hints(draft, others, found, after, seen=seen),
        values={} if retired else _values(draft, found, its[1]),
    )


def _judged_by(scores: Scores, name: str) -> Flags:
    place = next((i for i, it in enumerate(scores.profiles) if it.name == name), None)
    return scores.profile == place if place is not None else np.zeros(len(scores), bool)


def _counts(bands: np.ndarray) -> Counts:
    return {band: int((bands == code).sum()) for code, band in enumerate(BANDS)}


def _mean(scores: Scores, seen: Flags) -> float | None:
    known = scores.score[seen & ~np.isnan(scores.score)]
    return float(known.mean()) if len(known) else None


def _worst_first(before: Scores, after: Scores, moved: np.ndarray) -> list[int]:
    """By the colour they come to, red first; in it by how far they fall."""
    fall = np.nan_to_num(after.score - before.score)
    order = sorted(moved, key=lambda i: (int(after.band[i]), float(fall[i]), int(i)))
    return [int(i) for i in order]


def _changed(standing: Standing, after: Scores, rows: Sequence[int]) -> list[Changed]:
    before, readings = standing.scores, standing.readings
    ids = [int(before.cases.customer[row]) for row in rows]
    customers = Customer.objects.in_bulk(ids)  # ids passed the gate
    found = []
    for row, pk in zip(rows, ids, strict=True):
        profile = int(after.profile[row])
        was, now = (judged_of(scores, row, readings) for scores in (before, after))
        told = explain(was, now, now=after.profiles[profile] if profile >= 0 else None)
        scores = [None if it is None else float(it) for it in (was.computed, now.computed)]
        found.append(
            Changed(
                customers[pk],
                BANDS[int(before.band[row])],
                BANDS[int(after.band[row])],
                scores[0],
                scores[1],
                sorted(told.effects, key=lambda it: -abs(it.points))[:MOST_EFFECTS],
                _pulled(was, now, told.effects),
            )
        )
    return found


def _pulled(was: Judged, now: Judged, effects: Sequence[Effect]) -> str:
    """The source whose share of the weight moves the mean most the way that the weights moved
    it, at the points it has now."""
    moved = sum(it.points for it in effects if it.cause is Cause.WEIGHTS)
    old = {it.source: it.weight for it in was.parts if it.points is not None}
    new = {it.source: it for it in now.parts if it.points is not None}
    mean = exact_of(now.parts)
    wholes = sum(old.values()), sum(it.weight for it in new.values())
    if mean is None or not all(wholes):
        return ""
    pulls = {
        source: (Fraction(it.weight, wholes[1]) - Fraction(old.get(source, 0), wholes[0]))
        * (Fraction(it.points or 0, 100) - mean)
        for source, it in new.items()
    }
    way = 1 if moved > 0 else -1
    source = max(pulls, key=lambda it: (way * pulls[it], it), default="")
    return source if moved and way * pulls[source] > 0 else ""


def _values(draft: Profile, found: Standing, its: Flags) -> dict[str, Floats]:
    """What the customers of a profile have, by the id of the measure."""
    values = {}
    for item in draft.items:
        column = found.readings[item.source]
        values[item.id] = column.value[its & ~column.stale & ~np.isnan(column.value)]
    return values


def _hints(
    draft: Profile, others: Sequence[Profile], found: Standing, after: Scores, *, seen: Flags
) -> list[RowError]:
    """What only real customers can say: nobody matches, nobody gets a colour, a tie."""
    matching = _match(draft, found) & seen
    judged = _judged_by(after, draft.name) & seen
    hints = []
    if seen.any() and not matching.any():
        hints.append(_hint("nobody", sentence("No customer matches: this profile judges nobody.")))
    elif matching.any() and not judged.any():
        text = sentence("Customers match ({n}), but a profile of higher priority takes them all.")
        hints.append(_hint("taken", text, n=int(matching.sum())))
    elif judged.any() and (after.band[judged] == UNKNOWN).all():
        text = sentence("Nobody gets a colour: under {rate} % of the weight has a value.")
        rate = round(float(draft.enough_coverage) * 100)
        hints.append(_hint("all_grey", text, rate=rate))
    if 0 < seen.sum() <= FEW:
        text = sentence("Only {n} customers in all: what a change does to so few says little.")
        hints.append(_hint("few", text, n=int(seen.sum())))
    for other in others:
        both = int((matching & _match(other, found)).sum())
        if other.priority == draft.priority and both:
            text = sentence("{n} customers match {other}, too, of the same priority: {first} wins.")
            first = min(other.name, draft.name)
            hints.append(_hint("tie", text, n=both, other=other.name, first=first))
    return [*hints, *_empty_measures(draft, found, judged)]


def _match(profile: Profile, found: Standing) -> Flags:
    """Whom its audience means, whoever judges them in the end."""
    readings = found.readings
    as_of = readings.cases.as_of
    return matches(parse(profile.audience), FIELDS, readings.facts, as_of=as_of)


def _empty_measures(draft: Profile, found: Standing, judged: Flags) -> list[RowError]:
    """Measures that nobody has a value of: `measures` are their sources."""
    absent: list[str] = []
    empty: list[str] = []
    for item in draft.items if judged.any() else ():
        column = found.readings[item.source]
        if np.isnan(column.value[judged]).all():
            connected = column.connected[judged].any()
            (empty if connected else absent).append(item.source)
    hints = []
    if absent:
        text = sentence("Not connected here, and so not counted: {measures}.")
        hints.append(_hint("not_connected", text, measures=",".join(absent)))
    if empty:
        text = sentence("Nobody has a value, which lowers the coverage: {measures}.")
        hints.append(_hint("empty", text, measures=",".join(empty)))
    return hints


def _hint(code: str, text: str, **params: object) -> RowError:
    return RowError(code, text, params={name: str(value) for name, value in params.items()})

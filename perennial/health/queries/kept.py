"""A judgement out of the columns: the parts of one case, as an explanation needs them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from perennial.health.judging import STATES, Scores
from perennial.health.rules.definition import STEPS, Hierarchy
from perennial.health.rules.explain import Judged, Moved
from perennial.health.rules.limits import limited
from perennial.health.rules.parts import Part


def judged_of(scores: Scores, case: int) -> Judged:
    """One case with its parts; without a profile nothing was judged."""
    place = int(scores.profile[case])
    if place < 0:
        return Judged("", 0, ())
    profile = scores.profiles[place]
    block = next(it for it in scores.blocks if it.profile is profile)
    row = int(np.searchsorted(block.rows, case))
    parts = tuple(
        Part(
            item.id,
            item.group,
            item.weight,
            STATES[int(block.states[row, k])],
            int(block.values[row, k]) / STEPS,
            None if block.points[row, k] < 0 else int(block.points[row, k]),
            source=item.source,
            usage=item.usage,
        )
        for k, item in enumerate(profile.items)
    )
    children = scores.children.get(case, ())
    base = scores.base(case)
    moved: tuple[Moved, ...] = ()
    if base is not None:
        _exact, hits = limited(base, profile.limits, {part.measure: part for part in parts})
        moved = tuple(Moved(hit.limit.id, Fraction(hit.after - hit.before)) for hit in hits)
    hierarchy = profile.hierarchy if children else Hierarchy.OWN
    return Judged(profile.name, profile.version, parts, hierarchy, children, moved)

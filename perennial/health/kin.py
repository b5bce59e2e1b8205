"""Parents and children among cases: who counts for whom on the same day, and with what ARR."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from perennial.health.inputs.cases import Ints, Readings

Kin = Mapping[int, Sequence[int]]  # position of a parent's case → those of its children


def kin_of(readings: Readings) -> Kin:
    """Children among the cases of the same day, by their parent's case."""
    parents = np.asarray(readings.facts["parent"]).astype("int64").tolist()
    days = readings.cases.as_of.astype("int64").tolist()
    ids = readings.cases.customer.tolist()
    place = {case: position for position, case in enumerate(zip(ids, days, strict=True))}
    found: dict[int, list[int]] = defaultdict(list)
    for position, (parent, day) in enumerate(zip(parents, days, strict=True)):
        above = place.get((parent, day)) if parent > 0 else None
        if above is not None:
            found[above].append(position)
    return found


def arr_of(readings: Readings) -> Ints:
    """ARR per case in whole units of money; unknown counts as none."""
    arr = np.nan_to_num(np.asarray(readings.facts["arr"], "float64"))
    whole: Ints = np.maximum(np.rint(arr), 0).astype("int64")
    return whole


def children_first(kin: Kin) -> Iterator[int]:
    """Parents in an order in which each comes after its children. Parents in a circle (which
    forms and imports refuse) are left out: they keep their own scores."""
    done: set[int] = set()
    for start in kin:
        stack, trail = [(start, iter(kin[start]))], {start}
        while stack:
            parent, rest = stack[-1]
            below = next((it for it in rest if it in kin and it not in done), None)
            if below is None:
                stack.pop()
                trail.discard(parent)
                if parent not in done:
                    done.add(parent)
                    yield parent
            elif below in trail:
                done |= trail  # a circle: nobody in it can be said first
            else:
                trail.add(below)
                stack.append((below, iter(kin[below])))

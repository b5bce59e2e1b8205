"""The judgement of one customer on one day, by the rules as they are written: exact fractions.

`health.judging` does the same for all customers at once, and a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from perennial.health.rules.bands import Band, band_of, is_enough
from perennial.health.rules.definition import Hierarchy, Profile
from perennial.health.rules.hierarchy import Child, from_children, weighed_children
from perennial.health.rules.limits import Hit, limited
from perennial.health.rules.parts import Part, Reading, coverage_of, exact_of, part_of


@dataclass(frozen=True, slots=True)
class Score:
    """One customer's judgement with everything it was made from.

    `exact` is the computed score after limits, None when nothing could be measured; `override`
    is a person's score, which is shown instead while `exact` keeps running beneath. `band` is
    what this evaluation alone says of the computed score; `settled_band` decides what is shown.
    """

    profile: Profile
    parts: tuple[Part, ...]
    children: tuple[Child, ...]
    base: Fraction | None  # before limits
    exact: Fraction | None
    band: Band
    coverage: Fraction
    hits: tuple[Hit, ...] = ()
    override: int | None = None

    @property
    def shown(self) -> Fraction | None:
        return self.exact if self.override is None else Fraction(self.override)

    @property
    def is_hard(self) -> bool:
        """Whether a hard limit moved the score: its colour need not wait."""
        return any(hit.limit.hard and hit.before != hit.after for hit in self.hits)

    @property
    def from_children(self) -> bool:
        return self.profile.hierarchy is not Hierarchy.OWN and bool(self.children)


def pick(profiles: Iterable[Profile]) -> Profile | None:
    """Of the profiles that match a customer the one with the highest priority (of equals the
    first name); None when none matches: no score, grey."""
    return min(profiles, key=lambda profile: (-profile.priority, profile.name), default=None)


def judge(
    readings: Mapping[str, Reading],
    *,
    profile: Profile,
    connected: frozenset[str],
    as_of: date,
    children: Sequence[Child] = (),
    override: int | None = None,
) -> Score:
    """Score one customer. `readings` are by source; `connected` are the sources that exist in
    this installation."""
    parts = tuple(
        part_of(
            item,
            readings.get(item.source),
            connected=item.source in connected,
            as_of=as_of,
        )
        for item in profile.items
    )
    counted = weighed_children(children) if profile.hierarchy is not Hierarchy.OWN else ()
    if counted:
        base, coverage = from_children(profile.hierarchy, counted)
        enough = coverage >= profile.enough_coverage
    else:
        base, coverage = exact_of(parts), coverage_of(parts)
        usage = sum(part.usage and part.weight > 0 for part in parts if part.points is not None)
        enough = is_enough(coverage, usage, enough=profile.enough_coverage)
    exact = base
    hits: tuple[Hit, ...] = ()
    if base is not None:
        exact, hits = limited(base, profile.limits, {part.measure: part for part in parts})
    band = band_of(exact, profile.bands) if exact is not None and enough else Band.UNKNOWN
    return Score(profile, parts, counted, base, exact, band, coverage, hits, override)

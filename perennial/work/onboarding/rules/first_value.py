"""How long new customers take to the first value: from the start to the milestone that proves it.

Who still waits is not dropped: they count as 'not yet' up to today (Kaplan–Meier, as for how long
customers stay). The median is the day by which half got there; when not even half did, it is
'at least' the longest wait seen. The share is of those who would be there within 30 days.
Days count from the start: 0 is the same day.
Source: product specification E4; Kaplan & Meier 1958.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from perennial.revenue.rules.staying import Stay, staying

WITHIN_DAYS: Final = 30
FEW: Final = 5  # below this many the figures are shown with a warning


@dataclass(frozen=True, slots=True)
class Case:
    """One way in. `seen_until`: today, or the day on which it was stopped."""

    started_on: date
    reached_on: date | None
    seen_until: date
    group: str = ""

    @property
    def days(self) -> int:
        """Until the value, or so far."""
        return max(((self.reached_on or self.seen_until) - self.started_on).days, 0)


@dataclass(frozen=True, slots=True)
class FirstValue:
    """Of a group: `n` began, `reached` got there, `waiting` not yet.

    `median_days` None: not even half got there; then it is at least `at_least_days`.
    `within_rate` None: nobody was watched for 30 days. Its 95 % interval is None at 0 and at
    100 %, where the data do not tell how far it reaches.
    """

    group: str
    n: int
    reached: int
    median_days: float | None
    at_least_days: int | None
    within_rate: float | None
    low: float | None = None
    high: float | None = None

    @property
    def waiting(self) -> int:
        return self.n - self.reached

    @property
    def is_few(self) -> bool:
        return self.n < FEW


def first_value(cases: Iterable[Case], *, group: str = "") -> FirstValue:
    """The figures of these cases together."""
    seen = list(cases)
    # The estimator counts lengths above zero: a day is added and taken off again.
    curve = staying(Stay(case.days + 1, left=case.reached_on is not None) for case in seen)
    median = curve.median
    point = curve.at(WITHIN_DAYS + 1)
    if point is None and curve.points and curve.points[-1].survival == 0:
        point = curve.points[-1]  # everybody got there before: later days cannot change it
    is_between = point is not None and 0 < point.survival < 1
    return FirstValue(
        group,
        len(seen),
        sum(case.reached_on is not None for case in seen),
        None if median is None else median - 1,
        int(curve.longest) - 1 if median is None and seen else None,
        None if point is None else 1 - point.survival,
        1 - point.high if point is not None and is_between else None,
        1 - point.low if point is not None and is_between else None,
    )


def by_group(cases: Iterable[Case]) -> list[FirstValue]:
    """One line per group, by its name."""
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        groups[case.group].append(case)
    return [first_value(groups[name], group=name) for name in sorted(groups)]

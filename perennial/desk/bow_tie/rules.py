"""The bow-tie: won → active → loyal → promoter, then renewed and expanded.

1. Won: in service. Active: its north star is met (the company's rule of activity).
2. Loyal: active, and renewed at least once. Promoter: its newest NPS answer is 9 or 10.
3. A conversion is the share of the stage before; who cannot be judged is left out, and counted.
4. Renewed: of the contracts decided within a year. Expanded: pays more per month than a year ago.
5. Dropped back: stood in a stage ninety days ago, and does so no more.
Source: metrics specification A8, 'Funnel'.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

PROMOTER_FROM = 9
FEWEST = 5  # below, a median of days says nothing


class Stage(StrEnum):
    WON = "won"
    ACTIVE = "active"
    LOYAL = "loyal"
    PROMOTER = "promoter"
    RENEWED = "renewed"
    EXPANDED = "expanded"


@dataclass(frozen=True, slots=True)
class Account:
    """A customer in service on a day. None: it cannot be told."""

    is_active: bool | None
    renewed: bool
    nps: float | None

    @property
    def is_loyal(self) -> bool | None:
        if not self.renewed:
            return False
        return self.is_active

    @property
    def is_promoter(self) -> bool | None:
        return None if self.nps is None else self.nps >= PROMOTER_FROM


@dataclass(frozen=True, slots=True)
class Part:
    """A stage of the bow-tie. `of`: how many of the stage before could be judged, `passed` those
    that came on; `unknown`: who could not. `days`: the median time to it, with `days_n`."""

    stage: Stage
    count: int
    of: int
    passed: int
    unknown: int
    dropped: int
    days: float | None
    days_n: int

    @property
    def conversion_rate(self) -> float | None:
        return self.passed / self.of if self.of else None


Judge = Callable[[Account], bool | None]
STAGES: Mapping[Stage, Judge] = {
    Stage.WON: lambda _account: True,
    Stage.ACTIVE: lambda account: account.is_active,
    Stage.LOYAL: lambda account: account.is_loyal,
    Stage.PROMOTER: lambda account: account.is_promoter,
}


def lower_half(
    now: Mapping[int, Account],
    before: Mapping[int, Account],
    days: Mapping[Stage, Sequence[int]],
) -> list[Part]:
    """The stages of customers now; `before` as they stood earlier; `days` each took to a stage."""
    parts: list[Part] = []
    inside = set(now)
    for stage, judge in STAGES.items():
        verdicts = {pk: judge(account) for pk, account in now.items()}
        members = {pk for pk, it in verdicts.items() if it}
        judged = {pk for pk in inside if verdicts[pk] is not None}
        earlier = {pk for pk, account in before.items() if judge(account)}
        median_days, n = typical(days.get(stage, ()))
        parts.append(
            Part(
                stage=stage,
                count=len(members),
                of=len(judged),
                passed=len(members & inside),
                unknown=len(inside) - len(judged),
                dropped=len({pk for pk in earlier if pk not in members and _known(verdicts, pk)}),
                days=median_days,
                days_n=n,
            )
        )
        inside = members
    return parts


def _known(verdicts: Mapping[int, bool | None], pk: int) -> bool:
    """Gone from service is known; in service without a verdict is not."""
    return verdicts.get(pk, False) is not None


def share(stage: Stage, verdicts: Iterable[bool | None]) -> Part:
    """A stage of the right half: how many of those that can be judged."""
    listed = list(verdicts)
    judged = [it for it in listed if it is not None]
    passed = sum(judged)
    return Part(stage, passed, len(judged), passed, len(listed) - len(judged), 0, None, 0)


def typical(days: Sequence[int]) -> tuple[float | None, int]:
    """The median, None of fewer than five."""
    return (float(median(days)) if len(days) >= FEWEST else None), len(days)

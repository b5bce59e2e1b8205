"""What may be said: figures only where there is enough, and the words that go with them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

ENOUGH_CASES: Final = 30
ENOUGH_LOSSES: Final = 10
COIN: Final = 0.5


class Verdict(StrEnum):
    """Why there is no figure, or what a figure must not be read without."""

    NO_CASES = "no_cases"
    NOBODY_MATCHES = "nobody_matches"  # there are cases, but no profile is meant for them
    FEW_CASES = "few_cases"
    FEW_LOSSES = "few_losses"
    ALL_LOST = "all_lost"  # nobody was kept: nothing to compare with
    FEW_JUDGED = "few_judged"  # too many are grey
    PREDICTS_NOTHING = "predicts_nothing"
    WRONG_WAY = "wrong_way"
    PREDICTS = "predicts"

    @property
    def has_figures(self) -> bool:
        return self in (Verdict.PREDICTS, Verdict.PREDICTS_NOTHING, Verdict.WRONG_WAY)


def too_few(n: int, losses: int, *, unmatched: int = 0) -> Verdict | None:
    """None when there are enough cases and losses for figures."""
    if not n:
        return Verdict.NOBODY_MATCHES if unmatched else Verdict.NO_CASES
    if n < ENOUGH_CASES:
        return Verdict.FEW_CASES
    if losses < ENOUGH_LOSSES:
        return Verdict.FEW_LOSSES
    return Verdict.ALL_LOST if losses == n else None


def verdict(low: float, high: float) -> Verdict:
    """What an interval of the AUC says: a coin has 0.5."""
    if low > COIN:
        return Verdict.PREDICTS
    return Verdict.WRONG_WAY if high < COIN else Verdict.PREDICTS_NOTHING

"""Which due items are left out of the adjusted renewal rates (剔除), and why.

Customers that closed down (倒闭) or merged (合并), test and duplicate accounts may be taken out of
numerator and denominator. Each needs a reason, evidence and an approver: a proposal without one
changes nothing. The raw rate always stands beside the adjusted one.
Source: metric specification A4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

MERGED: Final = "merged"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """The order's whole due group is left out. `survivor_id`: the customer that the one of the
    order was merged into, when known."""

    order_id: str
    reason: str
    evidence: str
    approved_by: str
    survivor_id: int | None = None

    @property
    def counts(self) -> bool:
        return all(text.strip() for text in (self.reason, self.evidence, self.approved_by))


def by_order(exclusions: Iterable[Exclusion]) -> Mapping[str, Exclusion]:
    """The exclusions that count, by the order that they name."""
    return {one.order_id: one for one in exclusions if one.counts}

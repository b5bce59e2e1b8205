"""What a customer could still buy (增购空间): products that most similar customers have.

Similar: same industry and size; with fewer than five of those, same industry. A product counts
when at least half of them have it and this customer does not. The amount is what its owners
there pay a year in the middle (median): a hint where to look, no forecast.
Source: product row F6; the limits are ours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import Final

LEAST_PEERS: Final = 5
LEAST_SHARE: Final = Fraction(1, 2)
Segment = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Customer:
    """A paying customer: what it has and pays for each product a year ('' is no product)."""

    pk: int
    industry: str
    size: str
    holds: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class Gap:
    """`owners` of `peers` similar customers have the product; `amount` is their median a year.
    `by_size`: compared within industry and size, not the industry alone."""

    customer_id: int
    product: str
    owners: int
    peers: int
    amount: Fraction
    by_size: bool

    @property
    def share(self) -> Fraction:
        return Fraction(self.owners, self.peers)


def white_space(customers: Iterable[Customer], *, of: Iterable[int] | None = None) -> list[Gap]:
    """Gaps of the customers `of` (None: of all), the largest share × amount first. Customers
    without an industry have no peers."""
    everybody = [one for one in customers if one.industry]
    groups: dict[Segment, list[Customer]] = defaultdict(list)
    for one in everybody:
        groups[one.industry, one.size].append(one)
        groups[(one.industry,)].append(one)
    wanted = None if of is None else set(of)
    common = {segment: _common(group) for segment, group in groups.items()}
    gaps = []
    for one in everybody:
        if wanted is None or one.pk in wanted:
            narrow = (one.industry, one.size)
            by_size = bool(one.size) and len(groups[narrow]) > LEAST_PEERS
            segment = narrow if by_size else (one.industry,)
            peers = len(groups[segment]) - 1
            gaps += [
                Gap(one.pk, product, owners, peers, amount, by_size)
                for product, owners, amount in common[segment]
                if product not in one.holds
                and peers >= LEAST_PEERS
                and Fraction(owners, peers) >= LEAST_SHARE
            ]
    return sorted(gaps, key=lambda it: (-it.share * it.amount, it.customer_id, it.product))


def _common(group: list[Customer]) -> list[tuple[str, int, Fraction]]:
    """Products that are common enough in a group, with how many have them and the median."""
    paid: dict[str, list[Fraction]] = defaultdict(list)
    for one in group:
        for product, amount in one.holds.items():
            if product:
                paid[product].append(amount)
    least = (len(group) - 1) * LEAST_SHARE
    return [(it, len(all_), median(all_)) for it, all_ in paid.items() if len(all_) >= least]

"""All figures of retention between two days, under the definitions, each with why it is missing.

Source: metric specification section 0, A3.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NamedTuple

from perennial.revenue.rules.definitions import ChurnBasis, Definitions, RetentionBasis
from perennial.revenue.rules.movement import Move, Movement, Movements, Unit
from perennial.revenue.rules.retention import (
    Retention,
    gross_churn,
    movement_rates,
    net_churn,
    quick_ratio,
    retention,
    returned,
)
from perennial.revenue.rules.state import NOTHING, Base, State

NOTHING_AT_START: Final = "nothing_at_start"  # nobody paid: nothing to divide by
NO_LOSSES: Final = "no_losses"  # nothing was lost: the quick ratio is without bound
FIGURES: Final = (
    *("start_mrr", "end_mrr", "grr", "nrr", "logo_retention", "grr_movement", "nrr_movement"),
    *("gross_churn", "net_churn", "logo_churn", "quick_ratio"),
)
BETWEEN: Final = (
    *(str(kind) for kind in Movement),
    *("net", "fx", "rounding", "grr", "nrr", "counts.expansion", "counts.contraction"),
)


class Unknown(NamedTuple):
    """Why amounts cannot be known: at the start, at the end, at either, on any day between."""

    start: str
    end: str
    ends: str
    days: str


KNOWN: Final = Unknown("", "", "", "")


@dataclass(frozen=True, slots=True)
class RetentionReport:
    """What lies between the ends of two days. Rates are exact and worked out when asked for; a
    figure is None for one of `reasons`: nothing_at_start, no_losses, missing_rate or
    split_missing.

    `movements` are net; `rates_by_days`: (GRR, NRR) of the daily movements; `returned`: what
    units that came back pay at the end; `came`: units that did not pay at the start but on some
    day since, `came_and_gone` those of them that do not at the end.
    """

    movements: Movements
    parts: Retention
    rates_by_days: tuple[Fraction | None, Fraction | None]
    returned: Fraction
    came: int
    came_and_gone: int
    unknown: Unknown
    definitions: Definitions

    @property
    def start_mrr(self) -> Fraction | None:
        return None if self.unknown.start else self.movements.start

    @property
    def end_mrr(self) -> Fraction | None:
        """That of everybody."""
        return None if self.unknown.end else self.movements.end

    @property
    def grr(self) -> Fraction | None:
        if self.definitions.retention_basis is RetentionBasis.MOVEMENTS:
            return self.grr_movement
        return None if self.unknown.ends else self.parts.grr

    @property
    def nrr(self) -> Fraction | None:
        if self.definitions.retention_basis is RetentionBasis.MOVEMENTS:
            return self.nrr_movement
        return None if self.unknown.ends else self._with_returned(self.parts.nrr)

    @property
    def logo_retention(self) -> Fraction | None:
        return self.parts.logo_retention

    @property
    def grr_movement(self) -> Fraction | None:
        return None if self.unknown.days else self.rates_by_days[0]

    @property
    def nrr_movement(self) -> Fraction | None:
        return None if self.unknown.days else self._with_returned(self.rates_by_days[1])

    @property
    def gross_churn(self) -> Fraction | None:
        return None if self.unknown.ends else gross_churn(self.movements)

    @property
    def net_churn(self) -> Fraction | None:
        return None if self.unknown.ends else net_churn(self.movements)

    @property
    def logo_churn(self) -> Fraction | None:
        """The share of customers that left: of the start, or also of those that came since."""
        basis = self.definitions.churn_basis
        if basis is ChurnBasis.START:
            return self.parts.logo_churn
        gone = self.parts.start_logos - self.parts.kept_logos + self.came_and_gone
        whole = self.parts.start_logos + (self.came if basis is ChurnBasis.START_AND_NEW else 0)
        return Fraction(gone, whole) if whole else None

    @property
    def quick_ratio(self) -> Fraction | None:
        reactivation = self.definitions.quick_ratio_reactivation
        return None if self.unknown.ends else quick_ratio(self.movements, reactivation=reactivation)

    @property
    def reasons(self) -> dict[str, str]:
        """Why a figure is None, by its name."""
        by_days = self.definitions.retention_basis is RetentionBasis.MOVEMENTS
        headline = self.unknown.days if by_days else self.unknown.ends
        found = dict.fromkeys(FIGURES, self.unknown.ends) | {
            "start_mrr": self.unknown.start,
            "end_mrr": self.unknown.end,
            "grr": headline,
            "nrr": headline,
            "grr_movement": self.unknown.days,
            "nrr_movement": self.unknown.days,
            "logo_retention": "",
            "logo_churn": "",
        }
        for name, reason in found.items():
            if not reason and getattr(self, name) is None:
                found[name] = NO_LOSSES if name == "quick_ratio" else NOTHING_AT_START
        return {name: reason for name, reason in found.items() if reason}

    def _with_returned(self, rate: Fraction | None) -> Fraction | None:
        if not self.definitions.nrr_reactivation or rate is None:
            return rate
        return rate + self.returned / self.parts.start


def unknown_figures(unknown: Unknown, *, daily: bool) -> dict[str, str]:
    """Names of the figures of a movements report that cannot be trusted → reason."""
    between = unknown.days if daily else unknown.ends
    found = dict.fromkeys(BETWEEN, between) if between else {}
    if unknown.start:
        found["start"] = unknown.start
    if unknown.end:
        found["end"] = unknown.end
    return found


def retention_report(
    report: Movements,
    start: Base,
    *,
    before: Mapping[Unit, State],
    after: Mapping[Unit, State],
    net: Collection[Move],
    daily: Collection[Move],
    unknown: Unknown,
    definitions: Definitions,
) -> RetentionReport:
    """`report`, `net` and `daily` are of the days after the first one up to the last one."""
    came = {move.key for move in daily if move.after.paying}
    came = {key for key in came if not before.get(key, NOTHING).paying}
    return RetentionReport(
        report,
        retention(start, net),
        rates_by_days=movement_rates(start, before, daily),
        returned=returned(net),
        came=len(came),
        came_and_gone=sum(not after.get(key, NOTHING).paying for key in came),
        unknown=unknown,
        definitions=definitions,
    )

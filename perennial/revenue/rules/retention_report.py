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
from perennial.units.money import ratio

NOTHING_AT_START: Final = "nothing_at_start"  # nobody paid: nothing to divide by
NO_LOSSES: Final = "no_losses"  # nothing was lost: the quick ratio is without bound
LOGOS: Final = frozenset({"logo_retention", "logo_churn"})  # do not depend on amounts
BETWEEN: Final = (
    *(str(kind) for kind in Movement),
    *("net", "fx", "rounding", "grr", "nrr", "counts.expansion", "counts.contraction"),
)


@dataclass(frozen=True, slots=True)
class RetentionReport:
    """The figures between the ends of two days; rates exact. A figure is None for one of
    `reasons`: nothing_at_start, no_losses, missing_rate or split_missing. `end_mrr` is that of
    everybody; `parts` are the amounts and counts behind the endpoint rates."""

    start_mrr: Fraction | None
    end_mrr: Fraction | None
    grr: Fraction | None
    nrr: Fraction | None
    logo_retention: Fraction | None
    grr_movement: Fraction | None
    nrr_movement: Fraction | None
    gross_churn: Fraction | None
    net_churn: Fraction | None
    logo_churn: Fraction | None
    quick_ratio: Fraction | None
    parts: Retention
    reasons: Mapping[str, str]


class Unknown(NamedTuple):
    """Why amounts cannot be known: at the start, at the end, at either, on any day between."""

    start: str
    end: str
    ends: str
    days: str


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
    return retention_figures(
        report,
        retention(start, net),
        rates_by_days=movement_rates(start, before, daily),
        returned=returned(net),
        came=len(came),
        came_and_gone=sum(not after.get(key, NOTHING).paying for key in came),
        unknown=unknown,
        definitions=definitions,
    )


def retention_figures(
    report: Movements,
    parts: Retention,
    *,
    rates_by_days: tuple[Fraction | None, Fraction | None],
    returned: Fraction,
    came: int,
    came_and_gone: int,
    unknown: Unknown,
    definitions: Definitions,
) -> RetentionReport:
    """The same from sums. `rates_by_days`: (GRR, NRR) of the movements; `returned`: what units
    that came back pay at the end; `came`: units that did not pay at the start but on some day
    since, `came_and_gone` those of them that do not at the end."""
    nrr = parts.nrr
    grr_movement, nrr_movement = rates_by_days
    if definitions.nrr_reactivation and parts.start:
        back = returned / parts.start
        nrr, nrr_movement = _plus(nrr, back), _plus(nrr_movement, back)
    by_days = definitions.retention_basis is RetentionBasis.MOVEMENTS
    rates = {
        "grr": grr_movement if by_days else parts.grr,
        "nrr": nrr_movement if by_days else nrr,
        "logo_retention": parts.logo_retention,
        "grr_movement": grr_movement,
        "nrr_movement": nrr_movement,
        "gross_churn": gross_churn(report),
        "net_churn": net_churn(report),
        "logo_churn": _logo_churn(parts, came, came_and_gone, definitions.churn_basis),
        "quick_ratio": quick_ratio(report, reactivation=definitions.quick_ratio_reactivation),
    }
    figures = {"start_mrr": report.start, "end_mrr": report.end} | rates
    reasons = _reasons(figures, unknown, by_days=by_days)
    return RetentionReport(
        **{name: None if name in reasons else value for name, value in figures.items()},
        parts=parts,
        reasons=reasons,
    )


def _plus(rate: Fraction | None, more: Fraction) -> Fraction | None:
    return None if rate is None else rate + more


def _reasons(
    figures: Mapping[str, Fraction | None], unknown: Unknown, *, by_days: bool
) -> dict[str, str]:
    """Why a figure is None."""
    daily = {"grr_movement", "nrr_movement"} | ({"grr", "nrr"} if by_days else set())
    found = {}
    for name, value in figures.items():
        if name in LOGOS:
            reason = ""
        elif name == "start_mrr":
            reason = unknown.start
        elif name == "end_mrr":
            reason = unknown.end
        else:
            reason = unknown.days if name in daily else unknown.ends
        if value is None and not reason:
            reason = NO_LOSSES if name == "quick_ratio" else NOTHING_AT_START
        if reason:
            found[name] = reason
    return found


def _logo_churn(
    parts: Retention, came: int, came_and_gone: int, basis: ChurnBasis
) -> Fraction | None:
    """The share of customers that left: of the start, or also of those that came since."""
    if basis is ChurnBasis.START:
        return parts.logo_churn
    gone = parts.start_logos - parts.kept_logos + came_and_gone
    whole = parts.start_logos + (came if basis is ChurnBasis.START_AND_NEW else 0)
    return ratio(Fraction(gone), Fraction(whole))

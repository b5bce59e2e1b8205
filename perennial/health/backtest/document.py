"""A backtest as the JSON document that scripts hold on to; figures rounded, amounts as text."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

from perennial.health.backtest.rules.confusion import BandRow
from perennial.health.backtest.rules.horizon import LEVEL, Horizon, MeasureRow, level_each
from perennial.health.backtest.rules.verdict import ENOUGH_CASES, ENOUGH_LOSSES
from perennial.health.backtest.run import Backtest, Kind
from perennial.health.backtest.wording import AMOUNT_UNKNOWN, reason
from perennial.health.risk.rules.scores import DRAWS
from perennial.units.money import round_half_up

Document = dict[str, Any]
DIGITS: Final = 6


def document(found: Backtest, *, with_amounts: bool = True) -> Document:
    """`{settings, assumed_rate, horizons}`; the same facts, profiles and question give the same."""
    kind = found.question.kind
    return {
        "settings": _settings(found),
        "assumed_rate": round(found.assumed_rate, DIGITS),
        "horizons": [_horizon(it, kind, with_amounts=with_amounts) for it in found.horizons],
    }


def _settings(found: Backtest) -> Document:
    question, outcomes = found.question, found.outcomes
    ended = outcomes.ended_on[~outcomes.control]
    first = question.from_on or (ended.min().item() if len(ended) else None)
    last = question.to_on or (ended.max().item() if len(ended) else None)
    return {
        "outcomes": question.name,
        "from": first.isoformat() if first else None,
        "to": last.isoformat() if last else None,
        "profiles": [{"name": it.name, "version": it.version or None} for it in found.profiles],
        "horizons": list(outcomes.horizons),
        "seed": question.seed,
        "replicates": DRAWS,
        "level": LEVEL,
        "level_each": level_each(len(outcomes.horizons) or 1),
        "enough_cases": ENOUGH_CASES,
        "enough_losses": ENOUGH_LOSSES,
        **outcomes.told,
        **outcomes.left_out,
    }


def _horizon(it: Horizon, kind: Kind, *, with_amounts: bool) -> Document:
    table, shown = it.table, it.has_figures
    with_amounts = with_amounts and kind is Kind.RENEWALS  # others have none
    amount = table.amount_caught if shown and with_amounts else None
    said = reason(it, kind)
    if shown and with_amounts and amount is None:
        said = f"{said} {AMOUNT_UNKNOWN}".strip()
    return {
        "days": it.days,
        "n": it.n,
        "losses": it.losses,
        "judged": it.judged,
        "customers": it.customers,
        "unmatched": it.unmatched,
        "controls": it.controls,
        "auc": _rounded(it.auc),
        "auc_low": _rounded(it.low),
        "auc_high": _rounded(it.high),
        "precision": _rounded(table.precision if it.has_base else None),
        "recall": _rounded(table.recall if shown else None),
        "lift": _rounded(table.lift if it.has_base else None),
        "lead_time_days": _rounded(it.lead_days),
        "amount_caught": None if amount is None else str(round_half_up(amount)),
        "bands": [
            _band(row, with_amounts=with_amounts, has_rate=it.has_base) for row in table.rows
        ],
        "measures": [_measure(row) for row in it.measures] if shown else [],
        "sentiment": {
            "n": it.sentiment.n,
            "losses": it.sentiment.losses,
            "auc": _rounded(it.sentiment.auc),
            "score_auc": _rounded(it.sentiment.score_auc),
        },
        "verdict": it.verdict.value,
        "reason": said or None,
    }


def _band(row: BandRow, *, with_amounts: bool, has_rate: bool) -> Document:
    told: Document = {
        "band": row.band.value,
        "n": row.n,
        "losses": row.losses,
        "loss_rate": _rounded(row.loss_rate if has_rate else None),
    }
    if with_amounts:
        told["amount"] = _amount(row.amount)
        told["amount_lost"] = _amount(row.amount_lost)
    return told


def _measure(row: MeasureRow) -> Document:
    return {
        "measure": row.measure,
        "n": row.n,
        "losses": row.losses,
        "flagged": row.flagged,
        "auc": _rounded(row.auc),
        "lift": _rounded(row.lift),
    }


def _amount(amount: Fraction | None) -> str | None:
    return None if amount is None else str(round_half_up(amount))


def _rounded(value: float | Fraction | None) -> float | None:
    return None if value is None else round(float(value), DIGITS)

"""A model card as the page shows it: figures with how to read them, words, no arithmetic left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from perennial.contracts.queries import next_due
from perennial.health.models import RiskModel, RiskScore
from perennial.health.risk.pictures import calibration
from perennial.health.risk.queries import Horizon
from perennial.health.risk.wording import (
    direction_text,
    feature_text,
    model_text,
    reason_text,
    validation_text,
    value_text,
    warning_text,
)
from perennial.web.formats import number, percent

COIN = 0.5
FEATURES = 14
REASONS = 3


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the card: how it reads, what it means, and whether it is good news."""

    title: str
    value: str
    note: str
    definition: str
    tone: str = ""


def card(model: RiskModel) -> dict[str, Any]:
    """What `health/_risk_card.html` needs of a kept model."""
    kept: Mapping[str, Any] = model.card
    strongest = max((it["strength"] for it in kept["features"]), default=0.0)
    return {
        "model": model,
        "kind": model_text(model.kind),
        "verdict": verdict(model),
        "figures": figures(kept) if kept["auc"] is not None and kept["features"] else [],
        "reason": reason_text(kept["reason"]) if kept["reason"] else "",
        "picture": calibration(kept["bins"]) if kept["bins"] else "",
        "bins": kept["bins"],
        "features": [
            {
                "title": feature_text(it["feature"]),
                "direction": direction_text(it),
                "way": it["direction"],
                "share": it["strength"] / strongest,
                "strength": it["strength"],
            }
            for it in kept["features"][:FEATURES]
        ],
        "validation": validation_text(kept),
        "lead_days": kept["settings"]["lead_days"],
        "data": _days(kept["data"]),
        "other": _other(kept),
        "warnings": [warning_text(it) for it in kept["warnings"]],
        "base_rate": kept["base_rate"],
    }


def _days(data: Mapping[str, Any]) -> dict[str, Any]:
    told = dict(data)
    for name in ("from_on", "to_on"):
        told[name] = date.fromisoformat(data[name]) if data[name] else None
    return told


def _other(kept: Mapping[str, Any]) -> dict[str, Any] | None:
    other = kept["other"]
    if not other:
        return None
    return {"kind": model_text(other["model"]), "auc": other["auc"], "skill": other["brier_skill"]}


def verdict(model: RiskModel) -> tuple[str, str]:
    """Tone and sentence: what may be believed."""
    kept: Mapping[str, Any] = model.card
    if model.kind == RiskModel.Kind.SEGMENT_RATES and kept["other"]:
        return "warn", _(
            "A model of single customers was tried on later renewals (AUC %(auc)s) and was not "
            "clearly better than the usual loss rate. So it is not used: everybody gets the loss "
            "rate of similar renewals."
        ) % {"auc": number(kept["other"]["auc"], decimals=2)}
    if model.kind == RiskModel.Kind.SEGMENT_RATES:
        return "warn", _(
            "No model of single customers: the probability is the loss rate of similar renewals."
        )
    if kept["auc"] is None:
        return "warn", _("The model could not be tested on renewals that it had not seen.")
    if kept["auc_low"] <= COIN:
        return "warn", _(
            "On renewals that it had not seen, the model cannot be told from chance. Read its "
            "probabilities as the usual loss rate, not as a ranking of customers."
        )
    return "good", _(
        "Of one renewal that was lost and one that was kept, the model put the lost one higher "
        "%(times)s times of 100, on renewals that it had not seen."
    ) % {"times": round(100 * kept["auc"])}


def figures(kept: Mapping[str, Any]) -> list[Figure]:
    within = kept["ece"] <= kept["ece_limit"]
    low, high = number(kept["auc_low"], decimals=2), number(kept["auc_high"], decimals=2)
    found = [
        Figure(
            "AUC",
            number(kept["auc"], decimals=3),
            _("95 %% interval %(low)s–%(high)s") % {"low": low, "high": high},
            _("How often a lost renewal was ranked above a kept one; 0.5 is a coin."),
            "good" if kept["auc_low"] > COIN else "warn",
        ),
        Figure(
            _("Brier skill"),
            number(kept["brier_skill"], decimals=3),
            _("Brier %(value)s") % {"value": number(kept["brier"], decimals=4)},
            _("Gain over always saying the usual loss rate; 0 is none, 1 is perfect."),
        ),
        Figure(
            _("Calibration error"),
            percent(kept["ece"], decimals=1),
            _("chance alone: up to %(limit)s") % {"limit": percent(kept["ece_limit"], decimals=1)},
            _(
                "ECE: the mean gap between what was said and what happened, in ten groups. A "
                "perfect model stays below the limit 95 times of 100."
            ),
            "good" if within else "warn",
        ),
        Figure(
            _("Riskiest tenth"),
            number(kept["lift10"], decimals=2) + "×",
            _("losses against all"),
            _("Lift: the loss rate of the riskiest tenth ÷ the loss rate of all."),
        ),
    ]
    return found if kept["amount_bias"] is None else [*found, _bias(kept["amount_bias"])]


def _bias(rate: float) -> Figure:
    return Figure(
        _("Amount bias"),
        percent(rate, decimals=1, sign=True),
        _("expected − renewed money"),
        _("The yearly amount that the model expected to renew against what did."),
    )


def horizons(found: Sequence[Horizon]) -> list[dict[str, Any]]:
    return [
        {
            "days": it.days,
            "quality": it.quality,
            "reason": reason_text(it.quality.reason) if it.quality.reason else "",
        }
        for it in found
    ]


def risks(scores: Sequence[RiskScore], *, day: date, with_amounts: bool) -> list[dict[str, Any]]:
    """Rows of open renewals; amounts only where they may be seen."""
    due = next_due({it.customer_id for it in scores}, day) if with_amounts and scores else {}
    return [
        {
            "score": it,
            "customer": it.customer,
            "due": due.get(it.customer_id),
            "tone": tone(it),
            "reasons": [reason(part) for part in it.reasons[:REASONS]],
        }
        for it in scores
    ]


def tone(score: RiskScore) -> str:
    """Against the usual loss rate: twice as likely is red, above it yellow. Grey rather than a
    wrong colour where it is not proven that the model ranks better than chance."""
    usual = score.model.card["base_rate"]
    if not is_proven(score.model):
        return "na"
    if score.loss_probability >= min(2 * usual, 0.5):
        return "bad"
    return "warn" if score.loss_probability > usual else "good"


def is_proven(model: RiskModel) -> bool:
    """On renewals that it had not seen, the interval of its AUC lies above a coin's."""
    low = model.card["auc_low"]
    return low is not None and low > COIN


def reason(part: Mapping[str, Any]) -> dict[str, Any]:
    """One reason in words: the fact, its value, and which way it pulls."""
    raises = part["effect"] > 0
    return {
        "title": feature_text(part["feature"]),
        "value": value_text(part["feature"], part["value"]),
        "effect": part["effect"],
        "raises": raises,
        "way": direction_text({"direction": "raises" if raises else "lowers"}),
    }

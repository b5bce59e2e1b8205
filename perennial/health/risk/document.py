"""A trial as one document: what the command prints, and what the model card keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from perennial.health.risk.rules.influence import influences
from perennial.health.risk.rules.labelled import Labelled
from perennial.health.risk.rules.leakage import TOO_GOOD, separating
from perennial.health.risk.rules.trial import Quality, Trial

DIGITS = 6


def document(trial: Trial, data: Labelled, *, settings: Mapping[str, Any]) -> dict[str, Any]:
    """`{auc, auc_low, auc_high, brier, brier_skill, ece, lift10, amount_bias, n, …}`; figures
    are None with a `reason` where there is too little to judge."""
    quality = trial.quality
    return {
        **figures(quality),
        "reason": quality.reason or None,
        "model": trial.model.kind.value,
        "penalty": trial.model.penalty,
        "validation": trial.validation.value,
        "folds": trial.folds,
        "learned_from": {"n": len(data), "losses": int(data.lost.sum())},
        "base_rate": rounded(float(data.lost.mean())),
        "bins": [
            {"said": rounded(it.said), "happened": rounded(it.happened), "n": it.count}
            for it in quality.bins
        ],
        "features": [
            {**asdict(it), "strength": rounded(it.strength), "direction": it.direction.value}
            for it in influences(trial.model, data.columns)
        ],
        "other": None
        if trial.other is None or trial.other_quality is None
        else {"model": trial.other.value, **figures(trial.other_quality)},
        "warnings": warnings(quality, data),
        "settings": dict(settings),
    }


def figures(quality: Quality) -> dict[str, Any]:
    plain = asdict(quality)
    return {
        name: rounded(value) if isinstance(value, float) else value
        for name, value in plain.items()
        if name not in ("bins", "reason")
    }


def rounded(value: float) -> float:
    return round(value, DIGITS)


def warnings(quality: Quality, data: Labelled) -> list[dict[str, Any]]:
    """What looks too good to be true: `too_good` for the model, `separates` for one fact."""
    found: list[dict[str, Any]] = []
    if quality.auc is not None and quality.auc > TOO_GOOD:
        found.append({"code": "too_good", "feature": None, "auc": rounded(quality.auc)})
    found += [
        {"code": "separates", "feature": name, "auc": rounded(value)}
        for name, value in separating(data).items()
    ]
    return found

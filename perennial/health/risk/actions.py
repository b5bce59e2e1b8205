"""Train a model and keep it; say the probabilities of a day and keep them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from perennial import __version__
from perennial.health.models import RiskModel, RiskScore
from perennial.health.risk.document import document
from perennial.health.risk.renewals import Learnable, learnable
from perennial.health.risk.rules.cold_start import FEWEST_RENEWALS
from perennial.health.risk.rules.fitted import Kind, plain
from perennial.health.risk.rules.trial import tried
from perennial.team import audit
from perennial.team.models import User
from perennial.units.errors import InputRefused

LEAD_DAYS = 90
FOLDS = 5
BATCH = 500


def train(
    *,
    known_on: date,
    lead_days: int = LEAD_DAYS,
    folds: int = FOLDS,
    seed: int = 0,
    kind: Kind | None = None,
    most: int | None = None,
    by: User | None,
    at: datetime,
) -> RiskModel:
    """Learn from the renewals that were decided by the end of `known_on` (`most`: the newest
    ones only), and keep the model.

    Raises InputRefused below ten decided renewals: nothing could be said of anybody.
    """
    found = learnable(known_on=known_on, lead_days=lead_days, most=most)
    if len(found.data) < FEWEST_RENEWALS:
        raise InputRefused(
            "Too few decided renewals to say a probability: {n} of at least {least}. Renewals "
            "count once {days} days have passed after they were due.",
            code="too_few_renewals",
            params={"n": str(len(found.data)), "least": str(FEWEST_RENEWALS), "days": "30"},
        )
    trial = tried(found.data, folds=folds, seed=seed, kind=kind)
    settings = {"lead_days": lead_days, "folds": folds, "seed": seed}
    card = document(trial, found.data, settings=settings) | about(found)
    kept = RiskModel(
        kind=trial.model.kind.value,
        trained_at=at,
        trained_on=known_on,
        seed=seed,
        renewals=len(found.data),
        losses=int(found.data.lost.sum()),
        fitted=plain(trial.model),
        card=card,
        by=by,
    )
    _keep(kept)
    return kept


def _keep(model: RiskModel) -> None:
    with transaction.atomic():
        model.save()
        audit.record(
            "risk_trained",
            object_type="risk_model",
            object_id=model.pk,
            summary=f"{model.get_kind_display()}: {model.renewals} renewals, {model.losses} lost",
            by=model.by,
            at=model.trained_at,
        )


def about(found: Learnable) -> dict[str, Any]:
    """Where the data came from, for the card."""
    return {
        "data": {
            "from_on": found.from_on.isoformat() if found.from_on else None,
            "to_on": found.to_on.isoformat() if found.to_on else None,
            "pending": found.pending,
            "excluded": found.excluded,
            "decided_before": found.decided_before,
            "too_young": found.too_young,
            "assumed_rate": round(found.assumed_rate, 4),
            "perennial": __version__,
        }
    }


def say(rows: Sequence[RiskScore], *, day: date) -> int:
    """Keep what is said on a day. The same day again replaces what it said."""
    with transaction.atomic():
        RiskScore.objects.filter(said_on=day).delete()
        RiskScore.objects.bulk_create(rows, batch_size=BATCH)
    return len(rows)

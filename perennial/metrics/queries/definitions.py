"""What events are rolled up with, as it stands in the database."""

from __future__ import annotations

from datetime import date, timedelta

from perennial.events.models import Feature
from perennial.events.queries.feature_rules import mask_sql, rule_of
from perennial.events.queries.settings import intake_settings
from perennial.events.rules.features import FeatureRule
from perennial.metrics.activity import Definitions, FeatureBit


def definitions(today: date) -> Definitions:
    """The registry of features, as the roll-up takes it; `today` tells what a retention keeps."""
    kept_days = intake_settings().retention_days
    rows = list(Feature.objects.order_by("bit"))
    return Definitions(
        tuple(FeatureBit(it.name, it.bit, it.deep, rule_of(it)) for it in rows),
        mask_sql((it.bit, rule) for it in rows if (rule := rule_of(it))),
        None if kept_days is None else today - timedelta(days=kept_days),
    )


def rule_named(name: str) -> FeatureRule | None:
    """The rule of the feature of this name; None when it is the event of its name."""
    found = Feature.objects.filter(name=name).first()
    return rule_of(found) if found else None

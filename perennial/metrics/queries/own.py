"""What people defined: own metrics, goals, and when a customer counts as active."""

from __future__ import annotations

from django.db.models import F, Max, OuterRef, Subquery

from perennial.metrics.models import Goal, OwnMetric
from perennial.metrics.rules.own import Comparison, GoalDefinition, OwnDefinition
from perennial.metrics.rules.states import ActivityRule
from perennial.team.models import InstallationFact

ACTIVITY_FACT = "activity"


def own_metrics() -> list[OwnDefinition]:
    """The latest version of every own metric that is not retired, by name."""
    newest = (
        OwnMetric.objects.filter(name=OuterRef("name"))
        .values("name")
        .annotate(newest=Max("version"))
        .values("newest")
    )
    rows = OwnMetric.objects.annotate(newest=Subquery(newest)).filter(
        version=F("newest"), retired=False
    )
    return [definition_of(row) for row in rows.order_by("name")]


def definition_of(row: OwnMetric) -> OwnDefinition:
    return OwnDefinition(
        name=row.name,
        title_zh=row.title_zh,
        title_en=row.title_en,
        base=row.base,
        event=row.event,
        where=tuple((name, value) for name, value in row.where),
        window_days=row.window_days,
        unit_zh=row.unit_zh,
        unit_en=row.unit_en,
    )


def goals() -> list[GoalDefinition]:
    """Every goal, by name."""
    return [
        GoalDefinition(
            name=row.name,
            title_zh=row.title_zh,
            title_en=row.title_en,
            metric=row.metric,
            target=row.target,
            comparison=Comparison(row.comparison),
            window_days=row.window_days,
            segment=row.segment,
        )
        for row in Goal.objects.order_by("name")
    ]


def activity_rule() -> ActivityRule:
    """When a customer is active and when silent."""
    fact = InstallationFact.objects.filter(name=ACTIVITY_FACT).first()
    return ActivityRule(**fact.value) if fact else ActivityRule()

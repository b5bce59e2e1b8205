"""Up to which day the alerts were judged, and which rules have no source here."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from perennial.alerts.models import Alert
from perennial.team.models import InstallationFact
from perennial.units.moment import last_complete_day

EVALUATED = "alerts"  # the fact: the newest day, and the rules without a source


def evaluated_day() -> date | None:
    """The newest day that was judged; in older homes the newest that left a trace."""
    fact = InstallationFact.objects.filter(name=EVALUATED).first()
    if fact:
        return date.fromisoformat(fact.value["day"])
    traces = Alert.objects.aggregate(fired=Max("last_fired_on"), resolved=Max("resolved_on"))
    return max((on for on in traces.values() if on), default=None)


def newest_day() -> date:
    return evaluated_day() or last_complete_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)


def resting_rules() -> frozenset[str]:
    fact = InstallationFact.objects.filter(name=EVALUATED).first()
    return frozenset(fact.value["resting"]) if fact else frozenset()

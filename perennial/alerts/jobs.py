"""The day's alerts: raise, add evidence, escalate, resolve. The same day again changes nothing.

Entering and leaving thresholds differ: a drop is raised far below the usual and resolved only
when three days in a row are back near it, or when eight weeks have made it the new usual.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Max

from perennial.alerts.findings import MONTH_DAYS, Candidate, Usage, signals, told_by, usage
from perennial.alerts.models import Alert, AlertChange, Ending, Kind, Rule
from perennial.alerts.rules import CALM_SHARE
from perennial.health.inputs import Served, served
from perennial.units.progress import Progress, silent

REFRACTORY_DAYS = 28
CALM_DAYS = 3
NEW_LEVEL_DAYS = 56
STRENGTH = {Kind.FADE: 1, Kind.SLOW: 2, Kind.SUDDEN: 3, Kind.STOP: 4}
USAGE_RULES = (Rule.USAGE_DROP, Rule.SILENT)
Key = tuple[int | None, str]


def fill(*, day: date, progress: Progress = silent) -> dict[str, int]:
    """Bring the alerts to the end of `day`. An older day than the newest changes nothing."""
    newest = Alert.objects.aggregate(fired=Max("last_fired_on"), resolved=Max("resolved_on"))
    if any(on and on > day for on in newest.values()):
        return {"raised": 0, "resolved": 0, "open": _open_count()}
    customers = served(day)
    seen = usage(customers, day=day, look_back=not Alert.objects.exists())
    progress(1, 2)
    candidates = {
        (it.customer_id, it.rule.value): it
        for it in [*seen.candidates, *signals(customers, day=day)]
    }
    progress(2, 2)
    with transaction.atomic():
        resolved = _resolve(candidates, seen, customers, day=day)
        raised = _raise(candidates, day=day)
    return {"raised": raised, "resolved": resolved, "open": _open_count()}


def _open_count() -> int:
    return Alert.objects.filter(resolved_on__isnull=True).count()


def _resolve(
    candidates: dict[Key, Candidate], seen: Usage, customers: list[Served], *, day: date
) -> int:
    """Look at every open alert: more evidence, calm, or over."""
    served_ids = {it.pk for it in customers}
    paused_ids = {it.pk for it in customers if it.is_paused}
    over: list[tuple[Alert, Ending]] = []
    for alert in Alert.objects.filter(resolved_on__isnull=True):
        candidate = candidates.get((alert.customer_id, alert.rule))
        ending = None
        if alert.customer_id is not None and alert.customer_id not in served_ids:
            ending = Ending.ENDED
        elif alert.rule in USAGE_RULES and alert.customer_id in paused_ids:
            ending = Ending.PAUSED
        elif candidate is not None:
            _fire_again(alert, candidate, day=day)
        elif (alert.customer_id, Rule.SILENT) in candidates and alert.rule == Rule.USAGE_DROP:
            ending = Ending.SUPERSEDED
        elif alert.rule != Rule.USAGE_DROP or alert.kind == Kind.EVERYONE:
            ending = None if seen.feed_silent and alert.rule in USAGE_RULES else Ending.RECOVERED
        elif not seen.feed_silent:
            ending = _calm(alert, seen, day=day)
        if ending is not None:
            over.append((alert, ending))
    for alert, ending in over:
        alert.resolved_on, alert.ending = day, ending
        alert.save(update_fields=["resolved_on", "ending"])
    _note(
        [(alert, alert.kind, ending.value) for alert, ending in over],
        step=AlertChange.Step.RESOLVED,
        day=day,
    )
    return len(over)


def _fire_again(alert: Alert, candidate: Candidate, *, day: date) -> None:
    """New evidence on an open alert; the kind only ever gets stronger."""
    stronger = STRENGTH.get(Kind(candidate.kind), 0) if candidate.kind else 0
    weaker = STRENGTH.get(Kind(alert.kind), 0) if alert.kind else 0
    before = alert.kind
    if stronger < weaker:
        alert.last_fired_on, alert.calm_since_on = day, None
    else:
        usual = alert.params.get("usual_week")
        for name, value in _columns(candidate).items():
            setattr(alert, name, value)
        alert.params = {**candidate.params, "usual_week": usual}
        alert.since_on = min(alert.since_on, candidate.since_on)
        alert.last_fired_on, alert.calm_since_on = day, None
    alert.save()
    if alert.kind != before:
        _note([(alert, before, alert.kind)], step=AlertChange.Step.ESCALATED, day=day)


def _calm(alert: Alert, seen: Usage, *, day: date) -> Ending | None:
    """A drop that no longer fires: back near the usual for days, or the usual has changed."""
    usual = alert.params.get("usual_week") or 0
    week = seen.week.get(alert.customer_id or 0)
    month = seen.month.get(alert.customer_id or 0, 0.0)
    if week is not None and max(week, month * 7 / MONTH_DAYS) >= CALM_SHARE * usual:
        since = alert.calm_since_on or day
        if alert.calm_since_on is None:
            alert.calm_since_on = day
            alert.save(update_fields=["calm_since_on"])
        return Ending.RECOVERED if (day - since).days + 1 >= CALM_DAYS else None
    if (day - alert.raised_on).days >= NEW_LEVEL_DAYS:
        return Ending.NEW_LEVEL
    alert.calm_since_on = None
    if usual and alert.customer_id in seen.month:
        # It no longer fires, but is not back: told by the last month, so that it is true today.
        alert.kind, alert.expected = Kind.SLOW, usual * MONTH_DAYS / 7
        alert.observed = seen.month[alert.customer_id]
        numbers = told_by(days=MONTH_DAYS, expected=alert.expected, observed=alert.observed)
        alert.params = {**alert.params, **numbers}
    alert.save()
    return None


def _raise(candidates: dict[Key, Candidate], *, day: date) -> int:
    """Alerts for what is new; a drop keeps still for four weeks after the last one."""
    open_keys = set(
        Alert.objects.filter(resolved_on__isnull=True).values_list("customer_id", "rule")
    )
    lately = set(
        Alert.objects.filter(
            rule=Rule.USAGE_DROP, raised_on__gt=day - timedelta(days=REFRACTORY_DAYS)
        ).values_list("customer_id", "rule")
    )
    fresh = [
        Alert(
            customer_id=it.customer_id,
            rule=it.rule,
            raised_on=day,
            last_fired_on=day,
            params={**it.params, "usual_week": _usual_week(it)},
            since_on=it.since_on,
            **_columns(it),
        )
        for key, it in candidates.items()
        if key not in open_keys and key not in lately
    ]
    Alert.objects.bulk_create(fresh)
    _note([(it, "", it.kind) for it in fresh], step=AlertChange.Step.RAISED, day=day)
    return len(fresh)


def _columns(it: Candidate) -> dict[str, float | str | None]:
    return {
        "kind": it.kind,
        "metric": it.metric,
        "expected": it.expected,
        "observed": it.observed,
        "probability": it.probability,
        "severity": it.severity,
    }


def _usual_week(it: Candidate) -> float | None:
    """Events per week that were usual when the alert was raised: what recovery means."""
    days = it.params.get("days")
    return round(it.expected / days * 7, 2) if it.expected and days else None


def _note(changes: list[tuple[Alert, str, str]], *, step: AlertChange.Step, day: date) -> None:
    AlertChange.objects.bulk_create(
        [
            AlertChange(alert=alert, changed_on=day, step=step, before=before, after=after)
            for alert, before, after in changes
        ],
        ignore_conflicts=True,
    )

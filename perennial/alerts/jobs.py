"""The day's alerts: raise, add evidence, escalate, resolve. The same day again changes nothing.

Entering and leaving thresholds differ: a drop is raised far below the usual and resolved only
when three days in a row are back near it, or when eight weeks have made it the new usual.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Max

from perennial.alerts.candidates import Candidate
from perennial.alerts.drops import MONTH_DAYS, Usage, told_by, usage
from perennial.alerts.findings import signals
from perennial.alerts.models import Alert, AlertChange, Ending, Kind, Rule
from perennial.alerts.rules import CALM_SHARE
from perennial.health.inputs import Served, served
from perennial.units.progress import Progress, silent

REFRACTORY_DAYS = 28
CALM_DAYS = 3
NEW_LEVEL_DAYS = 56
STRENGTH: dict[str, int] = {Kind.FADE: 1, Kind.SLOW: 2, Kind.SUDDEN: 3, Kind.STOP: 4}
BATCH = 500
CHANGING = (
    "kind",
    "metric",
    "expected",
    "observed",
    "probability",
    "severity",
    "params",
    "since_on",
    "last_fired_on",
    "calm_since_on",
    "resolved_on",
    "ending",
)
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
    changed, over, escalated = [], [], []
    for alert in Alert.objects.filter(resolved_on__isnull=True):
        before = [getattr(alert, name) for name in CHANGING]
        kind = alert.kind
        candidate = candidates.get((alert.customer_id, alert.rule))
        ending = None
        if alert.customer_id is not None and alert.customer_id not in served_ids:
            ending = Ending.ENDED
        elif alert.rule in USAGE_RULES and alert.customer_id in paused_ids:
            ending = Ending.PAUSED
        elif candidate is not None:
            _fire_again(alert, candidate, day=day)
            escalated += [(alert, kind, alert.kind)] if alert.kind != kind else []
        elif (alert.customer_id, Rule.SILENT) in candidates and alert.rule == Rule.USAGE_DROP:
            ending = Ending.SUPERSEDED
        elif not (alert.rule in USAGE_RULES and _is_unjudged(alert, seen)):
            ending = _calm(alert, seen, day=day)
        if ending is not None:
            alert.resolved_on, alert.ending = day, ending.value
            over.append((alert, kind, ending.value))
        if before != [getattr(alert, name) for name in CHANGING]:
            changed.append(alert)
    # An upsert by key: thousands of rows in one statement each, where saving takes seconds.
    Alert.objects.bulk_create(
        changed,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=list(CHANGING),
    )
    _note(escalated, step=AlertChange.Step.ESCALATED, day=day)
    _note(over, step=AlertChange.Step.RESOLVED, day=day)
    return len(over)


def _is_unjudged(alert: Alert, seen: Usage) -> bool:
    """Its feed is silent, so that nobody knows; one of all customers needs all feeds."""
    if alert.customer_id is None:
        return seen.feed_silent or bool(seen.unjudged)
    return seen.feed_silent or alert.customer_id in seen.unjudged


def _fire_again(alert: Alert, candidate: Candidate, *, day: date) -> None:
    """New evidence on an open alert; while it fires, the kind only gets stronger."""
    alert.last_fired_on, alert.calm_since_on = day, None
    if STRENGTH.get(candidate.kind, 0) < STRENGTH.get(alert.kind, 0):
        return
    for name, value in _columns(candidate).items():
        setattr(alert, name, value)
    alert.params = {**candidate.params, "usual_week": alert.params.get("usual_week")}
    alert.since_on = min(alert.since_on, candidate.since_on)


def _calm(alert: Alert, seen: Usage, *, day: date) -> Ending | None:
    """An alert that no longer fires: over, or (a drop) only when back near the usual for days,
    or when the usual has changed."""
    if alert.rule != Rule.USAGE_DROP or alert.kind == Kind.EVERYONE:
        return Ending.RECOVERED
    if alert.last_fired_on == day:
        return None  # it fired today already; the same day again changes nothing
    usual = alert.params.get("usual_week") or 0
    week = seen.week.get(alert.customer_id or 0)
    month = seen.month.get(alert.customer_id or 0, 0.0)
    if week is not None and max(week, month * 7 / MONTH_DAYS) >= CALM_SHARE * usual:
        alert.calm_since_on = alert.calm_since_on or day
        calm_days = (day - alert.calm_since_on).days + 1
        return Ending.RECOVERED if calm_days >= CALM_DAYS else None
    if (day - alert.raised_on).days >= NEW_LEVEL_DAYS:
        return Ending.NEW_LEVEL
    alert.calm_since_on = None
    if usual and week is not None:
        # Not firing, but not back either: told by the last month, so that it is true today.
        alert.kind, alert.expected, alert.observed = Kind.SLOW, usual * MONTH_DAYS / 7, month
        numbers = told_by(days=MONTH_DAYS, expected=alert.expected, observed=month)
        alert.params = {**alert.params, **numbers}
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

"""The day's alerts: raise, add evidence, escalate, resolve. The same day again changes nothing.

All of a day is one transaction: a run that is killed leaves the day before, whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction

from perennial.alerts.drops import Usage, usage
from perennial.alerts.lifecycle import BATCH, Today, evidence_of, fresh, look_at, own_lives
from perennial.alerts.models import Alert, AlertChange, Evidence
from perennial.alerts.own_history import keep_own_history
from perennial.alerts.queries.today import EVALUATED, evaluated_day
from perennial.alerts.signals import Signals, gather, read
from perennial.health.inputs import Served, served
from perennial.team.models import InstallationFact
from perennial.units.progress import Progress, silent

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
    "fired_days",
    "calm_since_on",
    "calm_days",
    "resolved_on",
    "ending",
)
SEEN = ("kind", "expected", "observed", "probability", "params")


def fill(*, day: date, progress: Progress = silent) -> dict[str, int]:
    """Bring the alerts to the end of `day`. An older day than the newest changes nothing."""
    newest = evaluated_day()
    if newest and newest > day:
        return {"raised": 0, "resolved": 0, "open": _open_count()}
    customers = served(day)
    seen = usage(customers, day=day, look_back=not Alert.objects.exists())
    progress(1, 2)
    facts = read(customers, day=day, unjudged=seen.unjudged, silent=seen.feed_silent)
    today = _today(customers, seen, gather(facts), day=day, is_again=newest == day)
    progress(2, 2)
    with transaction.atomic():
        resolved, raised = _resolve(today), _raise(today)
        _remember(today)
    keep_own_history(day=day, progress=progress)
    return {"raised": raised, "resolved": resolved, "open": _open_count()}


def _remember(today: Today) -> None:
    value = {"day": today.day.isoformat(), "resting": sorted(today.resting)}
    InstallationFact.objects.update_or_create(name=EVALUATED, defaults={"value": value})


def _today(
    customers: list[Served], seen: Usage, signals: Signals, *, day: date, is_again: bool
) -> Today:
    return Today(
        day,
        is_again,
        {it.key: it for it in seen.candidates} | signals.candidates,
        seen,
        signals.resting,
        frozenset(it.pk for it in customers),
        frozenset(it.pk for it in customers if it.is_paused),
        own_lives(),
    )


def _open_count() -> int:
    return Alert.objects.filter(resolved_on__isnull=True).count()


def _resolve(today: Today) -> int:
    """Look at every open alert: more evidence, calm, or over."""
    looked = look_at(Alert.objects.filter(resolved_on__isnull=True), today, columns=CHANGING)
    # An upsert by key: thousands of rows in one statement each, where saving takes seconds.
    _upsert(Alert, looked.changed, unique=["id"], update=CHANGING)
    _keep_evidence(looked.fired, day=today.day)
    _note(looked.escalated, step=AlertChange.Step.ESCALATED, day=today.day)
    _note(looked.over, step=AlertChange.Step.RESOLVED, day=today.day)
    return len(looked.over)


def _raise(today: Today) -> int:
    still_open = Alert.objects.filter(resolved_on__isnull=True)
    keys = set(still_open.values_list("customer_id", "rule", "about"))
    raised = fresh(today, open_keys=keys)
    Alert.objects.bulk_create(raised, batch_size=BATCH)
    _keep_evidence(raised, day=today.day)
    _note([(it, "", it.kind) for it in raised], step=AlertChange.Step.RAISED, day=today.day)
    return len(raised)


def _keep_evidence(fired: Sequence[Alert], *, day: date) -> None:
    rows = evidence_of(fired, day=day)
    _upsert(Evidence, rows, unique=["alert", "day"], update=SEEN)


def _upsert(model: Any, rows: Sequence[Any], *, unique: list[str], update: Sequence[str]) -> None:
    model.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=unique,
        update_fields=list(update),
    )


def _note(changes: list[tuple[Alert, str, str]], *, step: AlertChange.Step, day: date) -> None:
    AlertChange.objects.bulk_create(
        [
            AlertChange(alert=alert, changed_on=day, step=step, before=before, after=after)
            for alert, before, after in changes
        ],
        batch_size=BATCH,
        ignore_conflicts=True,
    )

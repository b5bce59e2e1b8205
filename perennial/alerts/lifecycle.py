"""What a day does to the open alerts: evidence, calm, over. And which new ones it raises.

Entering and leaving thresholds differ (rules/lives.py); what nobody knows today is left alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from perennial.alerts.candidates import Candidate, Key
from perennial.alerts.drops import MONTH_DAYS, Usage, told_by
from perennial.alerts.models import Alert, Ending, Evidence, Kind, OwnRule, Rule
from perennial.alerts.rules.lives import LIVES, Life, is_cooling, is_over
from perennial.alerts.rules.recovery import CALM_DAYS, REFRACTORY_DAYS, is_back, is_settled
from perennial.alerts.signals import BY_USAGE

STRENGTH: dict[str, int] = {Kind.FADE: 1, Kind.SLOW: 2, Kind.SUDDEN: 3, Kind.STOP: 4}
USAGE_RULES = frozenset({Rule.USAGE_DROP, Rule.SILENT})
BY_ITSELF = (Ending.RECOVERED, Ending.NEW_LEVEL)
BATCH = 500


@dataclass(frozen=True, slots=True)
class Today:
    """All that the life of the alerts depends on, at the end of `day`. `is_again`: this day was
    evaluated before, so that a look at it counts no second time."""

    day: date
    is_again: bool
    candidates: Mapping[Key, Candidate]
    usage: Usage
    resting: Collection[str]
    served: Collection[int]
    paused: Collection[int]
    own: Mapping[str, Life]  # of the own rules that are switched on


@dataclass(slots=True)
class Looked:
    """What the day did to the open alerts."""

    changed: list[Alert] = field(default_factory=list)
    fired: list[Alert] = field(default_factory=list)
    over: list[tuple[Alert, str, str]] = field(default_factory=list)  # alert, kind, ending
    escalated: list[tuple[Alert, str, str]] = field(default_factory=list)  # alert, from, to


def own_lives() -> dict[str, Life]:
    rules = OwnRule.objects.filter(is_on=True)
    return {
        name: Life(calm, cool)
        for name, calm, cool in rules.values_list("name", "calm_days", "cool_down_days")
    }


def life_of(rule: str, about: str, own: Mapping[str, Life]) -> Life:
    return own[about] if rule == Rule.OWN else LIVES[rule]


def look_at(alerts: Iterable[Alert], today: Today, *, columns: Collection[str]) -> Looked:
    """Bring every open alert to the end of the day; nothing is written yet."""
    looked = Looked()
    for alert in alerts:
        before = [getattr(alert, name) for name in columns]
        kind = alert.kind
        candidate = today.candidates.get((alert.customer_id, alert.rule, alert.about))
        ending = _ended_from_outside(alert, today)
        if ending is None and candidate is not None:
            _hold(alert, candidate, today)
            if candidate.enters:
                looked.fired.append(alert)
            if alert.kind != kind:
                looked.escalated.append((alert, kind, alert.kind))
        elif ending is None and _is_known(alert, today):
            ending = _calm(alert, today)
        if ending is not None:
            alert.resolved_on, alert.ending = today.day, ending.value
            looked.over.append((alert, kind, ending.value))
        if before != [getattr(alert, name) for name in columns]:
            looked.changed.append(alert)
    return looked


def _ended_from_outside(alert: Alert, today: Today) -> Ending | None:
    """Its service ended or rests, its rule was taken back, or a stronger alert replaces it."""
    if alert.customer_id is not None and alert.customer_id not in today.served:
        return Ending.ENDED
    if alert.rule in USAGE_RULES and alert.customer_id in today.paused:
        return Ending.PAUSED
    if alert.rule == Rule.OWN and alert.about not in today.own:
        return Ending.WITHDRAWN
    silent = (alert.customer_id, Rule.SILENT.value, "") in today.candidates
    if alert.rule == Rule.USAGE_DROP and alert.customer_id is not None and silent:
        return Ending.SUPERSEDED
    return None


def _is_known(alert: Alert, today: Today) -> bool:
    """Somebody could have found it today; else its silence is no calm."""
    if alert.rule in today.resting:
        return False
    if alert.rule not in USAGE_RULES and alert.rule not in BY_USAGE:
        return True
    if today.usage.feed_silent:
        return False
    if alert.customer_id is None:  # one of all customers needs all feeds
        return not today.usage.unjudged
    return alert.customer_id not in today.usage.unjudged


def _hold(alert: Alert, candidate: Candidate, today: Today) -> None:
    """It still stands. While it fires, the kind only gets stronger and evidence is added."""
    alert.calm_since_on, alert.calm_days = None, 0
    if candidate.enters and alert.last_fired_on < today.day:
        alert.fired_days += 1
        alert.last_fired_on = today.day
    if STRENGTH.get(candidate.kind, 0) < STRENGTH.get(alert.kind, 0):
        return
    for name, value in columns_of(candidate).items():
        setattr(alert, name, value)
    kept = {"usual_week": alert.params["usual_week"]} if "usual_week" in alert.params else {}
    alert.params = {**candidate.params, **kept}
    alert.since_on = min(alert.since_on, candidate.since_on)


def _calm(alert: Alert, today: Today) -> Ending | None:
    """It was not found today: over after so many such days in a row."""
    if alert.last_fired_on == today.day:
        return None  # it fired today already; the same day again changes nothing
    if alert.rule == Rule.USAGE_DROP and alert.kind != Kind.EVERYONE:
        return _calm_drop(alert, today)
    life = life_of(alert.rule, alert.about, today.own)
    _count_calm(alert, today)
    everyone = alert.kind == Kind.EVERYONE
    return Ending.RECOVERED if everyone or is_over(alert.calm_days, life=life) else None


def _count_calm(alert: Alert, today: Today) -> None:
    if alert.calm_since_on is None:
        alert.calm_since_on, alert.calm_days = today.day, 1
    elif not today.is_again:
        alert.calm_days += 1


def _calm_drop(alert: Alert, today: Today) -> Ending | None:
    """A drop is over when it is back near the usual for days, or when that is the usual now."""
    usual = alert.params.get("usual_week") or 0
    week = today.usage.week.get(alert.customer_id or 0)
    month = today.usage.month.get(alert.customer_id or 0, 0.0)
    if week is not None and is_back(week=week, month=month, usual_week=usual):
        _count_calm(alert, today)
        return Ending.RECOVERED if alert.calm_days >= CALM_DAYS else None
    if is_settled((today.day - alert.raised_on).days):
        return Ending.NEW_LEVEL
    if week is None:
        return None  # a day on which all are down says nothing about one
    alert.calm_since_on, alert.calm_days = None, 0
    if usual:
        # Not firing, but not back either: told by the last month, so that it is true today.
        alert.kind, alert.expected, alert.observed = Kind.SLOW, usual * MONTH_DAYS / 7, month
        numbers = told_by(days=MONTH_DAYS, expected=alert.expected, observed=month)
        alert.params = {**alert.params, **numbers}
    return None


def fresh(today: Today, *, open_keys: Collection[Key]) -> list[Alert]:
    """Alerts for what is new today and is not cooling down."""
    still = _cooling(today)
    return [
        Alert(
            customer_id=it.customer_id,
            rule=it.rule,
            about=it.about,
            raised_on=today.day,
            last_fired_on=today.day,
            params={**it.params, **usual_week(it)},
            since_on=it.since_on,
            **columns_of(it),
        )
        for key, it in today.candidates.items()
        if it.enters and key not in open_keys and key not in still
    ]


def _cooling(today: Today) -> set[Key]:
    """What ended by itself a short while ago; drops keep still from the day they were raised."""
    lives = [*LIVES.values(), *today.own.values()]
    longest = timedelta(days=max(life.cool_down_days for life in lives))
    ended = Alert.objects.filter(ending__in=BY_ITSELF, resolved_on__gt=today.day - longest)
    found = {
        (pk, rule, about)
        for pk, rule, about, on in ended.values_list("customer_id", "rule", "about", "resolved_on")
        if rule != Rule.OWN or about in today.own
        if is_cooling(on, life=life_of(rule, about, today.own), day=today.day)
    }
    lately = Alert.objects.filter(
        rule=Rule.USAGE_DROP, raised_on__gt=today.day - timedelta(days=REFRACTORY_DAYS)
    )
    return found | set(lately.values_list("customer_id", "rule", "about"))


def columns_of(it: Candidate) -> dict[str, Any]:
    return {
        "kind": it.kind,
        "metric": it.metric,
        "expected": it.expected,
        "observed": it.observed,
        "probability": it.probability,
        "severity": it.severity,
    }


def usual_week(it: Candidate) -> dict[str, float | None]:
    """Events per week that were usual when a drop was raised: what recovery means."""
    if it.rule != Rule.USAGE_DROP:
        return {}
    days = it.params.get("days")
    return {"usual_week": round(it.expected / days * 7, 2) if it.expected and days else None}


def evidence_of(alerts: Iterable[Alert], *, day: date) -> list[Evidence]:
    """What each alert that fired showed on that day."""
    return [
        Evidence(
            alert=it,
            day=day,
            kind=it.kind,
            expected=it.expected,
            observed=it.observed,
            probability=it.probability,
            params=it.params,
        )
        for it in alerts
    ]

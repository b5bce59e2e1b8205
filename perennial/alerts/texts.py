"""Own rules and quiet windows as text: the sections `alert_rules` and `quiet_windows`."""

from __future__ import annotations

from datetime import date
from typing import Any

from perennial.alerts.actions import (
    drop_window,
    keep_rule,
    keep_window,
    rule_faults,
    take_rule_back,
    window_faults,
)
from perennial.alerts.queries.own import defined_rules, defined_windows
from perennial.alerts.rules.definitions import RuleDefinition, WindowDefinition
from perennial.units.definitions import (
    Field,
    Kind,
    Plain,
    WrongValue,
    both,
    flag,
    number,
    text,
    whole,
)
from perennial.units.sentence import sentence


def _make_rule(values: Any) -> RuleDefinition:
    return RuleDefinition(
        name=values["name"],
        title_zh=values["title"]["zh"],
        title_en=values["title"]["en"],
        enter=values["enter"],
        leave=values["leave"],
        severity_rate=float(values["severity"]),
        calm_days=values["calm_days"],
        cool_down_days=values["cool_down_days"],
        is_on=values["on"],
    )


def _plain_rule(it: RuleDefinition) -> Plain:
    return {
        "name": it.name,
        "title": {"zh": it.title_zh, "en": it.title_en},
        "enter": it.enter,
        "leave": it.leave,
        "severity": it.severity_rate,
        "calm_days": it.calm_days,
        "cool_down_days": it.cool_down_days,
        "on": it.is_on,
    }


RULES: Kind[RuleDefinition] = Kind(
    name="alert_rules",
    fields=(
        Field("name", text),
        Field("title", both),
        Field("enter", text),
        Field("leave", text, ""),
        Field("severity", number, 0.5),
        Field("calm_days", whole, 2),
        Field("cool_down_days", whole, 14),
        Field("on", flag, True),
    ),
    make=_make_rule,
    plain=_plain_rule,
    known=defined_rules,
    faults=lambda it, _all: rule_faults(it),
    keep=lambda it, by, at: keep_rule(it, by=by, at=at),
    drop=lambda it, by, at: take_rule_back(it.name, by=by, at=at),
)


def _day(value: object) -> date:
    try:
        return date.fromisoformat(str(value))  # YAML may have made a day of it already
    except ValueError as wrong:
        raise WrongValue(sentence("This is a day: 2026-02-14.")) from wrong


def _make_window(values: Any) -> WindowDefinition:
    return WindowDefinition(values["name"], values["from"], values["to"], values["customer"])


WINDOWS: Kind[WindowDefinition] = Kind(
    name="quiet_windows",
    fields=(
        Field("name", text),
        Field("from", _day),
        Field("to", _day),
        Field("customer", text, ""),
    ),
    make=_make_window,
    plain=lambda it: {
        "name": it.title,
        "from": it.from_on.isoformat(),
        "to": it.to_on.isoformat(),
        "customer": it.customer,
    },
    known=defined_windows,
    faults=lambda it, _all: window_faults(it),
    keep=lambda it, by, at: keep_window(it, by=by, at=at),
    drop=lambda it, by, at: drop_window(it, by=by, at=at),
)

KINDS: tuple[Kind[Any], ...] = (RULES, WINDOWS)

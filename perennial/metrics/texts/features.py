"""Features as text: those that somebody named afterwards, and the deep ones (深度功能)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from perennial.events.actions.features import (
    change_feature,
    forget_feature,
    name_feature,
    track_features,
)
from perennial.events.models import Feature
from perennial.events.queries.feature_rules import rule_of
from perennial.events.rules.features import FeatureRule, refuse_wrong
from perennial.team.models import User
from perennial.units.definitions import Field, Kind, Plain, flag, text
from perennial.units.errors import InputRefused, RowError


@dataclass(frozen=True, slots=True)
class Written:
    """A feature as it is written down; without a rule it is the event of its name."""

    name: str
    deep: bool
    rule: FeatureRule | None


def _make(values: Any) -> Written:
    rule = FeatureRule(values["event"], values["selector"], values["url"])
    has_rule = bool(rule.event or rule.selector or rule.url)
    return Written(values["name"], values["deep"], rule if has_rule else None)


def _plain(it: Written) -> Plain:
    rule = it.rule or FeatureRule("")
    return {
        "name": it.name,
        "deep": it.deep,
        "event": rule.event,
        "selector": rule.selector,
        "url": rule.url,
    }


def _known() -> Iterable[Written]:
    """What somebody said of features; events that are tracked by themselves are not text."""
    found = [Written(it.name, it.deep, rule_of(it)) for it in Feature.objects.order_by("name")]
    return [it for it in found if it.deep or it.rule]


def _faults(it: Written, _all: Mapping[str, Sequence[Any]]) -> Sequence[RowError]:
    if it.rule is None:
        return []
    try:
        refuse_wrong(it.rule)
    except InputRefused as wrong:
        return [RowError(wrong.code, wrong.message, column=wrong.column, params=wrong.params)]
    return []


def _keep(it: Written, by: User | None, at: datetime) -> None:
    found = Feature.objects.filter(name=it.name).first()
    if found is None and it.rule is not None:
        name_feature(it.name, rule=it.rule, deep=it.deep, by=by, at=at)
        return
    if found is None:
        track_features([it.name])
        found = Feature.objects.get(name=it.name)
    if Written(found.name, found.deep, rule_of(found)) != it:
        change_feature(found, rule=it.rule, deep=it.deep, by=by, at=at)


def _drop(it: Written, by: User | None, at: datetime) -> None:
    found = Feature.objects.get(name=it.name)
    if it.rule is not None:
        forget_feature(found, by=by, at=at)
    else:
        change_feature(found, deep=False, by=by, at=at)


FEATURES: Kind[Written] = Kind(
    name="features",
    fields=(
        Field("name", text),
        Field("deep", flag, False),
        Field("event", text, ""),
        Field("selector", text, ""),
        Field("url", text, ""),
    ),
    make=_make,
    plain=_plain,
    known=_known,
    faults=_faults,
    keep=_keep,
    drop=_drop,
)

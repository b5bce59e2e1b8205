"""Own rules: filters that customers begin to fit, with a second one that they must leave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from perennial.alerts.candidates import Candidate
from perennial.alerts.models import OwnRule, Rule
from perennial.alerts.signals.columns import FIELDS, Table, table
from perennial.alerts.signals.facts import Facts
from perennial.customers.filters import AllOf, AnyOf, Condition, FilterRefused, Kind, parse
from perennial.customers.matching import Flags, matches


def own_rules(facts: Facts) -> list[Candidate]:
    """What the rules that are switched on say of the served customers."""
    rules = list(OwnRule.objects.filter(is_on=True).order_by("name"))
    if not rules or not facts.customers:
        return []
    read = table(facts)
    return [it for rule in rules for it in _of(rule, read, facts)]


def _of(rule: OwnRule, read: Table, facts: Facts) -> Iterator[Candidate]:
    try:
        inside = fits(rule.enter, read)
        staying = fits(rule.leave, read) if rule.leave else inside
    except FilterRefused:
        return  # a field that is gone: the rules page says so
    named = field_names(parse(rule.enter))
    for row in np.flatnonzero(inside | staying):
        yield Candidate(
            read.pks[row],
            Rule.OWN,
            "own",
            rule.severity_rate,
            facts.day,
            params={
                "title_zh": rule.title_zh,
                "title_en": rule.title_en,
                "shown": values(read, int(row), named),
            },
            about=rule.name,
            enters=bool(inside[row]),
        )


def fits(text: str, read: Table) -> Flags:
    """Whom the filter means. Raises FilterRefused."""
    return matches(parse(text), FIELDS, read.columns, as_of=read.as_of)


def field_names(tree: AllOf) -> list[str]:
    """The fields that a filter asks about, each once, in its order."""
    found: dict[str, None] = {}
    for part in tree.parts:
        if isinstance(part, Condition):
            found[part.field] = None
        elif isinstance(part, AnyOf):
            found |= {name: None for each in part.alternatives for name in field_names(each)}
    return list(found)


def values(read: Table, row: int, names: Sequence[str]) -> list[list[Any]]:
    """[field, value] of one customer as JSON keeps it; None is unknown."""
    kinds = {field.name: field.kind for field in FIELDS}
    return [
        [name, _plain(read.columns[name][row], kinds[name])]
        for name in names
        if kinds[name] not in (Kind.USER, Kind.SEGMENT)
    ]


def _plain(value: Any, kind: Kind) -> Any:
    if kind is Kind.NUMBER:
        return None if np.isnan(value) else round(float(value), 4)
    if kind is Kind.DATE:
        return None if np.isnat(value) else str(value)
    return value or None

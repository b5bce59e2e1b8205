"""Rules of features as the engines read them; `events.rules.features` is the plain road."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

import ibis
import ibis.expr.types as ir
import sqlglot
from sqlglot import expressions

from perennial.events.models import Feature
from perennial.events.rules.features import ANYTHING, PARTS, FeatureRule, part_of
from perennial.events.store import literal
from perennial.events.store.functions import property_text

Parts = Mapping[str, ir.StringValue]
_IT = ibis.table(dict.fromkeys(("event", "selector", *PARTS), "string"), name="it")
# LIKE reads these as more than themselves, and engines disagree about escaping them.
_MEANT_OTHERWISE = {"%": "\x01", "_": "\x02", "\\": "\x03"}


def rule_of(feature: Feature) -> FeatureRule | None:
    """A feature's rule; None when it is the event of its name."""
    rule = FeatureRule(feature.event, feature.selector, feature.url)
    return rule if any((rule.event, rule.selector, rule.url)) else None


def rule_condition(name: str, events: ir.Table) -> ir.BooleanValue | None:
    """Whether a row of events is use of the feature of that name; None when no rule makes it."""
    feature = Feature.objects.filter(name=name).first()
    rule = rule_of(feature) if feature else None
    return condition(rule, events) if rule else None


def rule_mask() -> str:
    """SQL of the embedded engine: the bits of the features whose rule a row of `events` fits."""
    ruled = ((feature.bit, rule_of(feature)) for feature in Feature.objects.order_by("bit"))
    return mask_sql((bit, rule) for bit, rule in ruled if rule)


def condition(rule: FeatureRule, events: ir.Table) -> ir.BooleanValue:
    """Whether a row of events (columns event, properties) fits a rule; never null."""
    return _condition(rule, parts(events))


def parts(events: ir.Table) -> dict[str, ir.StringValue]:
    """What rules look at, by name: the event, the element's path, the parts of the address."""
    url = property_text(events.properties, "url")
    cut = {name: url.re_extract(pattern, 1) for name, pattern in PARTS.items()}
    return {"event": events.event, "selector": property_text(events.properties, "selector"), **cut}


def _condition(rule: FeatureRule, seen: Parts) -> ir.BooleanValue:
    wanted: list[ir.BooleanValue] = []
    if rule.event:
        wanted.append(seen["event"] == rule.event)
    if rule.selector:
        wanted.append(_fits(seen["selector"], rule.selector))
    if rule.url:
        wanted.append(_fits(seen[part_of(rule.url)], rule.url))
    return ibis.and_(*wanted).fill_null(False)


def _fits(text: ir.StringValue, pattern: str) -> ir.BooleanValue:
    if ANYTHING not in pattern:
        return text == pattern
    for character, other in _MEANT_OTHERWISE.items():
        if character in pattern:
            text, pattern = text.replace(character, other), pattern.replace(character, other)
    return text.like(pattern.replace(ANYTHING, "%"))


def mask_sql(rules: Iterable[tuple[int, FeatureRule]]) -> str:
    """The same for these bits and rules; '0' without any.

    However many rules there are, a row's properties are unpacked once (into `it`), and only
    those of rows whose event some rule names.
    """
    known = list(rules)
    if not known:
        return "0"
    bits: ir.IntegerValue = ibis.literal(0, "int64")
    for bit, rule in known:
        fits = _condition(rule, {name: _IT[name] for name in _IT.columns})
        bits = bits | ibis.ifelse(fits, ibis.literal(1 << bit, "int64"), ibis.literal(0, "int64"))
    used = {part_of(rule.url) for _, rule in known if rule.url}
    url = "json_extract_string(properties, '$.url')"
    cut = "".join(f", '{it}': regexp_extract({url}, '{PARTS[it]}', 1)" for it in sorted(used))
    seen = f"{{'event': event, 'selector': json_extract_string(properties, '$.selector'){cut}}}"
    mask = f"list_transform([{seen}], lambda it: {_sql(bits)})[1]"
    if not all(rule.event for _, rule in known):
        return f"({mask})"
    named = ", ".join(literal(event) for event in sorted({rule.event for _, rule in known}))
    return f"CASE WHEN event IN ({named}) THEN {mask} ELSE 0 END"


def _sql(value: ir.Value) -> str:
    """An expression over what was seen of a row as text, to stand in a statement of our own."""
    text = str(ibis.to_sql(_IT.select(it=value), dialect="duckdb"))
    tree = cast(expressions.Select, sqlglot.parse_one(text, read="duckdb"))
    for column in tree.find_all(expressions.Column):
        column.set("table", expressions.to_identifier("it"))
    return str(tree.selects[0].unalias().sql("duckdb"))

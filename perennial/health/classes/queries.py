"""Which rules are in force, and what the customers' classes are now and were."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perennial.customers.filters import AllOf, AnyOf, parse
from perennial.customers.matching import matches
from perennial.customers.models import ClassOverride, ClassRules, SaidBy
from perennial.health.classes.facts import Facts
from perennial.health.classes.fields import custom_fields, fields_of
from perennial.health.classes.rules.definition import ORDER, TIER, Rule, RuleSet, of
from perennial.health.classes.rules.judging import NO_RULE, Flags, Judged, judge
from perennial.health.classes.rules.shipped import SHIPPED


def rules_in_force(kind: str) -> RuleSet:
    """The newest published rules of a kind; those we ship until somebody publishes."""
    row = ClassRules.objects.filter(kind=kind).order_by("-version").first()
    return SHIPPED[kind] if row is None else of(kind, row.definition, version=row.version)


def rules_of(versions: Collection[tuple[str, int]]) -> dict[tuple[str, int], RuleSet]:
    """The rules of these kinds and versions, as they were published; 0 are those we ship."""
    rows = ClassRules.objects.filter(version__in={version for _kind, version in versions})
    known = {(row.kind, row.version): row for row in rows}
    return {
        it: of(it[0], known[it].definition, version=it[1]) if it in known else SHIPPED[it[0]]
        for it in versions
    }


def all_in_force() -> dict[str, RuleSet]:
    """By kind, in the order in which they are decided."""
    return {kind: rules_in_force(kind) for kind in ORDER}


def overrides_on(day: date) -> dict[str, dict[int, ClassOverride]]:
    """By kind and customer what a person said that holds on a day; the last one said counts."""
    held = ClassOverride.objects.filter(
        from_on__lte=day, until_on__gte=day, withdrawn_at__isnull=True
    ).order_by("recorded_at", "pk")
    found: dict[str, dict[int, ClassOverride]] = {kind: {} for kind in ORDER}
    for row in held:
        found[row.kind][row.customer_id] = row
    return found


def meets_by(rules: RuleSet, facts: Facts, rule: Rule) -> Flags:
    """Which customers meet a rule. Raises FilterRefused for a text that is none of this kind."""
    fields = fields_of(rules.kind, custom=facts.custom)
    return matches(parse(rule.when), fields, facts.columns, as_of=facts.as_of)


@dataclass(frozen=True, slots=True)
class Said:
    """What is to hold of one customer, and who says so."""

    value: str
    said_by: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Per kind what the rules say of every customer of the facts, and what is to hold."""

    rules: Mapping[str, RuleSet]
    judged: Mapping[str, Judged]
    said: Mapping[str, list[Said]]
    held: Mapping[str, Mapping[int, ClassOverride]]

    def reason(self, kind: str, place: int, facts: Facts) -> dict[str, Any]:
        """What a rule read of a customer, by field; of a person the text."""
        said = self.said[kind][place]
        if said.said_by == SaidBy.PERSON:
            held = self.held[kind][int(facts.pks[place])]
            return {"reason": held.reason, "until_on": held.until_on.isoformat()}
        rule = self.rules[kind].rule(said.rule)
        names = fields_read(rule.when) if rule else ()
        return {name: _plain(facts.columns[name][place]) for name in names}


def verdicts(
    facts: Facts, rules: Mapping[str, RuleSet], *, on: date, imported: list[str]
) -> Verdicts:
    """Judge all kinds in their order; persons say more than rules, rules more than imports.

    `imported`: the imported tier of each customer, empty for none.
    """
    held = overrides_on(on)
    judged: dict[str, Judged] = {}
    said: dict[str, list[Said]] = {}
    for kind in ORDER:
        of_kind = rules[kind]
        found = judge(of_kind, size=len(facts.pks), meets=partial(meets_by, of_kind, facts))
        judged[kind] = found
        facts_said = imported if kind == TIER else [""] * len(facts.pks)
        said[kind] = _said(of_kind, found, facts, held[kind], facts_said)
        column = np.empty(len(facts.pks), object)
        column[:] = [one.value for one in said[kind]]
        facts.columns[kind] = column  # what is decided later may read it
    return Verdicts(rules, judged, said, held)


def by_rules(
    kind: str, columns: Mapping[str, NDArray[Any]], *, as_of: NDArray[np.datetime64]
) -> NDArray[np.object_]:
    """What the rules in force say of any cases, for days of which no class is recorded.

    `columns` by field name (see fields.py); what is not there counts as unknown.
    """
    rules, fields = rules_in_force(kind), fields_of(kind, custom=custom_fields())
    return judge(
        rules,
        size=len(as_of),
        meets=lambda rule: matches(parse(rule.when), fields, columns, as_of=as_of),
    ).value


@lru_cache(maxsize=256)
def fields_read(when: str) -> tuple[str, ...]:
    """The fields that a filter text names, each once."""
    return tuple(dict.fromkeys(_names(parse(when))))


def _names(tree: AllOf) -> Iterator[str]:
    for part in tree.parts:
        if isinstance(part, AnyOf):
            for alternative in part.alternatives:
                yield from _names(alternative)
        else:
            yield part.field


def _plain(value: Any) -> Any:
    """A cell as JSON keeps it; unknown is None."""
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, float | np.floating):
        return None if np.isnan(value) else float(value)
    return value.item() if isinstance(value, np.generic) else value


_NOBODY = Said("", SaidBy.RULE)


def _said(
    rules: RuleSet,
    judged: Judged,
    facts: Facts,
    held: Mapping[int, ClassOverride],
    imported: list[str],
) -> list[Said]:
    """Person before rule before import; where no rule is, nobody says anything."""
    by_rule = {at: Said(rule.value, SaidBy.RULE, rule.name) for at, rule in enumerate(rules.rules)}
    by_rule[NO_RULE] = Said(rules.otherwise, SaidBy.RULE) if rules.rules else _NOBODY
    by_import = {value: Said(value, SaidBy.IMPORT) for value in {*imported} - {""}}
    found = [
        by_import[fact] if not (one := by_rule[place]).rule and not one.value and fact else one
        for place, fact in zip(judged.rule.tolist(), imported, strict=True)
    ]
    if held:
        for at, pk in enumerate(facts.pks.tolist()):
            if pk in held:
                found[at] = Said(held[pk].value, SaidBy.PERSON)
    return found

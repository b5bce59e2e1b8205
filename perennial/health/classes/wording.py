"""Classes, rules and their reasons in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from perennial.customers.filter_words import in_words
from perennial.customers.filters import AllOf, Field, FilterRefused, Kind, parse
from perennial.customers.models import Fit, Stage
from perennial.health.classes.rules.definition import FIT, STAGE, TIER, RuleSet
from perennial.web.formats import chinese, money, number, percent

KINDS: Mapping[str, Promise] = {
    TIER: gettext_lazy("Tier"),
    FIT: pgettext_lazy("target customer", "Fit"),
    STAGE: gettext_lazy("Stage"),
}
MEANT: Mapping[str, Promise] = {
    TIER: gettext_lazy(
        "How much a customer is worth to us: it decides service level and coverage."
    ),
    FIT: gettext_lazy("Is it a customer for whom we are made? Non-target ones are never hidden."),
    STAGE: gettext_lazy("Where a customer stands on its way; each stage has tasks of its own."),
}
OPERATORS: tuple[tuple[str, str | Promise], ...] = (
    ("gte", "≥"),
    ("lte", "≤"),
    ("gt", ">"),
    ("lt", "<"),
    ("in", pgettext_lazy("filter", "is one of")),
    ("not", pgettext_lazy("filter", "is not")),
    ("has", pgettext_lazy("filter", "contains")),
    ("yes", gettext_lazy("yes")),
    ("no", gettext_lazy("no")),
    ("known", pgettext_lazy("filter", "known")),
    ("empty", pgettext_lazy("filter", "unknown")),
)


def value_title(kind: str, value: str) -> str:
    """S · Target · Onboarding; a dash where nobody could say."""
    if not value:
        return pgettext("class", "none")
    if kind == TIER:
        return value
    return str((Fit if kind == FIT else Stage)(value).label)


def otherwise_title(rules: RuleSet) -> str:
    """Whom no rule catches."""
    if rules.kind == TIER and not rules.otherwise:
        return _("the imported tier stays")
    return value_title(rules.kind, rules.otherwise)


def rule_title(plain: Mapping[str, Any]) -> str:
    """Of a rule as text, in the language that is spoken."""
    title = plain.get("title") or {}
    first, second = ("zh", "en") if chinese() else ("en", "zh")
    return str(title.get(first) or title.get(second) or plain.get("name", ""))


def title_in(rules: RuleSet, name: str) -> str:
    """Of a rule by its name; "" when the rules have none of it (any more)."""
    rule = rules.rule(name)
    if rule is None:
        return ""
    return rule.title_zh if chinese() else rule.title_en


def conditions(when: str, fields: tuple[Field, ...]) -> list[str] | None:
    """Each condition in words; None: the text cannot be read."""
    known = {field.name: field for field in fields}
    try:
        return [in_words(AllOf((part,)), known, {}) for part in parse(when).parts]
    except (FilterRefused, KeyError):
        return None


def facts_in_words(reason: Mapping[str, Any], fields: tuple[Field, ...]) -> list[tuple[str, str]]:
    """The numbers that a rule read: the field's title and what it said."""
    known = {field.name: field for field in fields}
    return [(str(known[it].title), _cell(known[it], reason[it])) for it in reason if it in known]


def _cell(field: Field, value: Any) -> str:
    if value is None or value in ("", []):
        return pgettext("filter", "unknown")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field.kind is Kind.NUMBER:
        if field.is_money:
            return str(money(value))
        return percent(value) if field.is_rate else number(value)
    if isinstance(value, list):
        return pgettext("list", ", ").join(map(str, value))
    return str(dict(field.choices).get(str(value), value))

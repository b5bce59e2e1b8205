"""The editor of rules as it is sent: the text it means, and what its buttons do to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import count
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.customers.filters import AllOf, Condition, FilterRefused, Op, parse
from perennial.customers.models import Fit, Stage, Tier
from perennial.health.classes.actions import LONGEST_OVERRIDE_DAYS, REASON_LETTERS
from perennial.health.classes.rules.definition import FIT, STAGE, TIER

Plain = dict[str, Any]
Given = Mapping[str, str]
CHOICES: Mapping[str, Any] = {TIER: Tier.choices, FIT: Fit.choices, STAGE: Stage.choices}


def definition_from(given: Given, kind: str) -> Plain:
    """The text that a form means; nothing of it is checked."""
    rows = (given.get("rows") or "0").strip()
    found: Plain = {
        "rules": [_rule(given, at) for at in range(int(rows) if rows.isdecimal() else 0)][:100],
        "otherwise": given.get("otherwise", ""),
    }
    if kind == STAGE:
        found["gates"] = {
            "first_use_days": _days(given.get("first_use_days", "")),
            "live_days": _days(given.get("live_days", "")),
            "products": _products(given.get("products", "")),
        }
    return found


def _rule(given: Given, at: int) -> Plain:
    def typed(name: str) -> str:
        return given.get(f"r{at}_{name}", "").strip()

    return {
        "name": typed("name"),
        "title": {"zh": typed("zh"), "en": typed("en")},
        "value": typed("value"),
        "when": typed("when"),
    }


def _days(text: str) -> int | str:
    return int(text) if text.strip().isdecimal() else text


def _products(text: str) -> dict[str, int | str]:
    """`CRM 60` per line."""
    pairs = (line.strip().replace("=", " ").rpartition(" ") for line in text.splitlines())
    return {name.strip(): _days(days) for name, _space, days in pairs if name.strip() or days}


def stepped(definition: Plain, do: str, given: Given) -> Plain:
    """The text after one press: `verb:rule` or `verb:rule:condition`."""
    verb, *places = do.split(":")
    numbers = [int(it) for it in places if it.isdecimal()]
    rules = list(definition["rules"])
    if verb == "add":
        return definition | {"rules": [*rules, _fresh(rules)]}
    step = _STEPS.get(verb)
    if step is None or not numbers or numbers[0] >= len(rules):
        return definition
    return definition | {"rules": step(rules, numbers, given)}


def _fresh(rules: list[Plain]) -> Plain:
    taken = {rule["name"] for rule in rules}
    name = next(it for n in count(len(rules) + 1) if (it := f"rule_{n}") not in taken)
    return {"name": name, "title": {"zh": "", "en": ""}, "value": "", "when": ""}


def _earlier(rules: list[Plain], places: list[int], _given: Given) -> list[Plain]:
    at = places[0]
    if at:
        rules[at - 1], rules[at] = rules[at], rules[at - 1]
    return rules


def _remove(rules: list[Plain], places: list[int], _given: Given) -> list[Plain]:
    return [rule for at, rule in enumerate(rules) if at != places[0]]


def _add_condition(rules: list[Plain], places: list[int], given: Given) -> list[Plain]:
    at = places[0]
    name, op = given.get(f"r{at}_new_field", ""), given.get(f"r{at}_new_op", "")
    typed = given.get(f"r{at}_new_value", "").strip().replace("，", ",")
    values = tuple(it.strip() for it in typed.split(",") if it.strip())
    if op in ("yes", "no"):
        condition = Condition(name, Op.IS, (op,))
    elif op in ("known", "empty"):
        condition = Condition(name, Op(op))
    elif op in set(Op) and values:
        condition = Condition(name, Op(op), values)
    else:
        return rules
    return _with(rules, at, lambda tree: tree.plus([condition]))


def _drop_condition(rules: list[Plain], places: list[int], _given: Given) -> list[Plain]:
    at, which = places[0], places[1] if len(places) > 1 else 0
    return _with(
        rules, at, lambda tree: AllOf(tuple(p for n, p in enumerate(tree.parts) if n != which))
    )


def _with(rules: list[Plain], at: int, change: Callable[[AllOf], AllOf]) -> list[Plain]:
    """The rules with one condition text changed; one that cannot be read stays."""
    try:
        when = change(parse(rules[at]["when"])).text
    except FilterRefused:
        return rules
    rules[at] = rules[at] | {"when": when}
    return rules


_STEPS: dict[str, Callable[[list[Plain], list[int], Given], list[Plain]]] = {
    "earlier": _earlier,
    "remove": _remove,
    "add_condition": _add_condition,
    "drop_condition": _drop_condition,
}


class OverrideForm(forms.Form):
    """A value of one's own for a customer, with a reason and a last day."""

    value = forms.ChoiceField(label=_("Value"))
    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_LETTERS,
        error_messages={"required": _("An override needs a reason.")},
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    until_on = forms.DateField(
        label=pgettext_lazy("override", "Holds until"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, data: Any = None, *, kind: str, today: Any) -> None:
        super().__init__(data, initial={"until_on": (today + timedelta(days=90)).isoformat()})
        value = self.fields["value"]
        assert isinstance(value, forms.ChoiceField)
        value.choices = list(CHOICES[kind])
        self.fields["until_on"].help_text = _("At most %(days)s days.") % {
            "days": LONGEST_OVERRIDE_DAYS
        }


class FitForm(forms.Form):
    """What a CSM thinks at first contact."""

    value = forms.ChoiceField(
        label=pgettext_lazy("target customer", "Is it a target customer?"), choices=Fit.choices
    )
    expectations = forms.CharField(
        label=_("What it expects, in its own words"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class NoteForm(forms.Form):
    note = forms.CharField(label=_("Why (kept with the version)"), max_length=300, required=False)

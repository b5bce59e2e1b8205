"""What is wrong with the rules of a kind, before anybody is judged by them.

Each fault names its place as `rules.<n>.<field>`, counted from 0, or the field of the set.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from perennial.customers.filters import Field, FilterRefused, compile_filter, parse
from perennial.health.classes.fields import custom_fields, fields_of
from perennial.health.classes.queries import fields_read
from perennial.health.classes.rules.definition import ORDER, STAGE, VALUES
from perennial.units.errors import RowError
from perennial.units.sentence import sentence

MOST_RULES: Final = 30
MOST_DAYS: Final = 3650
NAME: Final = re.compile(r"[a-z0-9_]{1,40}")
TITLE_LETTERS: Final = 80
_A_DAY: Final = date(2000, 1, 1)
_ITSELF: Final = {
    "tier": sentence("A rule of the tier cannot read the tier: it would answer itself."),
    "fit": sentence("A rule of the fit cannot read the fit: it would answer itself."),
    "stage": sentence("A rule of the stage cannot read the stage: it would answer itself."),
}


def faults_of(kind: str, plain: Mapping[str, Any]) -> list[RowError]:
    """Everything that is wrong with a text of rules; what has none is read by definition.of."""
    rules = plain.get("rules")
    if not isinstance(rules, list) or not all(isinstance(it, Mapping) for it in rules):
        return [_fault("rules", sentence("This is a list of rules."))]
    found = list(_of_set(kind, plain, len(rules)))
    fields = fields_of(kind, custom=custom_fields())
    names: set[str] = set()
    for at, rule in enumerate(rules):
        found += _of_rule(kind, rule, at, fields)
        if rule.get("name") in names:
            found.append(_fault(f"rules.{at}.name", sentence("This name stands twice.")))
        names.add(str(rule.get("name")))
    return found


def _fault(column: str, text: str, **params: str) -> RowError:
    return RowError("wrong_value", text, column=column, params=params)


def _of_set(kind: str, plain: Mapping[str, Any], count: int) -> Iterator[RowError]:
    for name in plain.keys() - {"rules", "otherwise", *(("gates",) if kind == STAGE else ())}:
        text = sentence("There is no field “{name}” here.")
        yield RowError("unknown_field", text, column="rules", params={"name": str(name)})
    if count > MOST_RULES:
        text = sentence("These are more than {most} rules.")
        yield RowError("too_many", text, column="rules", params={"most": str(MOST_RULES)})
    if plain.get("otherwise", "") not in ("", *VALUES[kind]):
        yield _value_fault(kind, "otherwise", plain.get("otherwise"))
    if kind == STAGE:
        yield from _of_gates(plain.get("gates", {}))


def _value_fault(kind: str, column: str, value: object) -> RowError:
    text = sentence("“{value}” is none of {known}.")
    params = {"value": str(value)[:40], "known": ", ".join(VALUES[kind])}
    return RowError("wrong_value", text, column=column, params=params)


def _of_gates(gates: object) -> Iterator[RowError]:
    known = ("first_use_days", "live_days", "products")
    if not isinstance(gates, Mapping) or any(name not in known for name in gates):
        yield _gate_fault()
        return
    products = gates.get("products", {})
    if not isinstance(products, Mapping):
        yield _gate_fault()
        return
    days = [gates[name] for name in known[:2] if name in gates] + list(products.values())
    if not all(type(it) is int and 1 <= it <= MOST_DAYS for it in days):
        text = sentence("A gate is a whole number of days from 1 to {most}.")
        yield RowError("wrong_value", text, column="gates", params={"most": str(MOST_DAYS)})


def _gate_fault() -> RowError:
    text = sentence("Gates are first_use_days, live_days, and days by product.")
    return RowError("wrong_value", text, column="gates")


def _of_rule(
    kind: str, rule: Mapping[str, Any], at: int, fields: tuple[Field, ...]
) -> Iterator[RowError]:
    place = f"rules.{at}"
    for name in rule.keys() - {"name", "title", "value", "when"}:
        text = sentence("There is no field “{name}” here.")
        yield RowError("unknown_field", text, column=place, params={"name": str(name)})
    if not NAME.fullmatch(str(rule.get("name", ""))):
        text = sentence("A name is small letters, digits and _, at most 40.")
        yield RowError("wrong_value", text, column=f"{place}.name")
    title = rule.get("title")
    if not isinstance(title, Mapping) or any(
        not isinstance(title.get(it), str) or not 0 < len(title[it].strip()) <= TITLE_LETTERS
        for it in ("zh", "en")
    ):
        text = sentence("The title is missing in one language, or too long.")
        yield RowError("wrong_value", text, column=f"{place}.title")
    if rule.get("value") not in VALUES[kind]:
        yield _value_fault(kind, f"{place}.value", rule.get("value"))
    yield from _of_condition(kind, rule.get("when", ""), f"{place}.when", fields)


def _of_condition(
    kind: str, when: object, column: str, fields: tuple[Field, ...]
) -> Iterator[RowError]:
    """A condition that cannot be read, names no field, or reads what is decided later."""
    try:
        tree = parse(str(when or ""))
        unknown = set(fields_read(str(when or ""))) - {field.name for field in fields}
        if kind in unknown:
            yield RowError("circular", _ITSELF[kind], column=column)
        elif unknown & set(ORDER):
            text = sentence("This is decided later: first the stage, then the fit, then the tier.")
            yield RowError("circular", text, column=column)
        elif unknown:
            text = sentence("There is no field “{name}” for these rules.")
            params = {"name": sorted(unknown)[0]}
            yield RowError("unknown_field", text, column=column, params=params)
        else:
            compile_filter(tree, fields, as_of=_A_DAY, user_id=None)
    except FilterRefused as wrong:
        yield RowError(wrong.code, wrong.message, column=column, params=wrong.params)

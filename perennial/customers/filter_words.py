"""A filter in words: `Tier S, A and Renewal within 90 d`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from perennial.customers.filters import AllOf, AnyOf, Condition, Field, Kind, Op
from perennial.customers.models import Segment
from perennial.web import formats


def either_in_words(part: AnyOf, known: Mapping[str, Field], owners: Mapping[int, str]) -> str:
    """Alternatives, joined by or. `owners`: names by user id."""
    either = pgettext("filter", " or ").join(
        in_words(each, known, owners) for each in part.alternatives
    )
    return _("none of: %(conditions)s") % {"conditions": either} if part.negated else either


def in_words(tree: AllOf, known: Mapping[str, Field], owners: Mapping[int, str]) -> str:
    """Every condition with its field's title; "" for no condition."""
    return pgettext("filter", " and ").join(
        part_in_words(part, known, owners) for part in tree.parts
    )


def part_in_words(
    part: Condition | AnyOf, known: Mapping[str, Field], owners: Mapping[int, str]
) -> str:
    """One condition with its field's title, or a group in brackets."""
    if isinstance(part, AnyOf):
        return f"({either_in_words(part, known, owners)})"
    field = known[part.field]
    return f"{field.title} {value_in_words(part, field, owners)}"


def value_in_words(part: Condition, field: Field, owners: Mapping[int, str]) -> str:
    """`S, A` · `≥ ¥10.0 万` · `within 90 d` · `unknown`."""
    match part.op:
        case Op.EMPTY:
            return pgettext("filter", "unknown")
        case Op.KNOWN:
            return pgettext("filter", "known")
        case Op.IN | Op.NOT_IN:
            listed = pgettext("list", ", ").join(_member(v, field, owners) for v in part.values)
            return listed if part.op is Op.IN else _("not %(values)s") % {"values": listed}
        case Op.HAS:
            return _("contains %(text)s") % {"text": part.values[0]}
        case Op.IS:
            return _("yes") if part.values[0] == "yes" else _("no")
        case Op.WITHIN | Op.BEYOND | Op.NEWER | Op.OLDER:
            return _days(part)
        case Op.DURING:
            return str(PERIODS[part.values[0]])
        case _:
            return f"{_SIGNS[part.op]} {_amount(part.values[0], field)}"


PERIODS = {
    "last_month": pgettext_lazy("period", "last month"),
    "this_month": pgettext_lazy("period", "this month"),
    "next_month": pgettext_lazy("period", "next month"),
    "last_quarter": pgettext_lazy("period", "last quarter"),
    "this_quarter": pgettext_lazy("period", "this quarter"),
    "next_quarter": pgettext_lazy("period", "next quarter"),
    "last_year": pgettext_lazy("period", "last year"),
    "this_year": pgettext_lazy("period", "this year"),
    "next_year": pgettext_lazy("period", "next year"),
}
_SIGNS = {Op.LT: "<", Op.LTE: "≤", Op.GT: ">", Op.GTE: "≥"}


def _days(part: Condition) -> str:
    days = {"days": part.values[0]}
    match part.op:
        case Op.WITHIN:
            return _("within %(days)s d") % days
        case Op.BEYOND:
            return _("in more than %(days)s d") % days
        case Op.NEWER:
            return _("in the last %(days)s d") % days
        case _:
            return _("more than %(days)s d ago, or never") % days


def _member(value: str, field: Field, owners: Mapping[int, str]) -> str:
    if field.kind is Kind.USER:
        return _("me") if value == "me" else owners.get(int(value), "?")
    if field.kind is Kind.SEGMENT and not field.choices:
        return _segment(value)
    return str(dict(field.choices).get(value, value))


def _segment(name: str) -> str:
    """Its title in the language that is spoken; one that is gone keeps its name."""
    found = Segment.objects.filter(name=name).first()
    return formats.named(found.title_zh, found.title_en) if found else name


def _amount(value: str, field: Field) -> str:
    if field.kind is Kind.DATE:
        return value
    if field.is_money:
        return formats.money(Decimal(value))
    return formats.percent(Decimal(value)) if field.is_rate else formats.number(Decimal(value))

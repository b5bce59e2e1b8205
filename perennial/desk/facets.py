"""The boxes above the list, and the form that adds a condition of any kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from perennial.customers.filters import AllOf, Kind, Op
from perennial.customers.queries import visible_customers
from perennial.desk.customers import FACETS, ListState, is_facet
from perennial.desk.fields import FIELDS
from perennial.team.models import User

MOST_OPTIONS = 30


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    title: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    title: str
    options: tuple[Option, ...]
    chosen: int


def owner_names(user: User) -> dict[int, str]:
    """Who owns customers that this user sees: names by id, in order."""
    theirs = visible_customers(user).filter(owner=OuterRef("pk"))
    return dict(User.objects.filter(Exists(theirs)).order_by("name").values_list("pk", "name"))


def facets(user: User, state: ListState, owners: dict[int, str]) -> list[Facet]:
    """One for each field of FACETS that has anything to choose."""
    industries = visible_customers(user).exclude(industry="").order_by("industry")
    listed = industries.values_list("industry", flat=True).distinct()[:MOST_OPTIONS]
    dynamic = {
        "industry": [(value, value) for value in listed],
        "owner": [(str(pk), name) for pk, name in owners.items()][:MOST_OPTIONS],
    }
    found = []
    for field in FIELDS:
        if field.name not in FACETS:
            continue
        choices = dynamic.get(field.name, list(field.choices))
        on = [value for value in state.tree.values_of(field.name) if value != "me"]
        unlisted = [(value, value) for value in on if value not in dict(choices)]
        options = tuple(
            Option(value, str(title), value in on) for value, title in choices + unlisted
        )
        if len(options) > 1:
            found.append(Facet(field.name, str(field.title), options, len(on)))
    return found


def builder(state: ListState) -> dict[str, Any]:
    """What the 'add a condition' form offers, and the filter that stays beside the boxes."""
    other = AllOf(tuple(part for part in state.tree.parts if not is_facet(part)))
    return {
        "rest": other.text,
        "fields": [
            (field.name, field.title) for field in state.fields if field.kind is not Kind.USER
        ],
        "ops": [
            (Op.GTE, "≥"),
            (Op.LTE, "≤"),
            (Op.IN, _("is one of")),
            (Op.NOT_IN, _("is none of")),
            (Op.HAS, pgettext("filter", "contains")),
            (Op.WITHIN, _("within the next … days")),
            (Op.NEWER, _("in the last … days")),
            (Op.OLDER, _("more than … days ago")),
            (Op.IS, _("is (yes or no)")),
            (Op.EMPTY, _("is unknown")),
            (Op.KNOWN, _("is known")),
        ],
    }

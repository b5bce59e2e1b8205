"""A filter in words: one chip for each condition, with the address of the list without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from perennial.customers.filter_words import either_in_words, value_in_words
from perennial.customers.filters import AnyOf
from perennial.desk.customers import ListState


@dataclass(frozen=True, slots=True)
class Chip:
    title: str
    value: str
    url: str  # of the list without this condition


def chips(state: ListState, *, owners: Mapping[int, str]) -> list[Chip]:
    """What the filter says, part by part. `owners`: names by user id."""
    known = {field.name: field for field in state.fields}
    found = []
    for part in state.tree.parts:
        url = state.but(tree=state.tree.without(part)).url()
        if isinstance(part, AnyOf):
            found.append(Chip(_("Any of"), either_in_words(part, known, owners), url))
        else:
            field = known[part.field]
            found.append(Chip(str(field.title), value_in_words(part, field, owners), url))
    return found

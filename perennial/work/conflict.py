"""Two who edit the same: the second sees what stands there now beside what was typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from django.forms import Form
from django.forms.boundfield import BoundField
from django.http import QueryDict

from perennial.customers.actions import EditConflict
from perennial.units.errors import InputRefused
from perennial.web.faults import in_words
from perennial.work.actions import AlreadyChanged

NO_NAMES: Mapping[str, str] = {}


def blame(
    form: Form,
    wrong: InputRefused,
    *,
    fresh: Callable[[], Form],
    columns: Mapping[str, str] = NO_NAMES,
) -> None:
    """The refusal beside its field. When somebody else was faster: what stands there now beside
    what was typed, and the form is of the newest version, so that it can be saved again.

    `fresh` makes the form anew from what is stored; `columns` names fields that are called
    otherwise in the form.
    """
    column = columns.get(wrong.column or "", wrong.column)
    form.add_error(column if column in form.fields else None, in_words(wrong))
    if not isinstance(wrong, EditConflict | AlreadyChanged):
        return
    now = fresh()
    stands = [
        (now[name].label, _value_of(now[name]))
        for name in now.fields
        if not now[name].is_hidden and str(now[name].value()) != str(form[name].value())
    ]
    typed = cast(QueryDict, form.data).copy()
    typed["version"] = str(now["version"].value())
    form.data = typed
    form.stands = stands  # type: ignore[attr-defined] # the template shows it


def _value_of(field: BoundField) -> str:
    """As people read it: a choice by its label."""
    value = field.value()
    known = {str(key): str(label) for key, label in getattr(field.field, "choices", ())}
    values = value if isinstance(value, list | tuple) else [value]
    return ", ".join(known.get(str(it), str(it)) for it in values if it not in (None, "")) or "–"

"""How an act of the way in ends: a toast with its undo, and the page that listens draws itself
anew; without script back to where it belongs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.forms.boundfield import BoundField
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone

from perennial.customers.actions import EditConflict
from perennial.team import days
from perennial.units.errors import InputRefused, PerennialError
from perennial.units.moment import business_day
from perennial.web.faults import in_words

NO_NAMES: Mapping[str, str] = {}
CHANGED = "onboardingChanged"  # what the pages and cards listen to


def today() -> date:
    return business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)


def as_of() -> date:
    """The day whose state the pages show: what Today shows, too."""
    return days.last_day() or today()


def ended(
    request: HttpRequest, text: str, *, to: str, undo: str = "", moves: bool = False
) -> HttpResponse:
    """Said, closed, redrawn; `moves`: the browser goes to `to`."""
    if "HX-Request" not in request.headers:
        messages.success(request, text)
        return redirect(to)
    if moves:
        messages.success(request, text)
        return HttpResponse(status=204, headers={"HX-Redirect": to})
    toast: object = {"text": text, "undo": undo} if undo else text
    said = {"toast": toast, "sheet:close": True, CHANGED: True}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(said)})


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
    if not isinstance(wrong, EditConflict):
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


def refused(request: HttpRequest, error: PerennialError, *, to: str) -> HttpResponse:
    """An act without a form that could not be done: its sentence, and the state as it is now."""
    if "HX-Request" not in request.headers:
        messages.error(request, in_words(error))
        return redirect(to)
    said = {"toast": {"text": in_words(error), "tone": "bad"}, CHANGED: True}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(said)})

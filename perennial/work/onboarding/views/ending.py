"""How an act of the way in ends: a toast with its undo, and the page that listens draws itself
anew; without script back to where it belongs."""

from __future__ import annotations

import json
from datetime import date

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from perennial.team import days
from perennial.units.errors import PerennialError
from perennial.units.moment import business_day
from perennial.web.faults import in_words

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


def refused(request: HttpRequest, error: PerennialError, *, to: str) -> HttpResponse:
    """An act without a form that could not be done: its sentence, and the state as it is now."""
    if "HX-Request" not in request.headers:
        messages.error(request, in_words(error))
        return redirect(to)
    said = {"toast": {"text": in_words(error), "tone": "bad"}, CHANGED: True}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(said)})

"""What the ranking believes of each reason: the table, and a sheet to change one row."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.team.access import Page, can, require
from perennial.team.request import who
from perennial.units.errors import PerennialError
from perennial.web.faults import in_words
from perennial.work import wording
from perennial.work.assumptions.actions import (
    AssumptionChanged,
    keep_assumption,
    undo_assumption,
)
from perennial.work.assumptions.forms import AssumptionForm
from perennial.work.assumptions.queries import assumptions, said, tallies
from perennial.work.models import Lane, Reason
from perennial.work.rules import ASSUMPTIONS, ENOUGH_CASES, NO_CASES, basis


@require_GET
def table(request: HttpRequest) -> HttpResponse:
    """Everybody may look: whoever is ranked may know by what."""
    user = who(request)
    require(user, Page.TODAY)
    own, measured = said(), tallies()
    rows = [
        {
            "reason": reason,
            "label": Reason(reason).label,
            "lane": Lane(assumed.lane).label,
            "chance": wording.chance_label(basis(assumed, tally).chance),
            "assumed": assumed,
            "tally": tally,
            "own": own.get(reason) if assumed != ASSUMPTIONS[reason] else None,
        }
        for reason, assumed in assumptions().items()
        for tally in [measured.get(reason, NO_CASES)]
    ]
    context = {"rows": rows, "enough": ENOUGH_CASES, "may": can(user, Page.WORK_DEFINITIONS)}
    return render(request, "work/assumptions.html", context)


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, reason: str) -> HttpResponse:
    """The sheet of one reason."""
    user = who(request)
    require(user, Page.WORK_DEFINITIONS)
    if reason not in ASSUMPTIONS:
        raise Http404
    row = said().get(reason)
    now = assumptions()[reason]
    form = AssumptionForm(now, row.version if row else 0, request.POST or None)
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"]
        try:
            kept = keep_assumption(reason, form.said, version=version, by=user, at=timezone.now())
        except PerennialError as refused:
            form.add_error(None, in_words(refused))
            if isinstance(refused, AssumptionChanged):  # the next try knows of the other's
                form.data = request.POST.dict() | {"version": str(row.version if row else 0)}
        else:
            undo = reverse("work:undo_assumption", args=[reason, kept.version])
            text = _("%(reason)s: saved; the queue ranks by it now.")
            return _done(request, text % {"reason": Reason(reason).label}, undo)
    context = {
        "form": form,
        "reason": reason,
        "label": Reason(reason).label,
        "shipped": ASSUMPTIONS[reason],
        "now": now,
        "sheet": "work/assumption_form.html",
    }
    alone = "HX-Request" not in request.headers
    template = "web/sheet_page.html" if alone else "work/assumption_form.html"
    return render(request, template, context, status=422 if form.errors else 200)


@require_POST
def undo(request: HttpRequest, reason: str, version: int) -> HttpResponse:
    """What held before this version holds again."""
    user = who(request)
    require(user, Page.WORK_DEFINITIONS)
    try:
        undo_assumption(reason, version=version, by=user, at=timezone.now())
    except PerennialError as refused:
        return _done(request, in_words(refused), tone="bad")
    return _done(request, _("Undone."))


def _done(request: HttpRequest, text: str, undo: str = "", tone: str = "") -> HttpResponse:
    if "HX-Request" not in request.headers:
        messages.add_message(request, messages.ERROR if tone else messages.SUCCESS, text, undo)
        return redirect("work:assumptions")
    said = {
        "toast": {"text": text, "undo": undo, "tone": tone},
        "sheet:close": True,
        "assumptionsChanged": True,
    }
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(said)})

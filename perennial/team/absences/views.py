"""The page of absences: who is away, who stands in, a new plan, and taking it back."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from perennial.team.absences import actions
from perennial.team.absences.forms import AbsenceForm
from perennial.team.absences.queries import absence_for, absences, overlapping, plannable, today
from perennial.team.access import Page, require
from perennial.team.models import Absence
from perennial.team.request import who
from perennial.units.errors import PerennialError
from perennial.web import formats
from perennial.web.faults import in_words


@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    """GET shows what is planned; POST plans one more."""
    user = who(request)
    require(user, Page.EDIT_CUSTOMERS)
    form = AbsenceForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            absence = actions.plan_absence(**form.cleaned_data, by=user, at=timezone.now())
        except PerennialError as refused:
            form.add_error(None, in_words(refused))
        else:
            undo = reverse("team:take_back_absence", args=[absence.pk])
            messages.success(request, _planned(absence), undo)
            return redirect("team:absences")
    day = today()
    may = set(plannable(user).values_list("pk", flat=True))
    found = [it for it in absences(user) if it.until_on > day]
    context = {"form": form, "rows": [_row(it, day, may=it.user_id in may) for it in found]}
    return render(request, "team/absences.html", context, status=422 if form.errors else 200)


@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    user = who(request)
    require(user, Page.EDIT_CUSTOMERS)
    absence = absence_for(user, pk)
    try:
        actions.take_back(absence, by=user, at=timezone.now())
    except PerennialError as refused:
        messages.error(request, in_words(refused))
    else:
        text = _("%(name)s: absence taken back; %(stand_in)s no longer sees the book.")
        names = {"name": absence.user.name, "stand_in": absence.stand_in.name}
        undo = reverse("team:restore_absence", args=[pk])
        messages.success(request, text % names, undo)
    return redirect("team:absences")


@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    user = who(request)
    require(user, Page.EDIT_CUSTOMERS)
    absence = absence_for(user, pk)
    if absence.until_on <= today():
        raise Http404
    try:
        actions.restore(absence, by=user, at=timezone.now())
    except PerennialError as refused:
        messages.error(request, in_words(refused))
    else:
        messages.success(request, _planned(absence))
    return redirect("team:absences")


def _planned(absence: Absence) -> str:
    text = _("%(stand_in)s sees the customers of %(name)s from %(first)s to %(last)s.")
    return text % {
        "stand_in": absence.stand_in.name,
        "name": absence.user.name,
        "first": formats.day(absence.from_on),
        "last": formats.day(absence.last_on),
    }


def _row(absence: Absence, day: date, *, may: bool) -> dict[str, object]:
    """An absence as the page shows it, with what is wrong with its stand-in."""
    return {
        "absence": absence,
        "is_now": absence.from_on <= day,
        "may": may,
        "warning": _warning(absence),
    }


def _warning(absence: Absence) -> str:
    """A stand-in who has left, or is away on some of the same days."""
    name = {"name": absence.stand_in.name}
    if not absence.stand_in.is_active:
        return _("%(name)s does not work here any more: choose another stand-in.") % name
    if overlapping(absence.stand_in, absence.from_on, absence.until_on).exists():
        return _("%(name)s is away on some of these days, too; nobody stands in for both.") % name
    return ""

"""What people set for themselves: name, language, theme, hours a day, password."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from perennial.team import actions
from perennial.team.access import Page, can
from perennial.team.forms import ProfileForm, password_form
from perennial.team.models import User
from perennial.team.views.session import me, refuse
from perennial.units.errors import PerennialError


@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    user = me(request)
    form = _form(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = {name: it for name, it in form.cleaned_data.items() if it is not None}
        actions.change_profile(user, **_start(user) | given, by=user, at=timezone.now())
        translation.activate(user.language or translation.get_language() or "en")
        messages.success(request, _("Saved."))
        return redirect("team:profile")
    context = {"form": form, "password_form": password_form(user), "may_plan": _may_plan(user)}
    return render(request, "team/profile.html", context, status=422 if form.errors else 200)


@require_POST
def password(request: HttpRequest) -> HttpResponse:
    user = me(request)
    form = password_form(user, request.POST)
    if form.is_valid():
        if "current" in form.fields and not user.check_password(form.cleaned_data["current"]):
            form.add_error("current", _("This is not your current password."))
        else:
            try:
                fresh = form.cleaned_data["password"]
                actions.change_password(user, password=fresh, by=user, at=timezone.now())
            except PerennialError as refused:
                refuse(form, refused)
            else:
                update_session_auth_hash(request, user)
                messages.success(request, _("Password changed. Other sessions have ended."))
                return redirect("team:profile")
    context = {"form": _form(user), "password_form": form, "may_plan": _may_plan(user)}
    return render(request, "team/profile.html", context, status=422)


def _may_plan(user: User) -> bool:
    """Only who works with customers has a book that somebody could look after."""
    return can(user, Page.EDIT_CUSTOMERS)


def _form(user: User, data: QueryDict | None = None) -> ProfileForm:
    form = ProfileForm(data, initial=_start(user))
    if not _may_plan(user):
        del form.fields["capacity_hours"]
    return form


def _start(user: User) -> dict[str, Any]:
    names = ("name", "language", "theme", "capacity_hours")
    return {name: getattr(user, name) for name in names}

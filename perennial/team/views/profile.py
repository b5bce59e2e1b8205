"""What people set for themselves: name, language, theme, password."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from perennial.team import actions
from perennial.team.forms import ProfileForm, password_form
from perennial.team.views.session import me, refuse
from perennial.units.errors import PerennialError


@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    user = me(request)
    start = {"name": user.name, "language": user.language, "theme": user.theme}
    form = ProfileForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        actions.change_profile(user, **form.cleaned_data, by=user, at=timezone.now())
        translation.activate(user.language or translation.get_language() or "en")
        messages.success(request, _("Saved."))
        return redirect("team:profile")
    context = {"form": form, "password_form": password_form(user)}
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
    start = {"name": user.name, "language": user.language, "theme": user.theme}
    context = {"form": ProfileForm(initial=start), "password_form": form}
    return render(request, "team/profile.html", context, status=422)

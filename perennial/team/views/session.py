"""Coming in and going out, in which language and light."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from perennial.team import actions
from perennial.team.entrance import enter
from perennial.team.forms import (
    LANGUAGES,
    FirstAdministratorForm,
    LogInForm,
)
from perennial.team.models import Theme, User
from perennial.team.queries import open_link
from perennial.units.errors import PerennialError

BACKEND = "django.contrib.auth.backends.ModelBackend"


def me(request: HttpRequest) -> User:
    """The user of this request; pages behind the log-in always have one."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def next_page(request: HttpRequest) -> str:
    """Where to go afterwards: the address asked for, if it is ours."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return asked if ours else resolve_url(settings.LOGIN_REDIRECT_URL)


def refuse(form: Form, error: PerennialError) -> None:
    """Show what an action refused above the form, in the reader's language."""
    form.add_error(None, _(error.message).format(**error.params))


@login_not_required
@require_http_methods(["GET", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(next_page(request))
    form = LogInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = enter(request, **form.cleaned_data, at=timezone.now())
        except PerennialError as refused:
            refuse(form, refused)
        else:
            login(request, user, backend=BACKEND)
            return redirect(next_page(request))
    context = {"form": form, "next": request.POST.get("next") or request.GET.get("next", "")}
    return render(request, "team/log_in.html", context, status=422 if form.errors else 200)


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("team:log_in")


@login_not_required
@require_http_methods(["GET", "POST"])
def one_time_link(request: HttpRequest, token: str) -> HttpResponse:
    """Log the link's user in; a link of nobody makes the first administrator."""
    link = open_link(token, at=timezone.now())
    if link is None:
        return render(request, "team/link_refused.html", status=410)
    if link.user is None:
        return _first_administrator(request, token)
    try:
        user = actions.enter_by_link(token, at=timezone.now())
    except PerennialError:  # taken between the two looks, or the account was closed
        return render(request, "team/link_refused.html", status=410)
    login(request, user, backend=BACKEND)
    return redirect(next_page(request))


def _first_administrator(request: HttpRequest, token: str) -> HttpResponse:
    form = FirstAdministratorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = actions.add_first_administrator(
                token,
                **form.cleaned_data,
                language=translation.get_language() or "",
                at=timezone.now(),
            )
        except PerennialError as refused:
            refuse(form, refused)
        else:
            login(request, user, backend=BACKEND)
            return redirect(settings.LOGIN_REDIRECT_URL)
    status = 422 if form.errors else 200
    return render(request, "team/first_administrator.html", {"form": form}, status=status)


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Keep the page, change the language: in the cookie, and for the user."""
    language = request.POST.get("language", "")
    response = redirect(next_page(request))
    if language in LANGUAGES:
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=365 * 24 * 3600)
        if isinstance(request.user, User):
            User.objects.filter(pk=request.user.pk).update(language=language)
    return response


@login_not_required
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Light, dark or as the system: in the cookie, and for the user."""
    theme = request.POST.get("theme", "")
    response = redirect(next_page(request))
    if theme in Theme.values:
        response.set_cookie("theme", theme or "system", max_age=365 * 24 * 3600, samesite="Lax")
        if isinstance(request.user, User):
            User.objects.filter(pk=request.user.pk).update(theme=theme)
    return response

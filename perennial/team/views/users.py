"""The administrator's page of users: who works here, in which role, and who may still log in."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.team import actions
from perennial.team.access import Page, require
from perennial.team.forms import UserForm
from perennial.team.models import Team, User
from perennial.team.queries import history_of, user_for, visible_users
from perennial.team.views.session import me, refuse
from perennial.team.wording import changes, title
from perennial.units.errors import PerennialError

FRESH_LINK = "fresh_link"  # shown once on the next page, never in an address


@require_GET
def users(request: HttpRequest) -> HttpResponse:
    admin = me(request)
    require(admin, Page.USERS)
    context = {"users": visible_users(admin), "fresh": request.session.pop(FRESH_LINK, None)}
    return render(request, "team/users.html", context)


def _hand_over(request: HttpRequest, user: User) -> None:
    """A link that the administrator passes on; there need be no mail server."""
    token = actions.create_link(user, by=me(request), at=timezone.now())
    address = request.build_absolute_uri(reverse("team:link", args=[token]))
    request.session[FRESH_LINK] = {"name": user.name, "address": address}


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    admin = me(request)
    require(admin, Page.USERS)
    form = UserForm(request.POST or None)
    del form.fields["is_active"]
    if request.method == "POST" and form.is_valid():
        try:
            user = actions.add_user(**form.cleaned_data, by=admin, at=timezone.now())
        except PerennialError as refused:
            refuse(form, refused)
        else:
            _hand_over(request, user)
            return redirect("team:users")
    return _form_page(request, form, None)


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    admin = me(request)
    require(admin, Page.USERS)
    user = user_for(admin, pk)
    start = {
        "email": user.email,
        "name": user.name,
        "role": user.role,
        "team": user.team.name if user.team else "",
        "is_active": user.is_active,
    }
    form = UserForm(request.POST or None, initial=start)
    form.fields["email"].disabled = True
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.change_user(
                user,
                name=given["name"],
                role=given["role"],
                team=given["team"],
                is_active=given["is_active"],
                by=admin,
                at=timezone.now(),
            )
        except PerennialError as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("team:users")
    return _form_page(request, form, user)


@require_POST
def make_link(request: HttpRequest, pk: int) -> HttpResponse:
    admin = me(request)
    require(admin, Page.USERS)
    _hand_over(request, user_for(admin, pk))
    return redirect("team:users")


def _form_page(request: HttpRequest, form: UserForm, user: User | None) -> HttpResponse:
    context = {
        "form": form,
        "person": user,
        "teams": Team.objects.order_by("name"),
        "log": [
            {"title": title(entry), "changes": changes(entry), "by": entry.by, "at": entry.at}
            for entry in (history_of(user)[:10] if user else [])
        ],
    }
    return render(request, "team/user.html", context, status=422 if form.errors else 200)

"""One-key acts on an item: a row of the queue becomes 'done, undo', or the page comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from perennial.team.access import Page, require
from perennial.team.models import User
from perennial.units.errors import InputRefused
from perennial.units.whole import whole
from perennial.web import asked, formats
from perennial.work import actions
from perennial.work.models import Outcome, State, WorkItem
from perennial.work.queries import item_for

SNOOZE_DAYS = 7
Act = Callable[[WorkItem, User], WorkItem]


@require_POST
def complete(request: HttpRequest, pk: int) -> HttpResponse:
    outcome = request.POST.get("outcome", Outcome.SUCCESS)
    note = asked.text(request.POST, "note", most=2000)
    return _act(
        request,
        pk,
        lambda item, by: actions.complete(
            item, outcome=outcome, note=note, by=by, at=timezone.now()
        ),
    )


@require_POST
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    note = asked.text(request.POST, "note", most=2000)
    return _act(
        request, pk, lambda item, by: actions.dismiss(item, note=note, by=by, at=timezone.now())
    )


@require_POST
def snooze(request: HttpRequest, pk: int) -> HttpResponse:
    days = request.POST.get("days", "")
    length = whole(days)
    return _act(
        request,
        pk,
        lambda item, by: actions.snooze(
            item, days=SNOOZE_DAYS if length is None else length, by=by, at=timezone.now()
        ),
    )


@require_POST
def reassign(request: HttpRequest, pk: int) -> HttpResponse:
    chosen = request.POST.get("owner", "")
    owner = get_object_or_404(User, pk=whole(chosen), is_active=True)
    return _act(
        request,
        pk,
        lambda item, by: actions.reassign(item, owner=owner, by=by, at=timezone.now()),
    )


@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, lambda item, by: actions.reopen(item, by=by, at=timezone.now()))


def _act(request: HttpRequest, pk: int, act: Act) -> HttpResponse:
    """Gate, one action, render: the changed row for htmx, else back to where one came from."""
    user = cast(User, request.user)
    require(user, Page.EDIT_CUSTOMERS)
    item = item_for(user, pk)
    fault = ""
    try:
        item = act(item, user)
    except InputRefused as refused:
        fault = _(refused.message).format(**refused.params)
    if request.headers.get("HX-Request"):
        said = {State.DONE: _("Done"), State.SNOOZED: _("Snoozed"), State.OPEN: _("Open again")}
        context = {
            "item": item,
            "name": formats.named(item.customer.name, item.customer.name_en),
            "fault": fault,
            "said": said[State(item.state)],
        }
        answer = render(request, "work/done.html", context, status=422 if fault else 200)
        if not fault:
            answer.headers["HX-Trigger"] = "workChanged"
        return answer
    if fault:
        messages.error(request, fault)
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    """The page one came from, never another host."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if wanted.startswith("/") and safe else "/"

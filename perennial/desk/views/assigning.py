"""Giving customers to another CSM: how many it would be, the change, and the way back."""

from __future__ import annotations

import json

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from perennial.customers import actions
from perennial.customers.models import Customer
from perennial.customers.queries import assignable_owners
from perennial.customers.sheets import sheet
from perennial.desk.queries import as_of
from perennial.desk.segments import filling
from perennial.desk.views.customers import ASSIGNERS, chosen
from perennial.team.models import AuditEntry, User
from perennial.team.request import who
from perennial.units.errors import PerennialError
from perennial.units.whole import whole
from perennial.web.faults import in_words
from perennial.web.formats import number


@require_http_methods(["GET", "POST"])
def assign(request: HttpRequest) -> HttpResponse:
    """GET says how many would change hands; POST does it."""
    user = _assigner(request)
    params = request.POST if request.method == "POST" else request.GET
    ids = list(chosen(user, params).values_list("pk", flat=True))
    owners = assignable_owners(user)
    if request.method == "GET":
        theirs = Customer.objects.filter(pk__in=ids).order_by().values_list("owner_id")
        already = dict(theirs.annotate(n=Count("pk")))
        kept = [(name, value) for name, values in params.lists() for value in values]
        choices = [(owner, len(ids) - already.get(owner.pk, 0)) for owner in owners]
        context = {"count": len(ids), "choices": choices, "kept": kept}
        return sheet(request, None, template="desk/assign.html", context=context)
    owner = get_object_or_404(owners, pk=whole(params.get("owner", "")))
    try:
        entry = actions.assign_owner(ids, owner=owner, by=user, at=timezone.now())
    except PerennialError as wrong:
        return answer(request, in_words(wrong), tone="bad")
    filling.refill(as_of(), touched={"owner"})
    count = len(entry.detail["previous"])
    text = ngettext(
        "%(count)s customer given to %(owner)s", "%(count)s customers given to %(owner)s", count
    ) % {"count": number(count), "owner": owner.name}
    return answer(request, text, undo=reverse("desk:undo_assign", args=[entry.pk]))


@require_POST
def undo_assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the customers back, but for those reassigned since."""
    user = _assigner(request)
    entry = get_object_or_404(AuditEntry, pk=pk, action="customers.assigned", by=user)
    try:
        count = actions.undo_assignment(entry, by=user, at=timezone.now())
    except PerennialError as wrong:
        return answer(request, in_words(wrong), tone="bad")
    filling.refill(as_of(), touched={"owner"})
    text = ngettext("%(count)s customer given back", "%(count)s customers given back", count)
    return answer(request, text % {"count": number(count)})


def _assigner(request: HttpRequest) -> User:
    user = who(request)
    if user.role not in ASSIGNERS:
        raise PermissionDenied
    return user


def answer(request: HttpRequest, text: str, *, undo: str = "", tone: str = "") -> HttpResponse:
    """With htmx a toast beside the refreshed list; without, a message above it."""
    if "HX-Request" not in request.headers:
        messages.add_message(request, messages.ERROR if tone else messages.SUCCESS, text, undo)
        return redirect("desk:customers")
    toast = {"text": text, "undo": undo, "tone": tone}
    response = HttpResponse(status=204)
    response["HX-Trigger"] = json.dumps({"toast": toast, "sheet:close": True, "listChanged": True})
    return response

"""How an act ends: a toast with its undo and lists that refresh, or the page one came from."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from perennial.team.access import Page, require
from perennial.team.models import User
from perennial.team.request import who
from perennial.web import formats
from perennial.work.models import WorkItem
from perennial.work.queries import item_for, may_act


def acting(request: HttpRequest, pk: int) -> tuple[User, WorkItem]:
    """An item in reach (else 404), then the right to do something with it (else 403)."""
    user = who(request)
    item = item_for(user, pk)
    if not may_act(user, item):
        require(user, Page.EDIT_CUSTOMERS)
    return user, item


def done(request: HttpRequest, item: WorkItem, said: str, *, undo: str = "") -> HttpResponse:
    """Say what happened, with the way back; close the sheet; whoever shows items redraws."""
    undo = undo or (reverse("work:reopen", args=[item.pk]) if item.undo else "")
    name = formats.named(item.customer.name, item.customer.name_en)
    text = _("%(name)s · %(what)s · %(said)s") % {
        "name": name,
        "what": item.title or item.get_reason_display(),
        "said": said,
    }
    return told(request, text, undo=undo, item=item)


def refused(request: HttpRequest, sentence: str, *, item: WorkItem | None = None) -> HttpResponse:
    """The act did not happen: why, and the lists show what stands."""
    return told(request, sentence, tone="bad", item=item)


def told(
    request: HttpRequest,
    text: str,
    *,
    undo: str = "",
    tone: str = "",
    item: WorkItem | None = None,
) -> HttpResponse:
    if "HX-Request" not in request.headers:
        messages.add_message(request, messages.ERROR if tone else messages.SUCCESS, text)
        return redirect(back(request))
    said = {
        "toast": {"text": text, "undo": undo, "tone": tone},
        "workChanged": {"item": item.pk if item else 0},
        "touchLogged": True,
    }
    if not tone:
        said["sheet:close"] = True
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(said)})


def back(request: HttpRequest) -> str:
    """The page one came from, never another host."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if wanted.startswith("/") and safe else "/"

"""For administrators: the mails that left, and those that did not."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perennial.notify import actions, email, queries
from perennial.notify.models import Mail
from perennial.team.access import Page, require
from perennial.team.request import who

PER_PAGE = 30


@require_GET
def mails(request: HttpRequest) -> HttpResponse:
    """What was sent to whom, and what did not leave and why; never what stands in it."""
    require(who(request), Page.SETTINGS)
    page = Paginator(queries.mails(), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "counts": queries.mail_counts(), "is_set_up": email.is_set_up()}
    return render(request, "notify/mails.html", context)


@require_POST
def try_again(request: HttpRequest, pk: int) -> HttpResponse:
    user = who(request)
    require(user, Page.SETTINGS)
    mail = get_object_or_404(Mail.objects.exclude(state=Mail.State.SENT), pk=pk)
    actions.try_again(mail, by=user, at=timezone.now())
    messages.success(request, _("It is sent again within a minute."))
    return redirect("notify:mails")

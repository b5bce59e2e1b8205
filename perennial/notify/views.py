"""One's own inbox and wishes; for administrators, the mails that did not leave."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.notify import actions, email, queries
from perennial.notify.forms import WishForm
from perennial.notify.models import Mail
from perennial.team.access import Page, can, require
from perennial.team.models import User

PER_PAGE = 30


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """The newest first; only the unread ones on wish."""
    user = cast(User, request.user)
    only_unread = request.GET.get("show") == "unread"
    found = queries.inbox(user)
    if only_unread:
        found = found.filter(read_at__isnull=True)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": [queries.line(it) for it in page],
        "only_unread": only_unread,
        "may_see_mails": can(user, Page.SETTINGS),
    }
    return render(request, "notify/inbox.html", context)


@require_GET
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Go where it points; it is read then."""
    user = cast(User, request.user)
    notice = queries.notice_for(user, pk)
    actions.mark_read(user, notice=notice, at=timezone.now())
    return redirect(notice.url if notice.url.startswith("/") else "notify:inbox")


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    actions.mark_read(cast(User, request.user), at=timezone.now())
    return redirect("notify:inbox")


@require_http_methods(["GET", "POST"])
def wishes(request: HttpRequest) -> HttpResponse:
    """What one wants to be mailed, and why one gets mails at all."""
    user = cast(User, request.user)
    wish = queries.wishes_of(user)
    start = {"digest": wish.digest, "instant": wish.instant}
    form = WishForm(request.POST if request.method == "POST" else None, initial=start)
    if request.method == "POST" and form.is_valid():
        actions.change_wishes(user, **form.cleaned_data, by=user, at=timezone.now())
        messages.success(request, _("Saved."))
        return redirect("notify:wishes")
    context = {"form": form, "is_set_up": email.is_set_up()}
    return render(request, "notify/wishes.html", context)


@require_GET
def mails(request: HttpRequest) -> HttpResponse:
    """What was sent to whom, and what did not leave and why; never what stands in it."""
    require(cast(User, request.user), Page.SETTINGS)
    page = Paginator(queries.mails(), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "counts": queries.mail_counts(), "is_set_up": email.is_set_up()}
    return render(request, "notify/mails.html", context)


@require_POST
def try_again(request: HttpRequest, pk: int) -> HttpResponse:
    user = cast(User, request.user)
    require(user, Page.SETTINGS)
    mail = get_object_or_404(Mail.objects.exclude(state=Mail.State.SENT), pk=pk)
    actions.try_again(mail, by=user, at=timezone.now())
    messages.success(request, _("It is sent again within a minute."))
    return redirect("notify:mails")

"""One's own inbox: filter, open, mark as read and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from perennial.notify import actions, queries
from perennial.notify.models import Notice, Topic
from perennial.team.access import Page, can
from perennial.team.models import User
from perennial.team.request import who
from perennial.web import formats

PER_PAGE = 30
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """The newest first; of one topic or only the unread ones on wish."""
    user = who(request)
    only_unread = request.GET.get("show") == "unread"
    topic = _topic(request.GET.get("topic", ""))
    found = queries.inbox(user)
    if only_unread:
        found = found.filter(read_at__isnull=True)
    if topic:
        found = found.filter(topic=topic)
    counts = queries.unread_by_topic(user)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": [queries.line(it) for it in page],
        "only_unread": only_unread,
        "topic": topic,
        "topics": [(it.value, it.label, counts.get(it.value, 0)) for it in Topic],
        "may_see_mails": can(user, Page.SETTINGS),
    }
    return render(request, "notify/inbox.html", context)


@require_GET
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Go where it points; it is read then."""
    user = who(request)
    notice = queries.notice_for(user, pk)
    actions.mark_read(user, notice=notice, at=timezone.now())
    return redirect(notice.url if notice.url.startswith("/") else "notify:inbox")


@require_POST
def turn(request: HttpRequest, pk: int) -> HttpResponse:
    """Read becomes unread and back."""
    user = who(request)
    notice = queries.notice_for(user, pk)
    if notice.read_at is None:
        actions.mark_read(user, notice=notice, at=timezone.now())
    else:
        actions.mark_unread(user, pks=[notice.pk])
    return redirect(_back(request))


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Everything that stands in the list, with an undo."""
    now = timezone.now()
    done = actions.mark_read(who(request), topic=_topic(request.POST.get("topic", "")), at=now)
    if done:
        count = formats.number(len(done))
        text = ngettext("{count} notice marked as read.", "{count} notices marked as read.",
                        len(done)).format(count=count)  # fmt: skip
        undo = reverse("notify:undo_read", args=[(now - _EPOCH) // timedelta(microseconds=1)])
        messages.add_message(request, messages.SUCCESS, text, undo)
    return redirect(_back(request))


@require_POST
def undo_read(request: HttpRequest, stamp: int) -> HttpResponse:
    """What was marked at that very moment is unread again."""
    if stamp > 4 * 10**15:  # the year 2096
        raise Http404
    user: User = who(request)
    at = _EPOCH + timedelta(microseconds=stamp)
    pks = list(Notice.objects.filter(user=user, read_at=at).values_list("pk", flat=True))
    actions.mark_unread(user, pks=pks)
    return redirect(_back(request))


def _topic(name: str) -> str:
    return name if name in Topic.values else ""


def _back(request: HttpRequest) -> str:
    """The very list that was shown."""
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if is_ours else reverse("notify:inbox")

"""What one wishes to be told, when not, and when the next would come."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from perennial.notify import actions, email, queries
from perennial.notify.forms import QuietForm, WishForm
from perennial.notify.models import How, Topic
from perennial.notify.rules import Quiet
from perennial.team.access import Page, can
from perennial.team.request import who


@require_http_methods(["GET", "POST"])
def wishes(request: HttpRequest) -> HttpResponse:
    """Two forms: a wish per topic, and quiet hours."""
    user = who(request)
    part = request.POST.get("part", "")
    hows = queries.hows([user.pk])
    wish = queries.wish_of(user)
    form = WishForm(
        request.POST if part == "topics" else None,
        initial={topic.value: hows[user.pk, topic].value for topic in Topic},
    )
    quiet = QuietForm(
        request.POST if part == "quiet" else None,
        initial={
            "quiet_from": wish.quiet_from,
            "quiet_until": wish.quiet_until,
            "quiet_weekends": wish.quiet_weekends,
        },
    )
    if form.is_valid():
        actions.change_wishes(user, hows=form.hows(), by=user, at=timezone.now())
    elif quiet.is_valid():
        actions.change_quiet_hours(user, quiet=quiet.quiet(), by=user, at=timezone.now())
    if form.is_valid() or quiet.is_valid():
        messages.success(request, _("Saved."))
        return redirect("notify:wishes")
    context = {
        "form": form,
        "quiet": quiet,
        "is_set_up": email.is_set_up(),
        "next_mail_at": queries.leaves_at(timezone.now(), queries.quiet_of(wish)),
        "next_digest_at": _next_digest(hows[user.pk, Topic.DIGEST], queries.quiet_of(wish)),
        "zone": str(settings.PERENNIAL_TIME_ZONE),
        "logs_mails": can(user, Page.EDIT_CUSTOMERS),
    }
    status = 422 if form.errors or quiet.errors else 200
    return render(request, "notify/wishes.html", context, status=status)


def _next_digest(how: How, quiet: Quiet) -> datetime | None:
    """When the next digest is expected, after the day's hour; None: not wished."""
    if how is How.OFF:
        return None
    local = timezone.now().astimezone(settings.PERENNIAL_TIME_ZONE)
    due = datetime.combine(local.date(), settings.PERENNIAL_DAY_AT, local.tzinfo)
    return queries.leaves_at(due if due > local else due + timedelta(days=1), quiet)

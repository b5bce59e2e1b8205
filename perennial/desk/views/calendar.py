"""The month, and the same as a calendar that a phone subscribes to."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.desk.calendar.events import KINDS, events
from perennial.desk.calendar.feed import document
from perennial.desk.calendar.month import bounds, month_before, next_month, weeks
from perennial.team.access import Page, Scope, can, require, scope
from perennial.team.models import SecretLink, User
from perennial.team.request import who
from perennial.team.secret_links import (
    living,
    make_link,
    open_link,
    private,
    revoke_link,
    shown_once,
)
from perennial.units.errors import PerennialError
from perennial.units.moment import business_day
from perennial.web.faults import in_words

KIND = SecretLink.Kind.CALENDAR
ROOM = 4  # events of a day that find room
LIVES_DAYS = 365
BACK_DAYS, AHEAD_DAYS = 31, 366
FRESH_ADDRESS = "fresh_calendar"  # shown once on the next page, never in an address
MOST_LINKS = 5


@require_GET
def month(request: HttpRequest) -> HttpResponse:
    user = who(request)
    require(user, Page.TODAY)
    today = _today()
    shown = _month(request.GET.get("month", ""), today)
    whose = "mine" if _has_book_only(user) or request.GET.get("scope") != "all" else "all"
    first, until = bounds(shown)
    found = events(user, first, until, scope=whose)
    context = {
        "month": shown,
        "before": month_before(shown),
        "after": next_month(shown),
        "weeks": weeks(found, month=shown, today=today, room=ROOM),
        "count": sum(it.on.month == shown.month for it in found),
        "scope": whose,
        "may_widen": not _has_book_only(user),
        "may_subscribe": can(user, Page.EDIT_CUSTOMERS),
        "kinds": KINDS,
        "today": today,
    }
    return render(request, "desk/calendar.html", context)


def _has_book_only(user: User) -> bool:
    return scope(user).scope is Scope.OWN


def _month(text: str, today: date) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)


def _today() -> date:
    return business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)


@require_http_methods(["GET", "POST"])
def links(request: HttpRequest) -> HttpResponse:
    """Addresses of one's calendar: POST makes one, which is shown once."""
    user = who(request)
    require(user, Page.EDIT_CUSTOMERS)
    now = timezone.now()
    mine = living(KIND, at=now).filter(user=user)
    if request.method == "POST":
        if mine.count() >= MOST_LINKS:
            text = _("There are %(n)s calendars already: revoke one that is not used.")
            messages.error(request, text % {"n": MOST_LINKS})
            return redirect("desk:calendar_links")
        until = now + timedelta(days=LIVES_DAYS)
        spoken = {"language": get_language()}  # of the page, for who has chosen none
        made = make_link(KIND, object_id=user.pk, options=spoken, expires_at=until, by=user, at=now)
        address = request.build_absolute_uri(reverse("desk:feed", args=[made.token]))
        request.session[FRESH_ADDRESS] = address
        return redirect("desk:calendar_links")
    context = {"links": mine, "fresh": request.session.pop(FRESH_ADDRESS, None)}
    return shown_once(render(request, "desk/calendar_links.html", context))


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own links at once."""
    user = who(request)
    require(user, Page.EDIT_CUSTOMERS)
    link = get_object_or_404(SecretLink, pk=pk, kind=KIND, user=user)
    try:
        revoke_link(link, by=user, at=timezone.now())
    except PerennialError as refused:
        messages.error(request, in_words(refused))
    else:
        messages.success(request, _("Revoked. Calendars that use this address get nothing more."))
    return redirect("desk:calendar_links")


@login_not_required
@require_GET
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar of who made the link, through the gate as it is now; amounts never."""
    now = timezone.now()
    link = open_link(KIND, token, at=now)
    if link is None:
        raise Http404
    user, today = link.user, _today()
    language = user.language or link.options.get("language") or settings.LANGUAGE_CODE
    with translation.override(language):
        first, until = today - timedelta(days=BACK_DAYS), today + timedelta(days=AHEAD_DAYS)
        address = request.build_absolute_uri("/")[:-1]
        text = document(events(user, first, until), name=_("Perennial"), home=address, at=now)
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["X-Content-Type-Options"] = "nosniff"
    return private(response)

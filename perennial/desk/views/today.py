"""The first page of the day."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from perennial.customers.queries import visible_customers
from perennial.desk import today as desk
from perennial.desk.calendar.events import Event, events
from perennial.desk.calendar.month import agenda
from perennial.desk.capacity import my_day, next_due
from perennial.desk.changes import FEW, moves
from perennial.desk.freshness import note
from perennial.desk.queries import as_of, visible_figures
from perennial.desk.rows import display_name
from perennial.desk.since import since
from perennial.desk.waiting import waits
from perennial.team.absences.queries import away, covered
from perennial.team.access import Page, Scope, can, require, sees_money
from perennial.team.access import scope as reach
from perennial.team.models import Role, User
from perennial.team.request import who
from perennial.units.moment import business_day
from perennial.units.period import ONE_DAY
from perennial.web.fragments import wants
from perennial.work.models import Lane
from perennial.work.queries import Card, queue, totals

LEADS = frozenset({Role.ADMIN, Role.LEADER})
MOST_CARDS = 100
AHEAD_DAYS, AHEAD_ROOM = 7, 8


@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """The ranked queue of one's own; leaders see the team's, or with `scope=mine` their own. htmx
    asks for the queue alone after an act, as the rest of the page has not changed."""
    user = who(request)
    require(user, Page.TODAY)
    on, scope = as_of(), _scope(user, request.GET.get("scope", ""))
    context = _queue(request, user, scope, on)
    if wants(request, "work"):
        return render(request, "desk/today_work.html", context)
    context |= _beside(user, scope, on, context["today"])
    context["is_first_use"] = not context["entries"] and not visible_customers(user).exists()
    context["note"] = None if context["is_first_use"] else note(on)
    context["can_import"] = can(user, Page.IMPORTS)
    return render(request, "desk/today.html", context)


def _scope(user: User, asked: str) -> str:
    """Whose queue: a CSM has the own one, who leads the team's unless asked otherwise."""
    if reach(user).scope is Scope.OWN or (user.role in LEADS and asked == "mine"):
        return "mine"
    return "all"


def _queue(request: HttpRequest, user: User, scope: str, on: date) -> dict[str, Any]:
    """Head and queue: all that an act changes."""
    lane = request.GET.get("lane", "")
    lane = lane if lane in Lane.values else ""
    most = MOST_CARDS if "more" in request.GET else desk.CARDS
    cards = queue(user, on=on, scope=scope, lane=lane, limit=most)
    everyone = totals(user, on=on, scope=scope)
    day = business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)
    can_act = can(user, Page.EDIT_CUSTOMERS)
    mine = my_day(user, [] if lane else cards, today=day) if can_act and scope == "mine" else None
    return {
        "on": on,
        "today": day,
        "greeting": _greeting(user),
        "scope": scope,
        "lane": lane,
        "is_lead": user.role in LEADS,
        "can_act": can_act,
        "money": sees_money(user),
        "lanes": desk.lanes(everyone, current=lane),
        "stakes": desk.stakes(user, everyone, on=on, scope=scope),
        "entries": _entries(user, cards),
        "left": max(0, (everyone.lanes[lane] if lane else everyone.customers) - most),
        "my_day": mine,
        "next": next_due(user, today=day) if can_act and not cards and not lane else None,
        "stands_in": covered(user),
        "waits": waits(user, today=day),
    }


def _entries(user: User, cards: list[Card]) -> list[desk.Entry]:
    shown = visible_figures(user, of=[card.customer.pk for card in cards])
    return desk.entries(cards, {row.pk: row for row in shown}, user)


def _beside(user: User, scope: str, on: date, day: date) -> dict[str, Any]:
    """What comes, what changed since the day before, and what falls due."""
    book = desk.book_of(user, scope)
    due = desk.renewals(book, on=on).select_related("customer")[:FEW]
    return {
        "agenda": agenda(_ahead(user, scope, day), today=day, room=AHEAD_ROOM),
        "moves": moves(book, on=on),
        "since": since(user, on=on, scope=scope),
        "renewals": [(display_name(it.customer.name, it.customer.name_en), it) for it in due],
        "own_absence": next(iter(away(User.objects.filter(pk=user.pk))), None),
    }


def _ahead(user: User, scope: str, day: date) -> list[Event]:
    """What comes, as far as there is room for it: a large book fills it with the first day."""
    until = day + AHEAD_DAYS * ONE_DAY
    if scope == "mine":
        return events(user, day, until, scope=scope)
    first = events(user, day, day + ONE_DAY, scope=scope)
    if len(first) >= AHEAD_ROOM:
        return first
    return first + events(user, day + ONE_DAY, until, scope=scope)


def _greeting(user: User) -> str:
    hour = timezone.localtime().hour
    name = {"name": user.name}
    if hour < 12:
        return _("Good morning, %(name)s") % name
    return (_("Good afternoon, %(name)s") if hour < 18 else _("Good evening, %(name)s")) % name

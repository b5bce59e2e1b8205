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
from perennial.desk.changes import FEW, moves
from perennial.desk.freshness import note
from perennial.desk.queries import as_of, visible_figures
from perennial.desk.rows import display_name
from perennial.team.access import Page, can, require, sees_money
from perennial.team.models import Role, User
from perennial.team.request import who
from perennial.units.moment import business_day
from perennial.work.models import Lane
from perennial.work.queries import Card, changes, queue, totals

LEADS = frozenset({Role.ADMIN, Role.LEADER})


@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """The ranked queue; for leaders of all they see, or with `scope=mine` of their own book."""
    user = who(request)
    require(user, Page.TODAY)
    on = as_of()
    scope = "mine" if request.GET.get("scope") == "mine" else "all"
    lane = request.GET.get("lane", "")
    lane = lane if lane in Lane.values else ""
    most = 100 if "more" in request.GET else desk.CARDS
    cards = queue(user, on=on, scope=scope, lane=lane, limit=most)
    everyone = totals(user, on=on, scope=scope)
    context = {
        "on": on,
        "today": business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE),
        "greeting": _greeting(user),
        "scope": scope,
        "lane": lane,
        "is_lead": user.role in LEADS,
        "can_act": can(user, Page.EDIT_CUSTOMERS),
        "money": sees_money(user),
        "lanes": desk.lanes(everyone, current=lane),
        "stakes": desk.stakes(user, everyone, on=on, scope=scope),
        "entries": _entries(user, cards),
        "left": max(0, (everyone.lanes[lane] if lane else everyone.customers) - most),
        **_beside(user, scope, on),
    }
    context["is_first_use"] = not cards and not visible_customers(user).exists()
    context["note"] = None if context["is_first_use"] else note(on)
    context["can_import"] = can(user, Page.IMPORTS)
    return render(request, "desk/today.html", context)


def _entries(user: User, cards: list[Card]) -> list[desk.Entry]:
    shown = visible_figures(user).filter(pk__in=[card.customer.pk for card in cards])
    return desk.entries(cards, {row.pk: row for row in shown}, user)


def _beside(user: User, scope: str, on: date) -> dict[str, Any]:
    """What changed since the day before, and what falls due."""
    book = desk.book_of(user, scope)
    money = sees_money(user)
    news = changes(user, on=on, scope=scope, limit=FEW)
    due = desk.renewals(book, on=on).select_related("customer")[:FEW]
    return {
        "moves": moves(book, on=on),
        "raised": [(_name(item), desk.line(item, money=money)) for item in news.raised],
        "raised_more": max(0, news.raised_count - FEW),
        "resolved": [(_name(item), desk.line(item, money=money)) for item in news.resolved],
        "renewals": [(_name(row), row) for row in due],
    }


def _name(row: Any) -> str:
    return display_name(row.customer.name, row.customer.name_en)


def _greeting(user: User) -> str:
    hour = timezone.localtime().hour
    name = {"name": user.name}
    if hour < 12:
        return _("Good morning, %(name)s") % name
    return (_("Good afternoon, %(name)s") if hour < 18 else _("Good evening, %(name)s")) % name

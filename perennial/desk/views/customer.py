"""One customer: the page, and the preview that stands beside a list."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from perennial.customers.models import Customer
from perennial.customers.queries import customer_for, visible_customers
from perennial.desk import customer as desk
from perennial.desk import today, usage
from perennial.desk.models import CustomerFigures
from perennial.desk.queries import as_of
from perennial.desk.rows import display_name
from perennial.desk.timeline import FEW, KINDS, timeline
from perennial.health.panels import SCORECARD
from perennial.team.access import Page, can, require, sees_money
from perennial.team.models import User
from perennial.team.request import who
from perennial.web.fragments import wants
from perennial.web.templatetags.ui import band_word
from perennial.work.models import State
from perennial.work.queries import of_customer

AT_HAND = (State.OPEN, State.IN_PROGRESS)


@require_GET
def customer(request: HttpRequest, pk: int) -> HttpResponse:
    """The page; htmx may ask for one panel alone, with its own settings. The address of a merged
    customer leads to where it stands."""
    user = who(request)
    require(user, Page.CUSTOMERS)
    try:
        found = customer_for(user, pk)
    except Http404:
        survivor = get_object_or_404(visible_customers(user), absorbed=pk)
        return redirect("desk:customer", pk=survivor.pk)
    on = as_of()
    if wants(request, "usage"):
        return render(request, usage.USAGE.template, _usage(request, user, found))
    if wants(request, "timeline"):
        return render(request, "desk/panel_timeline.html", _timeline(request, user, found))
    if wants(request, "health"):
        return HttpResponse("".join(desk.drawn((SCORECARD,), request, user, found, on)))
    tab = desk.tab_of(request.GET.get("tab", ""))
    context = {
        **_head(user, found, on),
        "tab": tab,
        "tabs": desk.TABS,
        "wide": desk.drawn(tab.wide, request, user, found, on),
        "narrow": desk.drawn(tab.narrow, request, user, found, on),
    }
    return render(request, "desk/customer.html", context)


def _head(user: User, customer: Customer, on: date) -> dict[str, Any]:
    """Name, key figures and what to do now."""
    money = sees_money(user)
    items = of_customer(user, customer).filter(state__in=AT_HAND).order_by("-rank_value", "pk")
    # A customer that came in since the last day has no figures yet: unknown, each of them.
    found = CustomerFigures.objects.filter(pk=customer.pk).first()
    figures = found or CustomerFigures(customer=customer)
    lines = [today.line(item, money=money) for item in items]
    return {
        "customer": customer,
        "name": display_name(customer.name, customer.name_en),
        "figures": figures,
        "band_title": band_word(figures.band),
        "now": lines[0] if lines else None,
        "also": lines[1:],
        "terms": today.terms(lines[0].item) if lines and money else (),
        "on": on,
        "money": money,
        "can_edit": can(user, Page.EDIT_CUSTOMERS),
    }


def _usage(request: HttpRequest, user: User, customer: Customer) -> dict[str, Any]:
    asked = request.GET.get("days", "")
    span = int(asked) if asked in {str(days) for days in usage.SPANS} else 90
    found = usage.usage_context(user, customer, as_of(), span=span)
    return {**(found or {}), "customer": customer, "day": as_of()}


def _timeline(request: HttpRequest, user: User, customer: Customer) -> dict[str, Any]:
    if "short" in request.GET:
        entries = timeline(user, customer, most=FEW)
        return {"entries": entries, "is_short": True, "customer": customer}
    asked = request.GET.get("kind", "")
    kind = asked if asked in dict(KINDS) else ""
    entries = timeline(user, customer, kind=kind)
    return {"entries": entries, "kind": kind, "kinds": KINDS, "customer": customer}


@require_GET
def peek(request: HttpRequest, pk: int) -> HttpResponse:
    """Why this score, without leaving the list."""
    user = who(request)
    require(user, Page.CUSTOMERS)
    found = customer_for(user, pk)
    context = _head(user, found, as_of())
    context["cards"] = desk.drawn((SCORECARD,), request, user, found, context["on"])
    return render(request, "desk/peek.html", context)

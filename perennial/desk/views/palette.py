"""What ⌘K finds: customers, people, views, pages and commands; all through the gate."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from perennial.desk.palette import (
    commands,
    customers,
    orders,
    pages,
    people,
    segments,
    views,
)
from perennial.team.access import Page, require
from perennial.team.request import who
from perennial.web import asked


@require_GET
def palette(request: HttpRequest) -> HttpResponse:
    """A partial for what was typed so far."""
    user = who(request)
    require(user, Page.TODAY)
    text = asked.text(request.GET, "q", most=100)
    context = {
        "customers": customers(user, text),
        "people": people(user, text),
        "orders": orders(user, text),
        "segments": segments(user, text),
        "views": views(user, text),
        "pages": pages(user, text),
        "commands": commands(user, text),
    }
    context["nothing"] = not any(context.values())
    return render(request, "desk/palette.html", context)

"""The planner (经营测算): base against scenario; the whole state stands in the address."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from perennial.revenue.forms import clock_query
from perennial.revenue.planner import inputs, start
from perennial.revenue.planner.contracts import contracts
from perennial.revenue.planner.inputs import Asked
from perennial.revenue.planner.results import Results
from perennial.revenue.queries import Book
from perennial.revenue.queries.planner import Own, long_orders, orders_of, own_numbers
from perennial.revenue.views.frame import clock_of, frame
from perennial.team.access import Page, can, require
from perennial.team.request import who
from perennial.web.download import csv_file
from perennial.web.formats import chinese
from perennial.web.fragments import wants

MOST_ORDERS = 20


@require_GET
def planner(request: HttpRequest) -> HttpResponse:
    """One address; htmx gets the results while somebody slides. A complete question needs nothing
    of the book."""
    require(who(request), Page.REVENUE)
    if wants(request, "plan"):
        asked = _read(request, _own(request) if not inputs.is_complete(request.GET) else None)
        return render(request, "revenue/planner_results.html", _results(request, asked))
    clock = clock_of(request)
    book = Book(who(request), clock.known_on)
    orders = orders_of(book, clock.as_of)
    own = own_numbers(book, clock.as_of, orders) if book.has_any() else None
    asked = _read(request, own)
    if inputs.has_sliders(request.GET) and not asked.errors:
        return HttpResponseRedirect(f"{reverse('revenue:planner')}?{asked.query}")
    found = long_orders(book, orders)
    more = {
        "levers": inputs.rows(asked, start.written_own(own, settings.PERENNIAL_CURRENCY)),
        "facts": inputs.facts(asked),
        "presets": list(start.presets(asked)),
        "has_own": own is not None,
        "long_orders": found[:MOST_ORDERS],
        "more_orders": max(0, len(found) - MOST_ORDERS),
    }
    return render(
        request, "revenue/planner.html", frame(request, clock) | _results(request, asked) | more
    )


def _own(request: HttpRequest) -> Own | None:
    """None when nobody ever paid."""
    clock = clock_of(request)
    book = Book(who(request), clock.known_on)
    if not book.has_any():
        return None
    return own_numbers(book, clock.as_of, orders_of(book, clock.as_of))


def _read(request: HttpRequest, own: Own | None) -> Asked:
    unit = 10_000 if chinese() else 1000
    is_clocked = "known_at" in request.GET or "as_of" in request.GET
    told = clock_query(clock_of(request)) if is_clocked else ""
    return inputs.read(request.GET, start.defaults(own), unit=unit, clock_query=told)


def _results(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    """The results, or which inputs have to be mended first."""
    found: dict[str, Any] = {
        "asked": asked,
        "controls": inputs.controls(asked),
        "unit": asked.unit,
        "is_partial": wants(request, "plan"),
        "can_export": can(who(request), Page.EXPORT),
    }
    if asked.errors:
        return found
    results = Results(asked, currency=settings.PERENNIAL_CURRENCY)
    lower = contracts(asked, results.base, results.plan, currency=settings.PERENNIAL_CURRENCY)
    query = asked.query
    more = {
        "query": query,
        "address": request.build_absolute_uri(f"{reverse('revenue:planner')}?{query}"),
    }
    return found | results.context() | lower | more


@require_GET
def planner_csv(request: HttpRequest) -> HttpResponse:
    """The years of both scenarios as a file."""
    require(who(request), Page.REVENUE)
    require(who(request), Page.EXPORT)
    asked = _read(request, _own(request) if not inputs.is_complete(request.GET) else None)
    if asked.errors:
        return HttpResponseRedirect(f"{reverse('revenue:planner')}?{request.GET.urlencode()}")
    found = Results(asked, currency=settings.PERENNIAL_CURRENCY)
    columns, rows = found.file()
    return csv_file("planner.csv", columns=columns, rows=rows)

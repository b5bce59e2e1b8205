"""Unattributed: events that wait for their customer, and how to give them one."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from perennial.events import actions
from perennial.events.queries.orphans import WINDOW_DAYS, orphans
from perennial.events.views.frame import frame
from perennial.team.access import Page, require
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.units.moment import business_day
from perennial.web.download import csv_file
from perennial.web.faults import in_words
from perennial.web.formats import number

IN_A_FILE = 10_000


@require_GET
def unattributed(request: HttpRequest) -> HttpResponse:
    """Customer ids that nobody knows, and people without a customer."""
    require(who(request), Page.SOURCES)
    found = orphans(today=business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE))
    waiting = found.unknown + found.lone + found.nobody
    context = {
        "found": found,
        "waiting": waiting,
        "rate": waiting / found.events if found.events else None,
        "days": WINDOW_DAYS,
    }
    return render(request, "events/unattributed.html", frame(request) | context)


@require_POST
def add_customers(request: HttpRequest) -> HttpResponse:
    """The chosen ids become customers."""
    user = who(request)
    require(user, Page.SOURCES)
    chosen = [it.replace("\0", "") for it in request.POST.getlist("customer")]
    try:
        made = actions.add_customers(chosen, by=user, at=timezone.now())
    except InputRefused as refused:
        messages.error(request, in_words(refused))
    else:
        said = ngettext(
            "%(count)s customer is added; its events count from now on.",
            "%(count)s customers are added; their events count from now on.",
            len(made),
        )
        messages.success(request, said % {"count": number(len(made))})
    return redirect("events:unattributed")


@require_GET
def unknown_csv(request: HttpRequest) -> HttpResponse:
    """The unknown ids as a file for the import of customers: fill in the names, import it."""
    require(who(request), Page.SOURCES)
    today = business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)
    found = orphans(today=today, limit=IN_A_FILE)
    rows = [[it.external_id, it.name, it.events] for it in found.unknown_customers]
    return csv_file(
        "unknown-customers.csv", columns=["external_id", "name", "events_90d"], rows=rows
    )

"""The definitions (口径) and rates: read by all who see revenue, changed by those who decide."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perennial.revenue import actions
from perennial.revenue.forms import RateForm
from perennial.revenue.queries.decisions import rates, themes
from perennial.revenue.views.frame import clock_of, frame
from perennial.revenue.wording.questions import BY_NAME
from perennial.team.access import Page, require
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.web.faults import in_words


@require_GET
def definitions(request: HttpRequest) -> HttpResponse:
    """Every definition with its choices, and the rates of foreign currencies."""
    require(who(request), Page.REVENUE)
    return _page(request)


def _page(
    request: HttpRequest, *, fault: str = "", at: str = "", form: RateForm | None = None
) -> HttpResponse:
    """`fault` stands beside the definition `at` (or beside the rates)."""
    more = {
        "themes": themes(),
        "rates": rates(),
        "form": form or RateForm(),
        "fault": fault,
        "fault_at": at if at in BY_NAME or at == "rates" else "",
    }
    refused = bool(fault) or bool(form and form.errors)
    return render(
        request,
        "revenue/definitions.html",
        frame(request, clock_of(request)) | more,
        status=422 if refused else 200,
    )


@require_POST
def define(request: HttpRequest, name: str) -> HttpResponse:
    """Record a value of one definition."""
    user = who(request)
    require(user, Page.REVENUE_DECISIONS)
    value = request.POST.get("value", "")
    chosen = request.POST.get("number", "") if value == "number" else value
    return _decide(
        request, name, lambda: actions.define(name, value=chosen, by=user, at=timezone.now())
    )


@require_POST
def rate(request: HttpRequest) -> HttpResponse:
    """Record a rate, or withdraw it."""
    user = who(request)
    require(user, Page.REVENUE_DECISIONS)
    form = RateForm(request.POST)
    if not form.is_valid():
        return _page(request, at="rates", form=form)
    given = form.cleaned_data
    return _decide(
        request,
        "rates",
        lambda: actions.set_rate(
            given["currency"],
            rate=None if "withdraw" in request.POST else given["rate"],
            effective_on=given["effective_on"],
            by=user,
            at=timezone.now(),
        ),
    )


def _decide(request: HttpRequest, at: str, act: Callable[[], object]) -> HttpResponse:
    """One action; the revenue pages follow at once, what the day computes with the next run."""
    try:
        act()
    except InputRefused as refused:
        return _page(request, fault=in_words(refused), at=at)
    messages.success(
        request,
        _("Recorded. The revenue pages follow at once, all other figures within minutes."),
    )
    return redirect(f"{reverse('revenue:definitions')}#{at}")

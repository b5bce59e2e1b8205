"""Acts on one customer, in a sheet over its page: hold a value, give it back, judge the fit."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.customers.models import Customer
from perennial.customers.queries import customer_for
from perennial.health.classes.actions import override, say_fit, withdraw
from perennial.health.classes.forms import FitForm, OverrideForm
from perennial.health.classes.panels import CLASSES
from perennial.health.classes.panels import context as card_context
from perennial.health.classes.wording import KINDS
from perennial.team import days
from perennial.team.access import Page, require
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.units.moment import business_day
from perennial.web.faults import in_words


def _editor(request: HttpRequest, pk: int) -> tuple[User, Customer]:
    """A customer in reach (else 404), then the right to edit (else 403)."""
    user = who(request)
    customer = customer_for(user, pk)
    require(user, Page.EDIT_CUSTOMERS)
    return user, customer


@require_GET
def card(request: HttpRequest, pk: int) -> HttpResponse:
    """The card, refreshed after something was said."""
    user = who(request)
    customer = customer_for(user, pk)
    today = business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)
    found = card_context(user, customer, days.last_day() or today) or {}
    return render(request, CLASSES.template, {**found, "customer": customer})


@require_http_methods(["GET", "POST"])
def hold(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Hold a tier, fit or stage of one's own for a while."""
    user, customer = _editor(request, pk)
    if kind not in KINDS:
        raise Http404
    now = timezone.now()
    today = business_day(now, settings.PERENNIAL_TIME_ZONE)
    form = OverrideForm(request.POST or None, kind=kind, today=today)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            override(
                customer,
                kind=kind,
                value=given["value"],
                reason=given["reason"],
                until_on=given["until_on"],
                by=user,
                at=now,
            )
        except InputRefused as refused:
            form.add_error(refused.column, in_words(refused))
        else:
            return _done(request, customer, _("Held until %(date)s") % {"date": given["until_on"]})
    context = {"kind": kind, "title": KINDS[kind]}
    return _sheet(request, customer, form, "health/class_override_form.html", context)


@require_POST
def back(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The rules say it again."""
    user, customer = _editor(request, pk)
    if kind not in KINDS:
        raise Http404
    try:
        withdraw(customer, kind=kind, by=user, at=timezone.now())
    except InputRefused as refused:
        messages.error(request, in_words(refused))
        return redirect("desk:customer", pk=pk)
    return _done(request, customer, _("Withdrawn; the rules say it again"))


@require_http_methods(["GET", "POST"])
def say(request: HttpRequest, pk: int) -> HttpResponse:
    """What the CSM makes of the customer at first contact."""
    user, customer = _editor(request, pk)
    form = FitForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            say_fit(
                customer,
                value=given["value"],
                expectations=given["expectations"],
                by=user,
                at=timezone.now(),
            )
        except InputRefused as refused:
            form.add_error(refused.column, in_words(refused))
        else:
            return _done(request, customer, _("Written down"))
    return _sheet(request, customer, form, "health/say_fit_form.html", {})


def _done(request: HttpRequest, customer: Customer, text: str) -> HttpResponse:
    """Close the sheet and refresh the card; without script back to the customer."""
    if "HX-Request" not in request.headers:
        messages.success(request, text)
        return redirect("desk:customer", pk=customer.pk)
    said = {"toast": text, "sheet:close": True, "classed": True}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(said)})


def _sheet(
    request: HttpRequest, customer: Customer, form: forms.Form, template: str, more: dict[str, Any]
) -> HttpResponse:
    context: dict[str, object] = {"customer": customer, "form": form, **more}
    status = 422 if form.errors else 200
    if "HX-Request" in request.headers:
        return render(request, template, context, status=status)
    context["sheet"] = template
    return render(request, "web/sheet_page.html", context, status=status)

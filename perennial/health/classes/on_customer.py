"""Acts on one customer, in a sheet over its page: hold a value, give it back, judge the fit."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.customers.queries import customer_for
from perennial.customers.sheets import done, editor, sheet
from perennial.health.classes.actions import override, say_fit, withdraw
from perennial.health.classes.forms import FitForm, OverrideForm
from perennial.health.classes.panels import CLASSES
from perennial.health.classes.panels import context as card_context
from perennial.health.classes.wording import KINDS
from perennial.team import days
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.units.moment import business_day
from perennial.web.faults import in_words

CARD = "classed"  # what the card on the page listens to


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
    user, customer = editor(request, pk)
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
            text = _("Held until %(date)s") % {"date": given["until_on"]}
            return done(request, customer, text=text, refreshes=CARD)
    context = {"customer": customer, "kind": kind, "title": KINDS[kind]}
    return sheet(request, form, template="health/class_override_form.html", context=context)


@require_POST
def back(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The rules say it again."""
    user, customer = editor(request, pk)
    if kind not in KINDS:
        raise Http404
    try:
        withdraw(customer, kind=kind, by=user, at=timezone.now())
    except InputRefused as refused:
        messages.error(request, in_words(refused))
        return redirect("desk:customer", pk=pk)
    return done(request, customer, text=_("Withdrawn; the rules say it again"), refreshes=CARD)


@require_http_methods(["GET", "POST"])
def say(request: HttpRequest, pk: int) -> HttpResponse:
    """What the CSM makes of the customer at first contact."""
    user, customer = editor(request, pk)
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
            return done(request, customer, text=_("Written down"), refreshes=CARD)
    template = "health/say_fit_form.html"
    return sheet(request, form, template=template, context={"customer": customer})

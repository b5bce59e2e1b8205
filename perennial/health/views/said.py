"""What people say of a customer: a score of their own for a while, and what data cannot see."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.customers.models import Customer
from perennial.customers.queries import customer_for, people_of
from perennial.customers.sheets import done, editor, sheet
from perennial.health import said_panel
from perennial.health.actions.said import say, set_override, withdraw_override
from perennial.health.forms.said import OpinionForm, OverrideForm
from perennial.health.models import Said
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.units.moment import business_day
from perennial.web.faults import in_words

CARD = "said"  # what the card on the page listens to


@require_GET
def card(request: HttpRequest, pk: int) -> HttpResponse:
    """The card, refreshed after something was said."""
    user = who(request)
    customer = customer_for(user, pk)
    today = business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)
    context = said_panel.context(user, customer, today)
    return render(request, said_panel.SAID.template, {**context, "customer": customer})


@require_http_methods(["GET", "POST"])
def override(request: HttpRequest, pk: int) -> HttpResponse:
    """Hold a score of one's own for a while."""
    user, customer = editor(request, pk)
    now = timezone.now()
    today = business_day(now, settings.PERENNIAL_TIME_ZONE)
    form = OverrideForm(request.POST or None, today=today)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            set_override(
                customer,
                score=given["score"],
                reason=given["reason"],
                until_on=given["until_on"],
                by=user,
                at=now,
            )
        except InputRefused as refused:
            form.add_error(refused.column, in_words(refused))
        else:
            return done(request, customer, text=_("Override set"), refreshes=CARD)
    return _sheet(request, customer, form, "health/override_form.html")


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """The computed score is back from the next day on."""
    user, customer = editor(request, pk)
    try:
        withdraw_override(customer, by=user, at=timezone.now())
    except InputRefused as refused:
        messages.error(request, in_words(refused))
        return redirect("desk:customer", pk=pk)
    return done(request, customer, text=_("Override withdrawn"), refreshes=CARD)


@require_http_methods(["GET", "POST"])
def opinion(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down what data cannot see."""
    user, customer = editor(request, pk)
    people = people_of(user, customer).filter(to_on__isnull=True)
    asked = request.GET.get("measure", "")
    form = OpinionForm(
        request.POST or None, people=people, measure=asked, person=request.GET.get("person", "")
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        measure = Said(given["measure"])
        person = given["person"] if measure is Said.VALUE_PERCEPTION else None
        try:
            say(
                customer,
                measure=measure,
                value=given["value"],
                evidence=given["evidence"],
                person=person,
                by=user,
                at=timezone.now(),
            )
        except InputRefused as refused:
            form.add_error(refused.column, in_words(refused))
        else:
            return done(request, customer, text=_("Written down"), refreshes=CARD)
    return _sheet(request, customer, form, "health/opinion_form.html")


def _sheet(
    request: HttpRequest, customer: Customer, form: OverrideForm | OpinionForm, template: str
) -> HttpResponse:
    asked = request.POST.get("measure") or request.GET.get("measure")
    of_person = asked in (None, "", Said.VALUE_PERCEPTION)
    context = {"customer": customer, "of_person": of_person}
    return sheet(request, form, template=template, context=context)

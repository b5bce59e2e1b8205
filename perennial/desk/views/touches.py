"""The ten-second log: what was said with a customer, from anywhere."""

from __future__ import annotations

import json

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from perennial.customers import actions
from perennial.customers.forms import TouchForm
from perennial.customers.models import Customer, TouchKind
from perennial.customers.queries import customer_for, visible_customers
from perennial.desk import customers as listing
from perennial.desk.models import CustomerFigures
from perennial.desk.rows import display_name
from perennial.desk.timeline import TOUCH_ICONS
from perennial.team.access import Page, require
from perennial.team.request import who
from perennial.units.errors import PerennialError
from perennial.units.moment import business_day
from perennial.web import asked
from perennial.web.faults import in_words

SUGGESTED = 8


@require_GET
def choose_customer(request: HttpRequest) -> HttpResponse:
    """Which customer it was; those seen last come first."""
    user = who(request)
    require(user, Page.EDIT_CUSTOMERS)
    text = asked.text(request.GET, "q", most=100)
    found = visible_customers(user).filter(listing.search(text, prefix=""))
    recent = found.order_by("-figures__money_at_risk", "name")[:SUGGESTED]
    return render(request, "desk/touch_choose.html", {"found": recent, "q": text})


@require_http_methods(["GET", "POST"])
def log_touch(request: HttpRequest, pk: int) -> HttpResponse:
    """The form, and what it saves; the figures learn of it at once."""
    user = who(request)
    customer = customer_for(user, pk)
    require(user, Page.EDIT_CUSTOMERS)
    form = TouchForm(request.POST or None, user=user, customer=customer)
    if request.method == "GET" or not form.is_valid():
        return _form(request, customer, form)
    typed = form.cleaned_data
    try:
        touch = actions.log_touch(
            customer,
            kind=typed["kind"],
            happened_at=typed["happened_at"],
            person=typed["person"],
            minutes=typed["minutes"],
            note=typed["note"],
            by=user,
            at=timezone.now(),
        )
    except PerennialError as wrong:
        form.add_error(None, in_words(wrong))
        return _form(request, customer, form)
    on = business_day(touch.happened_at, settings.PERENNIAL_TIME_ZONE)
    CustomerFigures.objects.filter(pk=pk).filter(
        Q(last_touch_on__lt=on) | Q(last_touch_on=None)
    ).update(last_touch_on=on)
    if "HX-Request" not in request.headers:
        return redirect("desk:customer", pk=pk)
    response = HttpResponse(status=204)
    said = {"toast": _("Touch logged"), "sheet:close": True, "touchLogged": True}
    response["HX-Trigger"] = json.dumps(said | {"peopleChanged": True, "listChanged": True})
    return response


def _form(request: HttpRequest, customer: Customer, form: TouchForm) -> HttpResponse:
    context = {
        "customer": customer,
        "shown_name": display_name(customer.name, customer.name_en),
        "form": form,
        "kinds": TouchKind.choices,
        "kind_icons": TOUCH_ICONS,
    }
    status = 422 if form.is_bound else 200
    if "HX-Request" in request.headers:
        return render(request, "desk/touch_form.html", context, status=status)
    context["sheet"] = "desk/touch_form.html"
    return render(request, "web/sheet_page.html", context, status=status)

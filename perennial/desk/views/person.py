"""One person at a customer: who they are, what they need, and everything that happened."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from perennial.customers.people.queries import whole
from perennial.customers.queries import customer_for, person_for
from perennial.desk.timeline import of_person
from perennial.team.access import Page, can, require
from perennial.team.request import who
from perennial.units.moment import business_day
from perennial.web.formats import chinese


@require_GET
def person(request: HttpRequest, pk: int, person_pk: int) -> HttpResponse:
    user = who(request)
    require(user, Page.CUSTOMERS)
    customer = customer_for(user, pk)
    found = person_for(user, customer, person_pk)
    today = business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)
    known = whole(user, customer, found, on=today)
    context = {
        "customer": customer,
        "person": found,
        "whole": known,
        "service": known.service.get("zh" if chinese() else "en", ""),
        "entries": of_person(user, customer, found),
        "can_edit": can(user, Page.EDIT_CUSTOMERS),
    }
    return render(request, "desk/person.html", context)

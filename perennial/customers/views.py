"""Edits beside the thing itself: a field in place, a person in a sheet."""

from __future__ import annotations

import json

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.customers import actions, panels
from perennial.customers.forms import PersonForm, field_of
from perennial.customers.models import Customer, Person
from perennial.customers.queries import customer_for, person_for
from perennial.team.access import Page, require
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.errors import PerennialError
from perennial.units.moment import business_day
from perennial.units.whole import whole
from perennial.web.faults import in_words


def _editor(request: HttpRequest, pk: int) -> tuple[User, Customer]:
    """The gate of every edit: a customer in reach (else 404), then the right to edit (else 403)."""
    user = who(request)
    customer = customer_for(user, pk)
    require(user, Page.EDIT_CUSTOMERS)
    return user, customer


@require_http_methods(["GET", "POST"])
def field(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """GET `?edit=1` gives the form, POST saves; an error stays beside the field (422)."""
    user, customer = _editor(request, pk)
    form_field = field_of(name)
    if form_field is None:
        raise Http404
    if request.method == "GET":
        return _field(request, customer, name, editing="edit" in request.GET)
    typed = request.POST.get("value", "")
    version = request.POST.get("version", "")
    try:
        value = form_field.clean(typed)
        actions.edit_customer(
            customer,
            changes={name: value},
            version=whole(version) or 0,
            by=user,
            at=timezone.now(),
        )
    except ValidationError as wrong:
        return _field(request, customer, name, editing=True, typed=typed, error=wrong.messages[0])
    except PerennialError as wrong:
        customer.refresh_from_db()
        return _field(request, customer, name, editing=True, typed=typed, error=in_words(wrong))
    if "HX-Request" not in request.headers:
        return redirect("desk:customer", pk=pk)
    response = _field(request, customer, name)
    response["HX-Trigger"] = json.dumps({"toast": _("Saved")})
    return response


def _field(
    request: HttpRequest,
    customer: Customer,
    name: str,
    *,
    editing: bool = False,
    typed: str | None = None,
    error: str = "",
) -> HttpResponse:
    form_field = field_of(name)
    assert form_field is not None
    titles = dict(panels.DETAILS_SHOWN)
    stands = form_field.prepare_value(getattr(customer, name))
    context = {
        "customer": customer,
        "detail": panels.Detail(name, str(titles[name]), panels.shown(customer, name)),
        "choices": getattr(form_field, "choices", None),
        "value": stands if typed is None else typed,
        "error": error,
        "can_edit": True,
    }
    template = "customers/field_form.html" if editing else "customers/field.html"
    return render(request, template, context, status=422 if error else 200)


@require_GET
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """The card of people, refreshed after a change."""
    user = who(request)
    customer = customer_for(user, pk)
    day = business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)
    context = panels.people(user, customer, day)
    return render(request, panels.PEOPLE.template, context | {"customer": customer})


@require_http_methods(["GET", "POST"])
def add_person(request: HttpRequest, pk: int) -> HttpResponse:
    user, customer = _editor(request, pk)
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.add_person(customer, values=form.values(), by=user, at=timezone.now())
        return _people_changed(request, customer, _("Person added"))
    return _person_form(request, customer, form)


@require_http_methods(["GET", "POST"])
def edit_person(request: HttpRequest, pk: int, person_pk: int) -> HttpResponse:
    user, customer = _editor(request, pk)
    person = person_for(user, customer, person_pk)
    if request.method == "GET":
        kept = {name: getattr(person, name) for name in (*actions.PERSON_FIELDS, "version")}
        return _person_form(request, customer, PersonForm(initial=kept), person=person)
    form = PersonForm(request.POST)
    if form.is_valid():
        version = form.cleaned_data["version"] or 0
        try:
            actions.edit_person(
                person, values=form.values(), version=version, by=user, at=timezone.now()
            )
        except PerennialError as wrong:
            form.add_error(None, in_words(wrong))
        else:
            return _people_changed(request, customer, _("Saved"))
    return _person_form(request, customer, form, person=person)


@require_POST
def person_left(request: HttpRequest, pk: int, person_pk: int) -> HttpResponse:
    """Left today; once more takes it back."""
    user, customer = _editor(request, pk)
    person = person_for(user, customer, person_pk)
    now = timezone.now()
    today = business_day(now, settings.PERENNIAL_TIME_ZONE)
    left_on = None if person.to_on else today
    actions.mark_left(person, left_on=left_on, version=person.version, by=user, at=now)
    said = _("%(name)s left") if left_on else _("%(name)s is back")
    return _people_changed(request, customer, said % {"name": person.name})


def _person_form(
    request: HttpRequest, customer: Customer, form: PersonForm, *, person: Person | None = None
) -> HttpResponse:
    context = {"customer": customer, "form": form, "person": person}
    status = 422 if form.is_bound else 200
    if "HX-Request" in request.headers:
        return render(request, "customers/person_form.html", context, status=status)
    context["sheet"] = "customers/person_form.html"
    return render(request, "web/sheet_page.html", context, status=status)


def _people_changed(request: HttpRequest, customer: Customer, text: str) -> HttpResponse:
    """Close the sheet, say it, and let the card of people refresh itself."""
    if "HX-Request" not in request.headers:
        return redirect("desk:customer", pk=customer.pk)
    response = HttpResponse(status=204)
    response["HX-Trigger"] = json.dumps({"toast": text, "sheet:close": True, "peopleChanged": True})
    return response

"""People at a customer: the cards, the sheets that change them, and what undoes a change."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.customers.actions import EditConflict
from perennial.customers.models import Customer, GradedBy, Person
from perennial.customers.people import actions
from perennial.customers.people.actions import FIELDS
from perennial.customers.people.forms import LeftForm, PersonForm
from perennial.customers.people.panels import PEOPLE, PEOPLE_TAB, overview, whole_tab
from perennial.customers.people.queries import companies_like, known_company
from perennial.customers.people.standards.queries import graded_now, standards
from perennial.customers.queries import customer_for, people_of, person_for
from perennial.customers.sheets import done, editor, sheet
from perennial.team.models import AuditEntry, User
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.units.moment import business_day
from perennial.web.faults import in_words

CARDS = "peopleChanged"  # what the cards on the page listen to
TAB = "people"


def _today() -> date:
    return business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)


@require_GET
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """The card of people, refreshed after a change."""
    user = who(request)
    customer = customer_for(user, pk)
    context = overview(user, customer, _today())
    return render(request, PEOPLE.template, {**context, "customer": customer})


@require_GET
def org_map(request: HttpRequest, pk: int) -> HttpResponse:
    """The map and its list, refreshed after a change."""
    user = who(request)
    customer = customer_for(user, pk)
    context = whole_tab(user, customer, _today())
    return render(request, PEOPLE_TAB.template, {**context, "customer": customer})


@require_GET
def companies(request: HttpRequest, pk: int) -> HttpResponse:
    """Names for the field 'where to'."""
    user, _customer = editor(request, pk)
    found = companies_like(user, request.GET.get("left_to", ""))
    return render(request, "customers/people/companies.html", {"companies": found})


@require_http_methods(["GET", "POST"])
def add_person(request: HttpRequest, pk: int) -> HttpResponse:
    user, customer = editor(request, pk)
    form = PersonForm(request.POST or None, colleagues=_colleagues(user, customer))
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_person(customer, values=form.values(), by=user, at=timezone.now())
        except InputRefused as wrong:
            form.add_error(wrong.column, in_words(wrong))
        else:
            return done(request, customer, text=_("Person added"), refreshes=CARDS, tab=TAB)
    return _person_sheet(request, customer, form)


def _colleagues(user: User, customer: Customer, but: Person | None = None) -> list[Person]:
    here = people_of(user, customer).filter(to_on__isnull=True)
    if but is None:
        return list(here)
    now = people_of(user, customer).filter(pk=but.reports_to_id or 0)
    return list(here.exclude(pk=but.pk) | now)


def _person_sheet(
    request: HttpRequest, customer: Customer, form: PersonForm, person: Person | None = None
) -> HttpResponse:
    context = {"customer": customer, "person": person}
    return sheet(request, form, template="customers/people/person_form.html", context=context)


@require_http_methods(["GET", "POST"])
def edit_person(request: HttpRequest, pk: int, person_pk: int) -> HttpResponse:
    """The second of two editors sees what the first one wrote beside the own words (422)."""
    user, customer = editor(request, pk)
    person = person_for(user, customer, person_pk)
    by_standard = graded_now(customer, person.role, standards())
    colleagues = _colleagues(user, customer, person)
    if request.method == "GET":
        kept = _as_it_stands(person)
        form = PersonForm(colleagues=colleagues, by_standard=by_standard, initial=kept)
        return _person_sheet(request, customer, form, person)
    form = PersonForm(request.POST, colleagues=colleagues, by_standard=by_standard)
    if form.is_valid():
        version = form.cleaned_data["version"] or 0
        try:
            entry = actions.edit_person(
                person, values=form.values(), version=version, by=user, at=timezone.now()
            )
        except EditConflict as wrong:
            form.add_error(None, in_words(wrong))
            _show_both(form, person)
        except InputRefused as wrong:
            form.add_error(wrong.column, in_words(wrong))
        else:
            return _changed(request, customer, entry, _("Saved"))
    return _person_sheet(request, customer, form, person)


def _as_it_stands(person: Person) -> dict[str, Any]:
    kept = {name: getattr(person, name) for name in (*FIELDS, "version")}
    return kept | ({"grade": ""} if person.graded_by == GradedBy.STANDARD else {})


def _show_both(form: PersonForm, person: Person) -> None:
    """Beside each field that somebody else set otherwise, their value; saving again takes ours."""
    now = _as_it_stands(person)
    for name in FIELDS:
        mine, theirs = form.cleaned_data.get(name), now[name]
        if name in form.data and mine != theirs:
            labels = {str(key): label for key, label in getattr(form.fields[name], "choices", ())}
            shown = labels.get(str(theirs or ""), theirs or "–")
            form.add_error(name, _("Now stands here: %(value)s") % {"value": shown})
    form.data = {**form.data.dict(), "version": person.version}  # type: ignore[attr-defined]  # a QueryDict


def _changed(
    request: HttpRequest, customer: Customer, entry: AuditEntry, text: str
) -> HttpResponse:
    undo = reverse("customers:undo_person", args=[customer.pk, entry.pk])
    return done(request, customer, text=text, refreshes=CARDS, undo=undo, tab=TAB)


@require_http_methods(["GET", "POST"])
def person_left(request: HttpRequest, pk: int, person_pk: int) -> HttpResponse:
    """When, and where to. Who goes to another customer of ours goes on there."""
    user, customer = editor(request, pk)
    person = person_for(user, customer, person_pk)
    start = {"left_on": _today().isoformat(), "version": person.version}
    form = LeftForm(request.POST if request.method == "POST" else None, initial=start)
    if form.is_bound and form.is_valid():
        try:
            return _leave(request, user, customer, person, form.cleaned_data)
        except InputRefused as wrong:
            column = wrong.column if wrong.column in form.fields else None
            form.add_error(column, in_words(wrong))
    context = {"customer": customer, "person": person}
    return sheet(request, form, template="customers/people/left_form.html", context=context)


def _leave(
    request: HttpRequest, user: User, customer: Customer, person: Person, given: dict[str, Any]
) -> HttpResponse:
    now = timezone.now()
    left_on = given["left_on"] or business_day(now, settings.PERENNIAL_TIME_ZONE)
    version = given["version"] or person.version
    to = known_company(user, given["left_to"])
    if to is not None and to != customer:
        actions.move_person(person, to=to, left_on=left_on, version=version, by=user, at=now)
        text = _("%(name)s went to %(company)s and is known there") % {
            "name": person.name,
            "company": to.name,
        }
        return done(request, customer, text=text, refreshes=CARDS, tab=TAB)
    entry = actions.mark_left(
        person, left_on=left_on, left_to=given["left_to"], version=version, by=user, at=now
    )
    return _changed(request, customer, entry, _("%(name)s left") % {"name": person.name})


@require_POST
def person_back(request: HttpRequest, pk: int, person_pk: int) -> HttpResponse:
    user, customer = editor(request, pk)
    person = person_for(user, customer, person_pk)
    entry = actions.come_back(person, version=person.version, by=user, at=timezone.now())
    return _changed(request, customer, entry, _("%(name)s is back") % {"name": person.name})


@require_POST
def undo_person(request: HttpRequest, pk: int, entry_pk: int) -> HttpResponse:
    """Take back one change of a person of this customer."""
    user, customer = editor(request, pk)
    entry = get_object_or_404(
        AuditEntry,
        pk=entry_pk,
        action__startswith="person.",
        object_type="customer",
        object_id=str(customer.pk),
    )
    try:
        actions.undo(entry, by=user, at=timezone.now())
    except InputRefused as wrong:
        return done(request, customer, text=in_words(wrong), refreshes=CARDS, tab=TAB)
    return done(request, customer, text=_("Taken back"), refreshes=CARDS, tab=TAB)

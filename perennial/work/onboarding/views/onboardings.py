"""Acts on a way in: milestones by hand and back, its owner, stop and go on, begin."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.customers.queries import customer_for
from perennial.customers.sheets import sheet
from perennial.team.access import Page, require
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.units.whole import whole
from perennial.web.faults import in_words
from perennial.work.conflict import blame
from perennial.work.models import Milestone, Onboarding
from perennial.work.onboarding.actions import onboardings as actions
from perennial.work.onboarding.actions.starting import start as start_one
from perennial.work.onboarding.forms.onboardings import OwnerForm, ReachForm, StartForm, StopForm
from perennial.work.onboarding.panels import ONBOARDING
from perennial.work.onboarding.panels import onboarding as card_context
from perennial.work.onboarding.queries.definitions import definition_of
from perennial.work.onboarding.queries.reach import milestone_for, onboarding_for
from perennial.work.onboarding.views.ending import as_of, ended, refused, today
from perennial.work.onboarding.wording import step_title


@require_GET
def card(request: HttpRequest, pk: int) -> HttpResponse:
    """The card of a customer's page, refreshed after something was said."""
    user = who(request)
    customer = customer_for(user, pk)
    context = {**card_context(user, customer, as_of()), "customer": customer}
    return render(request, ONBOARDING.template, context)


def page_of(way: Onboarding) -> str:
    return reverse("desk:customer", args=[way.customer.pk]) + "?tab=journey"


def _title(milestone: Milestone) -> str:
    step = definition_of(milestone.onboarding.plan).step(milestone.step)
    return step_title(step, milestone.step)


@require_http_methods(["GET", "POST"])
def reach(request: HttpRequest, pk: int) -> HttpResponse:
    """A milestone is reached, by hand; the day and what shows it."""
    user = who(request)
    milestone = milestone_for(user, pk)
    require(user, Page.EDIT_CUSTOMERS)
    form = ReachForm(request.POST or None, milestone=milestone, today=today())
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.reach(milestone, **given, by=user, at=timezone.now())
        except InputRefused as wrong:
            milestone.refresh_from_db()
            blame(form, wrong, fresh=lambda: ReachForm(milestone=milestone, today=today()))
        else:
            return ended(
                request,
                _("“%(title)s” is reached") % {"title": _title(milestone)},
                to=page_of(milestone.onboarding),
                undo=reverse("onboarding:take_back", args=[pk]),
            )
    context = {"milestone": milestone, "title": _title(milestone)}
    template = "work/onboarding/_reach.html"
    return sheet(request, form, template=template, context=context)


@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """What was said by hand is unsaid."""
    user = who(request)
    milestone = milestone_for(user, pk)
    require(user, Page.EDIT_CUSTOMERS)
    to = page_of(milestone.onboarding)
    try:
        actions.take_back(milestone, by=user, at=timezone.now())
    except InputRefused as wrong:
        return refused(request, wrong, to=to)
    return ended(request, _("“%(title)s” is open again") % {"title": _title(milestone)}, to=to)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Who brings the customer in."""
    user = who(request)
    way = onboarding_for(user, pk)
    require(user, Page.EDIT_CUSTOMERS)
    form = OwnerForm(request.POST or None, way=way)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit(way, **form.cleaned_data, by=user, at=timezone.now())
        except InputRefused as wrong:
            way.refresh_from_db()
            blame(form, wrong, fresh=lambda: OwnerForm(way=way))
        else:
            return ended(request, _("Saved"), to=page_of(way))
    context = {"way": way}
    return sheet(request, form, template="work/onboarding/_owner.html", context=context)


@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """End it with a reason."""
    user = who(request)
    way = onboarding_for(user, pk)
    require(user, Page.EDIT_CUSTOMERS)
    form = StopForm(request.POST or None, initial={"version": way.version})
    if request.method == "POST" and form.is_valid():
        try:
            actions.stop(way, **form.cleaned_data, by=user, at=timezone.now())
        except InputRefused as wrong:
            way.refresh_from_db()
            blame(form, wrong, fresh=lambda: StopForm(initial={"version": way.version}))
        else:
            undo = reverse("onboarding:resume", args=[pk])
            return ended(request, _("Onboarding stopped"), to=page_of(way), undo=undo)
    context = {
        "title": _("Stop this onboarding"),
        "customer": way.customer,
        "address": reverse("onboarding:stop", args=[pk]),
    }
    return sheet(request, form, template="work/onboarding/_stop.html", context=context)


@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo a stop."""
    user = who(request)
    way = onboarding_for(user, pk)
    require(user, Page.EDIT_CUSTOMERS)
    try:
        actions.resume(way, by=user, at=timezone.now())
    except InputRefused as wrong:
        return refused(request, wrong, to=page_of(way))
    return ended(request, _("Onboarding goes on"), to=page_of(way))


@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Begin for one customer by hand."""
    user = who(request)
    customer = customer_for(user, whole(request.GET.get("customer", "")) or 0)
    require(user, Page.EDIT_CUSTOMERS)
    form = StartForm(request.POST or None, today=today())
    to = reverse("desk:customer", args=[customer.pk]) + "?tab=journey"
    if request.method == "POST" and form.is_valid():
        try:
            start_one(
                customer,
                started_on=form.cleaned_data["started_on"],
                by=user,
                at=timezone.now(),
            )
        except InputRefused as wrong:
            form.add_error(wrong.column, in_words(wrong))
        else:
            return ended(request, _("Onboarding begun"), to=to)
    context = {"customer": customer}
    return sheet(request, form, template="work/onboarding/_start.html", context=context)

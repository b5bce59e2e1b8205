"""A delivery project's page and its sheets."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.customers.conversation.queries import conversation
from perennial.customers.models import About
from perennial.customers.queries import at_customer, customer_for
from perennial.customers.sheets import sheet
from perennial.team.access import Page, can, require
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.units.whole import whole
from perennial.web.faults import in_words
from perennial.work.conflict import blame
from perennial.work.models import Handover, Phase, Project
from perennial.work.onboarding import shown
from perennial.work.onboarding.actions import projects as actions
from perennial.work.onboarding.charts import phase_chart
from perennial.work.onboarding.forms.onboardings import StopForm
from perennial.work.onboarding.forms.projects import PhaseForm, ProjectForm
from perennial.work.onboarding.queries.definitions import in_force
from perennial.work.onboarding.queries.deliveries import deliveries
from perennial.work.onboarding.queries.reach import project_for
from perennial.work.onboarding.rules.delivery import UseState
from perennial.work.onboarding.views.ending import as_of, ended, refused, today


def address(pk: int) -> str:
    return reverse("onboarding:project", args=[pk])


@require_GET
def project(request: HttpRequest, pk: int) -> HttpResponse:
    """Phases along the calendar, go-live, use; and the handover when it is time."""
    user = who(request)
    require(user, Page.TODAY)
    found = project_for(user, pk)
    day = as_of()
    delivery = deliveries([found], day)[0]
    context: dict[str, Any] = {
        "it": shown.delivery(delivery),
        "project": found,
        "chart": phase_chart(delivery, day),
        "day": day,
        "rule": in_force(),
        "can_edit": can(user, Page.EDIT_CUSTOMERS),
        "hands_over": _hands_over(found, delivery.use),
        "talk": conversation(user, found.customer, About.PROJECT, found.pk),
    }
    return render(request, "work/onboarding/project.html", context)


def _hands_over(found: Project, use: UseState) -> bool:
    """Live and used, or accepted: now the customer belongs to a CSM; unless it is on its way."""
    ready = found.state == Project.State.DONE or use is UseState.USED
    made = Handover.objects.filter(
        at_customer(found.customer.pk),
        kind=Handover.Kind.IMPLEMENTATION_CSM,
        made_at__gte=found.recorded_at,
    )
    return ready and found.state != Project.State.STOPPED and not made.exists()


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    user = who(request)
    customer = customer_for(user, whole(request.GET.get("customer", "")) or 0)
    require(user, Page.EDIT_CUSTOMERS)
    form = ProjectForm(request.POST or None, customer=customer, today=today())
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.begin(customer, form.planned(), by=user, at=timezone.now())
        except InputRefused as wrong:
            form.add_error(wrong.column, in_words(wrong))
        else:
            return ended(request, _("Project begun"), to=address(made.pk), moves=True)
    context = {"customer": customer, "address": request.get_full_path()}
    return sheet(request, form, template="work/onboarding/_project_form.html", context=context)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = who(request)
    found = project_for(user, pk)
    require(user, Page.EDIT_CUSTOMERS)
    form = ProjectForm(request.POST or None, customer=found.customer, today=today(), project=found)
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"] or 0
        try:
            actions.edit(found, form.planned(), version=version, by=user, at=timezone.now())
        except InputRefused as wrong:
            found.refresh_from_db()
            customer = found.customer
            blame(
                form,
                wrong,
                fresh=lambda: ProjectForm(customer=customer, today=today(), project=found),
            )
        else:
            return ended(request, _("Saved"), to=address(pk))
    context = {
        "customer": found.customer,
        "project": found,
        "address": reverse("onboarding:edit_project", args=[pk]),
    }
    return sheet(request, form, template="work/onboarding/_project_form.html", context=context)


@require_http_methods(["GET", "POST"])
def phase(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """A phase is done on a day, or not after all."""
    user = who(request)
    found = project_for(user, pk)
    require(user, Page.EDIT_CUSTOMERS)
    row = Phase.objects.filter(project=found, name=name).first()
    if row is None:
        raise Http404
    form = PhaseForm(request.POST or None, phase=row, today=today())
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_phase(found, name=name, **form.cleaned_data, by=user, at=timezone.now())
        except InputRefused as wrong:
            row.refresh_from_db()
            blame(form, wrong, fresh=lambda: PhaseForm(phase=row, today=today()))
        else:
            told = {"phase": row.get_name_display(), "title": found.title}
            return ended(request, _("%(title)s: %(phase)s written down") % told, to=address(pk))
    context = {"project": found, "phase": row}
    return sheet(request, form, template="work/onboarding/_phase.html", context=context)


@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    user = who(request)
    found = project_for(user, pk)
    require(user, Page.EDIT_CUSTOMERS)
    form = StopForm(request.POST or None, initial={"version": found.version})
    if request.method == "POST" and form.is_valid():
        try:
            actions.stop(found, **form.cleaned_data, by=user, at=timezone.now())
        except InputRefused as wrong:
            found.refresh_from_db()
            blame(form, wrong, fresh=lambda: StopForm(initial={"version": found.version}))
        else:
            undo = reverse("onboarding:resume_project", args=[pk])
            return ended(request, _("Project stopped"), to=address(pk), undo=undo)
    context = {
        "title": _("Stop this project"),
        "customer": found.customer,
        "address": reverse("onboarding:stop_project", args=[pk]),
    }
    return sheet(request, form, template="work/onboarding/_stop.html", context=context)


@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    user = who(request)
    found = project_for(user, pk)
    require(user, Page.EDIT_CUSTOMERS)
    try:
        actions.resume(found, by=user, at=timezone.now())
    except InputRefused as wrong:
        return refused(request, wrong, to=address(pk))
    return ended(request, _("Project goes on"), to=address(pk))

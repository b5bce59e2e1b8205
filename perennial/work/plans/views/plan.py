"""One plan: its page, and the acts on it as a whole."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.customers.conversation.queries import conversation
from perennial.customers.models import About, FitOpinion
from perennial.customers.queries import assignable_owners, visible_customers
from perennial.team.access import Page, can, require
from perennial.team.models import AuditEntry, User
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.units.whole import whole
from perennial.web.fragments import wants
from perennial.work.models import Plan
from perennial.work.plans.actions import plans as acts
from perennial.work.plans.actions.definitions import publish, template_of
from perennial.work.plans.definitions import Kind
from perennial.work.plans.forms.plan import (
    CopyForm,
    JudgeForm,
    PlanForm,
    TemplateForm,
)
from perennial.work.plans.queries import (
    history_of,
    links_of,
    plan_for,
    said_with_customer,
    strategies_of,
    visible_plans,
    whole_plans,
)
from perennial.work.plans.shown import shown
from perennial.work.plans.views.sheets import finished, plan_editor, refused, run, today
from perennial.work.plans.wording import ACTS, changes_of


@require_GET
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan whole; htmx asks for its body alone after a change."""
    user = who(request)
    require(user, Page.CUSTOMERS)
    found = whole_plans(visible_plans(user).filter(pk=pk)).first()
    if found is None:
        raise Http404
    context = plan_context(user, found)
    if wants(request, "plan"):
        return render(request, "work/plans/plan_body.html", context)
    return render(request, "work/plans/plan.html", context)


def plan_context(user: User, found: Plan) -> dict[str, Any]:
    """Everything that the page of a plan shows."""
    now = timezone.now()
    links = list(links_of(found))
    return {
        "plan": found,
        "customer": found.customer,
        "it": shown(found, today=today()),
        "strategies": strategies_of(found),
        "links": [(link, link_state(link, now)) for link in links],
        "said": said_with_customer(found),
        "talk": conversation(user, found.customer, About.PLAN, found.pk),
        "lines": [
            (line, ACTS.get(line.action, line.action), changes_of(line))
            for line in history_of(found)
        ],
        "opinion": FitOpinion.objects.filter(customer=found.customer)
        .select_related("by")
        .order_by("-said_on", "-pk")
        .first(),
        "next_states": [(it.value, it.label) for it in acts.STEPS[found.state]],
        "can_edit": can(user, Page.EDIT_CUSTOMERS),
        "can_define": can(user, Page.WORK_DEFINITIONS),
        "today": today(),
    }


def link_state(link: Any, now: Any) -> str:
    """open, expired or revoked."""
    if link.revoked_at is not None:
        return "revoked"
    return "expired" if link.expires_at and link.expires_at <= now else "open"


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    user, found = plan_editor(request, pk)
    form = PlanForm(request.POST or None, plan=found, owners=assignable_owners(user))

    def act() -> AuditEntry:
        given = dict(form.cleaned_data)
        version, owner = given.pop("version"), given.pop("owner")
        given["owner_id"] = int(owner) if owner else None
        return acts.edit_plan(found, changes=given, version=version, by=user, at=timezone.now())

    return run(request, found.customer, form, act, title=_("The plan"), said=_("Saved"), row=found)


@require_http_methods(["GET", "POST"])
def judge(request: HttpRequest, pk: int) -> HttpResponse:
    """Is it a customer for whom we are made."""
    user, found = plan_editor(request, pk)
    said = FitOpinion.objects.filter(customer=found.customer).order_by("-said_on", "-pk").first()
    initial = {"fit": said.value if said else "", "reason": found.judgement}
    form = JudgeForm(request.POST or None, initial=initial | {"version": found.version})

    def act() -> AuditEntry:
        return acts.judge(found, **form.cleaned_data, by=user, at=timezone.now())

    hint = _("Never shared. It is also kept as the CSM's opinion beside the customer's fit.")
    return run(
        request,
        found.customer,
        form,
        act,
        title=_("Target customer?"),
        said=_("Written down"),
        context={"hint": hint},
        row=found,
    )


@require_POST
def state(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Begin, end, take up again."""
    user, found = plan_editor(request, pk)
    version = whole(request.POST.get("version", "")) or 0
    if name not in Plan.State.values:
        raise Http404
    try:
        entry = acts.set_state(found, state=name, version=version, by=user, at=timezone.now())
    except InputRefused as wrong:
        return refused(request, found.customer, wrong)
    said = _("The plan is %(state)s") % {"state": found.get_state_display()}
    return finished(request, found.customer, entry, said=said)


@require_http_methods(["GET", "POST"])
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """The same goals and joint actions again, here or at another customer."""
    user, found = plan_editor(request, pk)
    initial = {"customer": found.customer.name, "title": found.title, "starts_on": today()}
    form = CopyForm(request.POST or None, initial=initial)

    def act() -> AuditEntry | None:
        given = dict(form.cleaned_data)
        name = given.pop("customer").strip()
        seen = visible_customers(user)
        match = seen.filter(name=name)[:2] or seen.filter(external_id=name)[:2]
        if len(match) != 1:
            raise InputRefused(
                _("There is no customer of this name, or several."), column="customer"
            )
        made = acts.copy_plan(found, customer=match[0], **given, by=user, at=timezone.now())
        return AuditEntry.objects.filter(object_type="plan", object_id=str(made.pk)).last()

    hint = _("Goals and joint actions move with the start. It is a draft again.")
    return run(
        request,
        found.customer,
        form,
        act,
        title=_("Copy this plan"),
        said=_("Copied as a draft"),
        context={"hint": hint},
    )


@require_http_methods(["GET", "POST"])
def as_template(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the goals and joint actions of a plan as a template."""
    user = who(request)
    require(user, Page.WORK_DEFINITIONS)
    found = plan_for(user, pk)
    form = TemplateForm(request.POST or None, initial={"title": found.title})

    def act() -> None:
        definition = template_of(found, **form.cleaned_data)
        publish(Kind.SUCCESS_PLAN, definition, by=user, at=timezone.now())

    return run(
        request, found.customer, form, act, title=_("Keep as a template"), said=_("Template kept")
    )


def opened_plan(user: User, pk: int) -> Plan:
    """A plan with its goals and actions, or Http404."""
    found = whole_plans(visible_plans(user).filter(pk=pk)).first()
    if found is None:
        raise Http404
    return found


def headings(first: int) -> dict[str, int]:
    """The ranks of a shared plan's headings, beginning with its title."""
    return {"above": first, "level": first + 1, "below": first + 2}

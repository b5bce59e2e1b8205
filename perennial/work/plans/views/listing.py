"""The plans of one's book, and of one customer."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.customers.queries import customer_for, visible_customers
from perennial.customers.sheets import editor
from perennial.team.access import Page, can, require
from perennial.team.models import AuditEntry
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.web.fragments import wants
from perennial.work.plans import panels
from perennial.work.plans.actions.calls import take_back
from perennial.work.plans.actions.changing import MODELS
from perennial.work.plans.actions.plans import make_plan
from perennial.work.plans.definitions import Kind, in_force
from perennial.work.plans.forms.plan import NewPlanForm
from perennial.work.plans.queries import (
    TABS,
    counts,
    overdue,
    shared_plans,
    visible_plans,
    whole_plans,
)
from perennial.work.plans.shown import shown
from perennial.work.plans.views.sheets import finished, refused, run, today
from perennial.work.plans.wording import in_language

PER_PAGE = 25


@require_GET
def plans(request: HttpRequest) -> HttpResponse:
    """Plans of the customers that the user sees: running, drafts, ended."""
    user = who(request)
    require(user, Page.CUSTOMERS)
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "active"
    seen = visible_plans(user)
    ordered = seen.filter(state__in=TABS[tab]).order_by(
        F("ends_on").asc(nulls_last=True), "-starts_on", "pk"
    )
    page = Paginator(whole_plans(ordered), PER_PAGE).get_page(request.GET.get("page"))
    shared = shared_plans([it.pk for it in page], at=timezone.now())
    now = today()
    context = {
        "tab": tab,
        "counts": counts(seen),
        "late_touchpoints": overdue(user, on=now).count(),
        "page": page,
        "plans": [shown(it, today=now, is_shared=it.pk in shared) for it in page],
        "can_define": can(user, Page.WORK_DEFINITIONS),
        "can_edit": can(user, Page.EDIT_CUSTOMERS),
    }
    if wants(request, "plans"):
        return render(request, "work/plans/list_table.html", context)
    return render(request, "work/plans/list.html", context)


@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """For which customer the new plan is."""
    user = who(request)
    require(user, Page.EDIT_CUSTOMERS)
    text = request.GET.get("q", "").strip()[:100]
    found = visible_customers(user).order_by("name")
    if text:
        found = found.filter(name__icontains=text) | found.filter(name_en__icontains=text)
    context = {"q": text, "found": found[:8]}
    return render(request, "work/plans/choose.html", context)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, customer_pk: int) -> HttpResponse:
    """A plan for a customer, empty or from a template."""
    user, customer = editor(request, customer_pk)
    templates = in_force(Kind.SUCCESS_PLAN)
    named = [(name, in_language(it["title"])) for name, it in templates.items()]
    form = NewPlanForm(request.POST or None, templates=named, today=today())

    def act() -> AuditEntry | None:
        plan = make_plan(
            customer,
            **form.cleaned_data,
            language="zh" if (get_language() or "").startswith("zh") else "en",
            by=user,
            at=timezone.now(),
        )
        return AuditEntry.objects.filter(object_type="plan", object_id=str(plan.pk)).last()

    return run(
        request,
        customer,
        form,
        act,
        title=_("New success plan"),
        said=_("Draft made"),
        context={"hint": _("It starts as a draft; nobody outside sees it.")},
    )


@require_GET
def card(request: HttpRequest, customer_pk: int, name: str) -> HttpResponse:
    """A card of the customer's page, after something changed."""
    user = who(request)
    customer = customer_for(user, customer_pk)
    panel = panels.TOUCHPOINTS if name == "touchpoints" else panels.PLANS
    found = panel.build(user, customer, today()) or {}
    return render(request, panel.template, {**found, "customer": customer})


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what a line of the history says."""
    user = who(request)
    entry = get_object_or_404(AuditEntry, pk=pk, detail__of__in=list(MODELS))
    customer = customer_for(user, int(entry.detail["customer"]))
    require(user, Page.EDIT_CUSTOMERS)
    try:
        take_back(entry, by=user, at=timezone.now())
    except InputRefused as wrong:
        return refused(request, customer, wrong)
    if "HX-Request" not in request.headers:
        return redirect("plans:list")
    return finished(request, customer, None, said=_("Undone"))

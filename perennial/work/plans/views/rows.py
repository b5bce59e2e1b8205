"""Goals, joint actions and strategies of a plan: sheets and small acts."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from perennial.customers.queries import assignable_owners
from perennial.team.models import AuditEntry, User
from perennial.units.errors import InputRefused
from perennial.units.whole import whole
from perennial.work.models import Goal, PlanAction, Strategy
from perennial.work.plans.actions import goals, joint
from perennial.work.plans.forms.rows import ActionForm, GoalForm, ReadingForm, StrategyForm
from perennial.work.plans.views.sheets import finished, plan_editor, refused, run, today


def _goal(request: HttpRequest, pk: int) -> tuple[User, Goal]:
    goal = Goal.objects.filter(pk=pk).first()
    user, plan = plan_editor(request, goal.plan_id if goal else 0)
    if goal is None:
        raise Http404
    goal.plan = plan
    return user, goal


def _action(request: HttpRequest, pk: int) -> tuple[User, PlanAction]:
    action = PlanAction.objects.filter(pk=pk).select_related("owner", "person").first()
    user, plan = plan_editor(request, action.plan_id if action else 0)
    if action is None:
        raise Http404
    action.plan = plan
    return user, action


def _strategy(request: HttpRequest, pk: int) -> tuple[User, Strategy]:
    strategy = Strategy.objects.filter(pk=pk).select_related("person").first()
    user, plan = plan_editor(request, strategy.plan_id if strategy else 0)
    if strategy is None:
        raise Http404
    strategy.plan = plan
    return user, strategy


@require_http_methods(["GET", "POST"])
def new_goal(request: HttpRequest, pk: int) -> HttpResponse:
    user, plan = plan_editor(request, pk)
    form = GoalForm(request.POST or None, goal=None)

    def act() -> AuditEntry:
        return goals.add_goal(plan, values=form.values(), by=user, at=timezone.now())

    return run(request, plan.customer, form, act, title=_("New goal"), said=_("Goal added"))


@require_http_methods(["GET", "POST"])
def goal(request: HttpRequest, pk: int) -> HttpResponse:
    user, found = _goal(request, pk)
    form = GoalForm(request.POST or None, goal=found)

    def act() -> AuditEntry:
        version = form.cleaned_data["version"]
        return goals.edit_goal(
            found, values=form.values(), version=version, by=user, at=timezone.now()
        )

    customer = found.plan.customer
    context = {"remove": "plans:remove_goal", "pk": pk}
    return run(
        request,
        customer,
        form,
        act,
        title=_("The goal"),
        said=_("Saved"),
        context=context,
        row=found,
    )


@require_http_methods(["GET", "POST"])
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down a value of the customer's own."""
    user, found = _goal(request, pk)
    form = ReadingForm(request.POST or None, today=today())

    def act() -> AuditEntry:
        return goals.read(found, **form.cleaned_data, by=user, at=timezone.now())

    readings = found.readings.select_related("by").order_by("-on")[:12]
    return run(
        request,
        found.plan.customer,
        form,
        act,
        title=found.title,
        said=_("Value written down"),
        context={"readings": readings, "goal": found},
    )


@require_http_methods(["GET", "POST"])
def new_action(request: HttpRequest, pk: int) -> HttpResponse:
    user, plan = plan_editor(request, pk)
    form = ActionForm(request.POST or None, plan=plan, action=None, owners=assignable_owners(user))
    if request.method == "GET" and request.GET.get("side") in PlanAction.Side.values:
        form.initial["side"] = request.GET["side"]

    def act() -> AuditEntry:
        return joint.add_action(plan, values=form.values(), by=user, at=timezone.now())

    title = _("New joint action")
    return run(request, plan.customer, form, act, title=title, said=_("Joint action added"))


@require_http_methods(["GET", "POST"])
def action(request: HttpRequest, pk: int) -> HttpResponse:
    user, found = _action(request, pk)
    form = ActionForm(
        request.POST or None, plan=found.plan, action=found, owners=assignable_owners(user)
    )

    def act() -> AuditEntry:
        version = form.cleaned_data["version"]
        return joint.edit_action(
            found, values=form.values(), version=version, by=user, at=timezone.now()
        )

    return run(
        request,
        found.plan.customer,
        form,
        act,
        title=_("The joint action"),
        said=_("Saved"),
        context={"remove": "plans:remove_action", "pk": pk},
        row=found,
    )


@require_POST
def tick(request: HttpRequest, pk: int) -> HttpResponse:
    """Done, or open again."""
    user, found = _action(request, pk)
    version, now = whole(request.POST.get("version", "")) or 0, timezone.now()
    try:
        if found.done_on is None:
            entry = joint.finish(found, done_by=user.name, version=version, by=user, at=now)
            said = _("Done: %(title)s") % {"title": found.title}
        else:
            entry = joint.unfinish(found, version=version, by=user, at=now)
            said = _("Open again: %(title)s") % {"title": found.title}
    except InputRefused as wrong:
        return refused(request, found.plan.customer, wrong)
    return finished(request, found.plan.customer, entry, said=said)


@require_http_methods(["GET", "POST"])
def new_strategy(request: HttpRequest, pk: int) -> HttpResponse:
    user, plan = plan_editor(request, pk)
    form = StrategyForm(request.POST or None, plan=plan, strategy=None)

    def act() -> AuditEntry:
        return joint.set_strategy(
            plan, strategy=None, values=form.values(), version=1, by=user, at=timezone.now()
        )

    hint = _("Never shared, whatever the link allows.")
    title = _("Strategy for a stakeholder")
    context = {"hint": hint}
    return run(
        request, plan.customer, form, act, title=title, said=_("Strategy written"), context=context
    )


@require_http_methods(["GET", "POST"])
def strategy(request: HttpRequest, pk: int) -> HttpResponse:
    user, found = _strategy(request, pk)
    form = StrategyForm(request.POST or None, plan=found.plan, strategy=found)

    def act() -> AuditEntry:
        version = form.cleaned_data["version"]
        return joint.set_strategy(
            found.plan,
            strategy=found,
            values=form.values(),
            version=version,
            by=user,
            at=timezone.now(),
        )

    return run(
        request,
        found.plan.customer,
        form,
        act,
        title=_("Strategy for a stakeholder"),
        said=_("Saved"),
        context={"remove": "plans:remove_strategy", "pk": pk},
        row=found,
    )


@require_POST
def remove_goal(request: HttpRequest, pk: int) -> HttpResponse:
    user, found = _goal(request, pk)
    entry = goals.remove_goal(found, by=user, at=timezone.now())
    return finished(request, found.plan.customer, entry, said=_("Goal removed"))


@require_POST
def remove_action(request: HttpRequest, pk: int) -> HttpResponse:
    user, found = _action(request, pk)
    entry = joint.remove_action(found, by=user, at=timezone.now())
    return finished(request, found.plan.customer, entry, said=_("Joint action removed"))


@require_POST
def remove_strategy(request: HttpRequest, pk: int) -> HttpResponse:
    user, found = _strategy(request, pk)
    entry = joint.remove_strategy(found, by=user, at=timezone.now())
    return finished(request, found.plan.customer, entry, said=_("Strategy removed"))

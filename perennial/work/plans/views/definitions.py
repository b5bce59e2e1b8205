"""Plan templates, and the rules by which touchpoints are planned."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.customers.models import Stage
from perennial.customers.queries import visible_customers
from perennial.team import days
from perennial.team.access import Page, can, require
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.web.faults import in_words
from perennial.work.conflict import blame
from perennial.work.models import Touchpoint
from perennial.work.plans.actions.definitions import publish, retire
from perennial.work.plans.definitions import Kind, faults_of, in_force, version_of
from perennial.work.plans.forms.touchpoints import RuleForm
from perennial.work.plans.planning import asked_for
from perennial.work.plans.rules.template import NAME, rule_of
from perennial.work.plans.rules.touchpoints import AHEAD_DAYS
from perennial.work.plans.shown import rule_days
from perennial.work.plans.views.sheets import today
from perennial.work.plans.wording import ANCHORS, KIND_ICONS, in_language


@require_GET
def definitions(request: HttpRequest) -> HttpResponse:
    """Both kinds as they hold now."""
    user = who(request)
    require(user, Page.CUSTOMERS)
    rules = [_rule_row(it) for it in in_force(Kind.TOUCHPOINTS).values()]
    templates = [
        {
            "name": name,
            "title": in_language(it["title"]),
            "days": it["days"],
            "goals": [in_language(one["title"]) for one in it["goals"]],
            "actions": [in_language(one["title"]) for one in it["actions"]],
        }
        for name, it in in_force(Kind.SUCCESS_PLAN).items()
    ]
    context = {
        "rules": rules,
        "templates": templates,
        "can_define": can(user, Page.WORK_DEFINITIONS),
        "kind_plan": Kind.SUCCESS_PLAN.value,
        "kind_touchpoints": Kind.TOUCHPOINTS.value,
        "ahead_days": AHEAD_DAYS,
    }
    return render(request, "work/plans/definitions.html", context)


def _rule_row(definition: dict[str, Any]) -> dict[str, Any]:
    rule = rule_of(definition)
    stages = dict(Stage.choices)
    return {
        "name": rule.name,
        "title": in_language(rule.title),
        "icon": KIND_ICONS[rule.kind],
        "kind": dict(Touchpoint.Kind.choices)[rule.kind],
        "anchor": ANCHORS[rule.anchor],
        "days": rule_days(rule),
        "stages": [stages[it] for it in rule.stages],
    }


@require_http_methods(["GET", "POST"])
def rule(request: HttpRequest, name: str) -> HttpResponse:
    """One rule of touchpoints; `preview` says how many it would plan, without writing."""
    user = who(request)
    require(user, Page.WORK_DEFINITIONS)
    if NAME.fullmatch(name) is None:
        raise Http404
    form = _form(name, request.POST or None)
    found: tuple[int, int] | None = None
    if request.method == "POST" and form.is_valid():
        definition = form.definition(name)
        if request.POST.get("do") == "preview":
            found = _preview(user, form, definition)
        else:
            try:
                version = form.cleaned_data["version"]
                publish(Kind.TOUCHPOINTS, definition, version=version, by=user, at=timezone.now())
            except InputRefused as wrong:
                blame(form, wrong, fresh=lambda: _form(name))
            else:
                return redirect("plans:definitions")
    context = {
        "form": form,
        "name": name,
        "is_new": name not in in_force(Kind.TOUCHPOINTS),
        "preview": found,
        "ahead_days": AHEAD_DAYS,
    }
    status = 422 if form.errors else 200
    return render(request, "work/plans/rule.html", context, status=status)


def _form(name: str, data: QueryDict | None = None) -> RuleForm:
    held = in_force(Kind.TOUCHPOINTS).get(name)
    return RuleForm(data, definition=held, version=version_of(Kind.TOUCHPOINTS, name))


def _preview(user: User, form: RuleForm, definition: dict[str, Any]) -> tuple[int, int] | None:
    """How many touchpoints at how many customers the rule would plan from today on."""
    faults = faults_of(Kind.TOUCHPOINTS, definition)
    if faults:
        form.add_error(None, in_words(faults[0]))
        return None
    wanted = asked_for([rule_of(definition)], day=days.last_day() or today())
    seen = set(visible_customers(user).values_list("pk", flat=True))
    mine = [customer for customer, _key in wanted if customer in seen]
    return len(mine), len(set(mine))


@require_POST
def drop(request: HttpRequest, kind: str, name: str) -> HttpResponse:
    """Retire a template or rule; what was made by it stays."""
    user = who(request)
    require(user, Page.WORK_DEFINITIONS)
    if kind not in (Kind.SUCCESS_PLAN.value, Kind.TOUCHPOINTS.value):
        raise Http404
    try:
        retire(Kind(kind), name, by=user, at=timezone.now())
    except InputRefused as wrong:
        raise Http404 from wrong
    return redirect("plans:definitions")

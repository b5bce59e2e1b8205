"""Own metrics and north-star goals: forms with what they would say of real customers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.events.models import Feature
from perennial.metrics.actions import (
    define_metric,
    drop_goal,
    goal_faults,
    metric_faults,
    retire_metric,
    set_activity_rule,
    set_goal,
)
from perennial.metrics.forms import COMPARISONS, GoalForm, OwnForm, RuleForm
from perennial.metrics.queries.book import Looked
from perennial.metrics.queries.named import named_of
from perennial.metrics.queries.own import activity_rule, goals, own_metrics
from perennial.metrics.queries.reach import Reach, reach_of
from perennial.metrics.rules.own import GoalDefinition
from perennial.metrics.rules.states import ActivityRule
from perennial.metrics.views.asked import figures_for, named_or_404, today, whose
from perennial.metrics.wording import shown
from perennial.team.access import Page, can, require
from perennial.team.request import who
from perennial.units.errors import InputRefused, RowError
from perennial.web.faults import in_words

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Aimed:
    """A goal as the page shows it."""

    goal: GoalDefinition
    title: str
    metric: str
    target: str
    comparison: str
    reach: Reach


def _blame(form: forms.Form, faults: Sequence[RowError]) -> None:
    for fault in faults:
        column = {"title": "title_zh", "unit": "unit_zh"}.get(fault.column or "", fault.column)
        form.add_error(column if column in form.fields else None, in_words(fault))


def _kept(form: forms.Form, keep: Callable[[], object]) -> bool:
    try:
        keep()
    except InputRefused as refused:
        _blame(form, refused.errors)
        return False
    return True


def _so_far(request: HttpRequest) -> QueryDict:
    """What is written so far; names that are still to come do not hinder a preview."""
    given = request.GET.copy()
    for field, filler in (("name", "preview"), ("title_zh", "–"), ("title_en", "–")):
        if not given.get(field):
            given[field] = filler
    return given


@require_http_methods(["GET", "POST"])
def own(request: HttpRequest, name: str = "") -> HttpResponse:
    """Define a metric of one's own, or a new version of it."""
    user = who(request)
    require(user, Page.METRIC_DEFINITIONS)
    known = next((it for it in own_metrics() if it.name == name), None)
    if name and known is None:
        raise Http404
    form = OwnForm(request.POST if request.method == "POST" else None, known=known)
    if form.is_valid():
        made = form.definition()
        if _kept(form, lambda: define_metric(made, by=user, at=timezone.now())):
            messages.success(request, _("%(name)s counts from now on.") % {"name": made.name})
            return redirect("metrics:metric", made.name)
    context: dict[str, object] = {
        "form": form,
        "known": known,
        "features": Feature.objects.order_by("name").values_list("name", flat=True),
    }
    if known:
        context |= {"figures": figures_for(user, Looked(named_of(known))), "most": SHOWN}
    return render(request, "metrics/own.html", context, status=422 if form.errors else 200)


@require_GET
def own_preview(request: HttpRequest) -> HttpResponse:
    """What the metric says of real customers, while it is written."""
    user = who(request)
    require(user, Page.METRIC_DEFINITIONS)
    form = OwnForm(_so_far(request))
    context: dict[str, object] = {"most": SHOWN}
    if form.is_valid():
        faults = [it for it in metric_faults(form.definition()) if it.column != "name"]
        if faults:
            context["why_not"] = in_words(faults[0])
        else:
            context["figures"] = figures_for(user, Looked(named_of(form.definition())))
    else:
        context["why_not"] = next(iter(form.errors.values()))[0]
    return render(request, "metrics/_preview.html", context)


@require_POST
def retire(request: HttpRequest, name: str) -> HttpResponse:
    user = who(request)
    require(user, Page.METRIC_DEFINITIONS)
    try:
        retire_metric(name, by=user, at=timezone.now())
    except InputRefused as refused:
        messages.error(request, in_words(refused))
        return redirect("metrics:metric", named_or_404(name).name)
    messages.success(request, _("%(name)s is retired; its versions are kept.") % {"name": name})
    return redirect("metrics:catalogue")


@require_http_methods(["GET", "POST"])
def goals_page(request: HttpRequest) -> HttpResponse:
    """The north-star goals, how many customers meet them, and the rule of activity."""
    user = who(request)
    require(user, Page.METRICS)
    rule = activity_rule()
    initial = {name: getattr(rule, name) for name in RuleForm.base_fields}
    form = RuleForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST":
        require(user, Page.METRIC_DEFINITIONS)
        if form.is_valid():
            wanted = ActivityRule(**form.cleaned_data)
            if _kept(form, lambda: set_activity_rule(wanted, by=user, at=timezone.now())):
                messages.success(request, _("Saved; the next day counts by it."))
                return redirect("metrics:goals")
    context = {
        "aims": [_aimed(request, goal) for goal in goals()],
        "form": form,
        "rule": rule,
        "whose": whose(user),
        "can_define": can(user, Page.METRIC_DEFINITIONS),
    }
    return render(request, "metrics/goals.html", context, status=422 if form.errors else 200)


def _aimed(request: HttpRequest, goal: GoalDefinition) -> Aimed:
    named = named_or_404(goal.metric)
    zh = request.LANGUAGE_CODE.startswith("zh")
    return Aimed(
        goal,
        goal.title_zh if zh else goal.title_en,
        str(named.title),
        shown(named, goal.target),
        str(COMPARISONS[goal.comparison]),
        reach_of(who(request), goal, as_of=today()),
    )


@require_http_methods(["GET", "POST"])
def goal(request: HttpRequest, name: str = "") -> HttpResponse:
    """Set a goal, or change one."""
    user = who(request)
    require(user, Page.METRIC_DEFINITIONS)
    known = next((it for it in goals() if it.name == name), None)
    if name and known is None:
        raise Http404
    form = GoalForm(request.POST if request.method == "POST" else None, known=known)
    if form.is_valid():
        made = form.definition()
        if _kept(form, lambda: set_goal(made, by=user, at=timezone.now())):
            messages.success(request, _("%(name)s is a goal from now on.") % {"name": made.name})
            return redirect("metrics:goals")
    context: dict[str, object] = {"form": form, "known": known}
    if known:
        context["reach"] = reach_of(user, known, as_of=today())
    return render(request, "metrics/goal.html", context, status=422 if form.errors else 200)


@require_GET
def goal_preview(request: HttpRequest) -> HttpResponse:
    """How many customers would meet the goal today, while it is written."""
    user = who(request)
    require(user, Page.METRIC_DEFINITIONS)
    form = GoalForm(_so_far(request))
    context: dict[str, object] = {}
    if not form.is_valid():
        context["why_not"] = next(iter(form.errors.values()))[0]
    elif faults := [it for it in goal_faults(form.definition()) if it.column != "name"]:
        context["why_not"] = in_words(faults[0])
    else:
        context["reach"] = reach_of(user, form.definition(), as_of=today())
    return render(request, "metrics/_reach.html", context)


@require_POST
def drop(request: HttpRequest, name: str) -> HttpResponse:
    user = who(request)
    require(user, Page.METRIC_DEFINITIONS)
    if not any(it.name == name for it in goals()):
        raise Http404
    drop_goal(name, by=user, at=timezone.now())
    messages.success(request, _("%(name)s is no goal any more.") % {"name": name})
    return redirect("metrics:goals")

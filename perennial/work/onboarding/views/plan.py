"""The definition of the way in: who brings customers in, the plan, what stages carry; its editor
shows whom a change would mean before it counts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.customers.actions import EditConflict
from perennial.customers.models import Grade, Stage, Tier, TouchKind
from perennial.team.access import Page, can, require
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.errors import InputRefused, RowError
from perennial.units.whole import whole
from perennial.web.faults import in_words
from perennial.work.models import OwnerKind
from perennial.work.onboarding.actions.definitions import newest_version, publish
from perennial.work.onboarding.forms.definition import Plain, definition_from, stepped
from perennial.work.onboarding.queries.definitions import in_force, versions
from perennial.work.onboarding.queries.preview import preview_of
from perennial.work.onboarding.rules.definition import Definition, Measure, of, plain
from perennial.work.onboarding.rules.faults import faults_of
from perennial.work.onboarding.views.ending import as_of
from perennial.work.onboarding.wording import CARRIED, MEASURES, how, told


@require_GET
def plan(request: HttpRequest) -> HttpResponse:
    """What holds now, and its versions."""
    user = who(request)
    require(user, Page.TODAY)
    definition = in_force()
    context = {
        "definition": definition,
        "steps": [(it, told(it.title), how(it)) for it in definition.steps],
        "stages": _stages(definition),
        "versions": versions().select_related("by"),
        "can_edit": can(user, Page.WORK_DEFINITIONS),
    }
    return render(request, "work/onboarding/plan.html", context)


def _stages(definition: Definition) -> list[tuple[str, str, list[Any]]]:
    """Each stage with what it carries, in the order of the journey."""
    return [
        (
            stage.value,
            str(stage.label),
            [
                (told(it.title), CARRIED[it.kind], it.kind, it.tiers)
                for it in definition.carries
                if it.stage == stage
            ],
        )
        for stage in Stage
    ]


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest) -> HttpResponse:
    """GET: what holds. POST: a step of the form, or publish."""
    user = who(request)
    require(user, Page.WORK_DEFINITIONS)
    if request.method == "GET":
        return _editor(request, user, plain(in_force()), version=newest_version())
    definition = definition_from(request.POST)
    version = whole(request.POST.get("version", ""))
    do = request.POST.get("do", "preview")
    if do != "publish":
        return _editor(request, user, stepped(definition, do), version=version)
    try:
        made = publish(definition, version=version, by=user, at=timezone.now())
    except EditConflict as faster:  # the next attempt knows the newest, and may replace it
        said, newest = in_words(faster), newest_version()
        return _editor(request, user, definition, version=newest, refused=said, status=422)
    except InputRefused:
        return _editor(request, user, definition, version=version, status=422)
    if made is None:
        messages.info(request, _("This is in force already."))
    else:
        text = _("Version %(version)s counts; plans that run keep theirs.")
        messages.success(request, text % {"version": made.version})
    address = reverse("onboarding:plan")
    if "HX-Request" in request.headers:
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)


def _editor(
    request: HttpRequest,
    user: User,
    definition: Plain,
    *,
    version: int | None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    faults = faults_of(definition)
    context = {
        "version": version,
        "refused": refused,
        "definition": definition,
        "words": "，".join(definition["deal_sizes"].get("work_words", ())),
        "steps": [
            {**it, "at": at, "faults": _at(faults, f"milestones.{at}"), "least": _least(it)}
            for at, it in enumerate(definition["milestones"])
        ],
        "stages": _by_stage(definition, faults),
        "measures": [(str(it), MEASURES[it]) for it in Measure],
        "carried": list(CARRIED.items()),
        "touches": TouchKind.choices,
        "grades": Grade.values,
        "tiers": Tier.values,
        "wrong": [
            in_words(it)
            for it in faults
            if not (it.column or "").startswith(("milestones.", "stages."))
        ],
        "next": newest_version() + 1,
        **_previewed(user, definition, faults),
    }
    partial = "HX-Request" in request.headers
    template = "work/onboarding/_editor.html" if partial else "work/onboarding/plan_edit.html"
    return render(request, template, context, status=status)


def _by_stage(definition: Plain, faults: list[RowError]) -> list[tuple[str, str, list[Plain]]]:
    """What each stage carries, with its place in the text and what is wrong there."""
    carried = [
        {**it, "at": at, "faults": _at(faults, f"stages.{at}")}
        for at, it in enumerate(definition["stages"])
    ]
    return [
        (stage.value, str(stage.label), [it for it in carried if it.get("stage") == stage])
        for stage in Stage
    ]


def _least(it: Plain) -> object:
    """A share is typed as a percentage."""
    value = it.get("at_least", 1)
    if it.get("by") == Measure.SEATS and isinstance(value, int | float):
        return round(value * 100)
    return value


def _at(faults: list[RowError], place: str) -> list[str]:
    return [
        in_words(it)
        for it in faults
        if it.column == place or (it.column or "").startswith(f"{place}.")
    ]


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Who would be brought in by whom, as the limits are typed."""
    user = who(request)
    require(user, Page.WORK_DEFINITIONS)
    definition = definition_from(request.POST)
    context = _previewed(user, definition, faults_of(definition))
    return render(request, "work/onboarding/_preview.html", context)


def _previewed(user: User, definition: Plain, faults: list[RowError]) -> dict[str, Any]:
    told_faults = [in_words(it) for it in faults]
    if faults:
        return {"preview": None, "has_faults": True, "faults": told_faults}
    found = preview_of(user, of(definition), day=as_of())
    kinds = [(OwnerKind(kind).label, before, after) for kind, before, after in found.kinds]
    return {"preview": found, "kinds": kinds, "has_faults": False}

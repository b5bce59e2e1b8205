"""Features: what autocapture saw, and the names that people give to it, counted back in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.events.actions.features import change_feature, forget_feature, name_feature
from perennial.events.feature_form import CAPTURES, FeatureForm, rule_of_query
from perennial.events.models import FEATURES_AT_MOST, Feature
from perennial.events.queries.captured import Preview, Seen, Use, preview, seen, use_of_features
from perennial.events.queries.feature_rules import rule_of
from perennial.events.rules.features import FeatureRule, compared, refuse_wrong, suggested
from perennial.events.views.frame import frame, host_of
from perennial.team.access import Page, can, require
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.units.moment import business_day
from perennial.web.faults import in_words


@dataclass(frozen=True, slots=True)
class Row:
    """A feature of the list; `use` None: nobody in 28 days."""

    feature: Feature
    what: str | Promise
    use: Use | None


@dataclass(frozen=True, slots=True)
class Found:
    """Something captured; `names` are the features that it counts for already."""

    it: Seen
    what: str | Promise
    names: Sequence[str]
    pattern: str
    address: str


def _today() -> date:
    return business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)


@require_GET
def features(request: HttpRequest) -> HttpResponse:
    """The features that are tracked, and what else was clicked, sent and looked at."""
    user = who(request)
    require(user, Page.METRICS)
    event, search = request.GET.get("event", ""), request.GET.get("q", "")[:200]
    used = use_of_features(user, last_on=_today())
    known = list(Feature.objects.order_by("-deep", "name"))
    rules = [(it.name, rule) for it in known if (rule := rule_of(it))]
    rows = [Row(it, CAPTURES.get(it.event, ""), used.get(it.bit)) for it in known]
    context = {
        "named": [row for row in rows if row.feature.event],
        "events": [row for row in rows if not row.feature.event],
        "room": FEATURES_AT_MOST - len(known),
        "most": FEATURES_AT_MOST,
        "seen": [
            _found(it, rules) for it in seen(user, last_on=_today(), event=event, search=search)
        ],
        "event": event,
        "search": search,
        "captures": CAPTURES.items(),
        "host": host_of(request),
        "can_name": can(user, Page.METRIC_DEFINITIONS),
    }
    return render(request, "events/features.html", frame(request) | context)


def _found(it: Seen, rules: Sequence[tuple[str, FeatureRule]]) -> Found:
    names = [name for name, rule in rules if rule.fits(it.event, selector=it.selector, url=it.url)]
    address = compared(it.url, "/") or ""
    return Found(it, CAPTURES[it.event], names, suggested(it.selector or ""), address)


@require_http_methods(["GET", "POST"])
def name(request: HttpRequest) -> HttpResponse:
    """Name a feature; beside the form stands what it would have counted."""
    user = who(request)
    require(user, Page.METRIC_DEFINITIONS)
    form = FeatureForm(
        request.POST if request.method == "POST" else None,
        initial={key: str(value) for key, value in request.GET.items()},
    )
    if form.is_valid():
        given = form.cleaned_data
        try:
            feature = name_feature(
                given["name"],
                rule=form.rule(),
                deep=given["deep"],
                instead_of=given.get("instead_of"),
                by=user,
                at=timezone.now(),
            )
        except InputRefused as refused:
            _blame(form, refused)
        else:
            messages.success(request, _saved(feature))
            return redirect("events:features")
    return _form(request, form, title=_("Name a feature"))


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name or rule for a feature that somebody named."""
    user = who(request)
    require(user, Page.METRIC_DEFINITIONS)
    feature = get_object_or_404(Feature.objects.exclude(event=""), pk=pk)
    form = FeatureForm(request.POST if request.method == "POST" else None, feature=feature)
    if form.is_valid():
        given = form.cleaned_data
        try:
            feature = change_feature(
                feature,
                name=given["name"],
                rule=form.rule(),
                deep=given["deep"],
                by=user,
                at=timezone.now(),
            )
        except InputRefused as refused:
            _blame(form, refused)
        else:
            messages.success(request, _saved(feature))
            return redirect("events:features")
    return _form(request, form, title=feature.name, feature=feature)


def _saved(feature: Feature) -> str:
    told = {"name": feature.name}
    return _("%(name)s is counted back in time; figures are new in a minute.") % told


def _blame(form: FeatureForm, refused: InputRefused) -> None:
    form.add_error(refused.column if refused.column in form.fields else None, in_words(refused))


def _form(
    request: HttpRequest, form: FeatureForm, *, title: str, feature: Feature | None = None
) -> HttpResponse:
    rule = rule_of_query(request.POST if form.is_bound else request.GET)
    if feature and not form.is_bound:
        rule = FeatureRule(feature.event, feature.selector, feature.url)
    context = {"form": form, "title": title, "feature": feature} | _previewed(request, rule)
    status = 422 if form.errors else 200
    return render(request, "events/name_feature.html", frame(request) | context, status=status)


@require_GET
def would_count(request: HttpRequest) -> HttpResponse:
    """The partial beside the form, asked for while somebody types."""
    require(who(request), Page.METRIC_DEFINITIONS)
    context = _previewed(request, rule_of_query(request.GET))
    return render(request, "events/_feature_preview.html", context)


def _previewed(request: HttpRequest, rule: FeatureRule) -> dict[str, Preview | str]:
    try:
        refuse_wrong(rule)
    except InputRefused as refused:
        return {"why_not": in_words(refused)}
    return {"preview": preview(who(request), rule, last_on=_today())}


@require_POST
def deep(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a feature as deep, or take the mark away."""
    user = who(request)
    require(user, Page.METRIC_DEFINITIONS)
    feature = get_object_or_404(Feature, pk=pk)
    try:
        change_feature(feature, deep=not feature.deep, by=user, at=timezone.now())
    except InputRefused as refused:  # somebody else was faster
        messages.error(request, in_words(refused))
    return redirect("events:features")


@require_POST
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a feature that somebody named."""
    user = who(request)
    require(user, Page.METRIC_DEFINITIONS)
    feature = get_object_or_404(Feature.objects.exclude(event=""), pk=pk)
    try:
        forget_feature(feature, by=user, at=timezone.now())
    except InputRefused as refused:
        messages.error(request, in_words(refused))
    else:
        told = {"name": feature.name}
        messages.success(request, _("%(name)s is no feature any more; its events stay.") % told)
    return redirect("events:features")

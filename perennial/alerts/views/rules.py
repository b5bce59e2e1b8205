"""The rules: those we ship with their thresholds and precision, own ones, quiet windows."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perennial.alerts.actions import (
    drop_window,
    keep_rule,
    keep_window,
    rule_faults,
    take_rule_back,
    window_faults,
)
from perennial.alerts.forms import RuleForm, WindowForm
from perennial.alerts.models import QuietWindow, Rule
from perennial.alerts.queries.judged import precisions
from perennial.alerts.queries.own import FEW, defined_rules, reach_of, window_of, words_of
from perennial.alerts.queries.today import newest_day, resting_rules
from perennial.alerts.rule_words import shipped
from perennial.alerts.rules.definitions import RuleDefinition
from perennial.alerts.rules.precision import precision
from perennial.alerts.signals.columns import FIELDS
from perennial.alerts.wording import values_in_words
from perennial.customers.filters import FilterRefused
from perennial.customers.queries import visible_customer, visible_customers, visible_records
from perennial.team.access import Page, can, require, sees_money
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.errors import InputRefused, RowError
from perennial.web.faults import in_words

NOBODY = precision(0, 0)


def _owners() -> dict[int, str]:
    return dict(User.objects.values_list("pk", "name"))


@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule in words, how right it was, and what is not connected here."""
    user = who(request)
    require(user, Page.CUSTOMERS)
    found, resting, owners = precisions(user), resting_rules(), _owners()
    zh = request.LANGUAGE_CODE.startswith("zh")
    own = [
        {
            "rule": it,
            "title": it.title_zh if zh else it.title_en,
            "enter": words_of(it.enter, owners=owners),
            "leave": words_of(it.leave, owners=owners) if it.leave else "",
            "precision": found.get((Rule.OWN, it.name), NOBODY),
        }
        for it in defined_rules()
    ]
    windows = QuietWindow.objects.select_related("customer", "by").order_by("-to_on", "-pk")
    seen = windows.filter(customer__in=visible_records(user)) | windows.filter(customer=None)
    context = {
        "shipped": [
            it | {"precision": found.get((it["rule"], ""), NOBODY), "rests": it["rule"] in resting}
            for it in shipped()
        ],
        "own": own,
        "windows": seen,
        "can_define": can(user, Page.ALERT_RULES),
    }
    return render(request, "alerts/rules.html", context)


@require_http_methods(["GET", "POST"])
def own(request: HttpRequest, name: str = "") -> HttpResponse:
    """Define a rule of one's own, or change one, and see whom it means."""
    user = who(request)
    require(user, Page.ALERT_RULES)
    known = next((it for it in defined_rules() if it.name == name), None)
    if name and known is None:
        raise Http404
    form = RuleForm(request.POST if request.method == "POST" else None, known=known)
    if form.is_valid():
        made = form.definition()
        try:
            keep_rule(made, by=user, at=timezone.now())
        except InputRefused as refused:
            _blame(form, refused.errors)
        else:
            messages.success(request, _("Saved; the next day judges by it."))
            return redirect("alerts:rules")
    context: dict[str, object] = {"form": form, "known": known, "fields": FIELDS}
    if known:
        context |= _previewed(known, user)
    return render(request, "alerts/own.html", context, status=422 if form.errors else 200)


@require_GET
def preview(request: HttpRequest) -> HttpResponse:
    """Whom the rule would mean today, while it is written."""
    user = who(request)
    require(user, Page.ALERT_RULES)
    made = RuleDefinition(
        "preview",
        "–",
        "–",
        request.GET.get("enter", "").strip()[:2000],
        request.GET.get("leave", "").strip()[:2000],
    )
    faults = rule_faults(made)
    context = {"why_not": in_words(faults[0])} if faults else _previewed(made, user)
    return render(request, "alerts/_reach.html", context)


def _previewed(it: RuleDefinition, user: User) -> dict[str, object]:
    try:
        reach = reach_of(user, it, as_of=newest_day())
    except FilterRefused as wrong:
        return {"why_not": in_words(wrong)}
    owners, money = _owners(), sees_money(user)
    return {
        "reach": reach,
        "more": max(0, reach.entering - FEW),
        "few": [(customer, values_in_words(read, money=money)) for customer, read in reach.few],
        "enter_words": words_of(it.enter, owners=owners),
        "leave_words": words_of(it.leave, owners=owners) if it.leave else "",
    }


@require_POST
def take_back(request: HttpRequest, name: str) -> HttpResponse:
    user = who(request)
    require(user, Page.ALERT_RULES)
    if not any(it.name == name for it in defined_rules()):
        raise Http404
    take_rule_back(name, by=user, at=timezone.now())
    messages.success(request, _("Taken back; the next day ends its alerts."))
    return redirect("alerts:rules")


@require_http_methods(["GET", "POST"])
def quiet(request: HttpRequest) -> HttpResponse:
    """Announce days on which little use is expected."""
    user = who(request)
    require(user, Page.ALERT_RULES)
    form = WindowForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        made = form.definition()
        mine = visible_customers(user).filter(external_id=made.customer)
        faults = window_faults(made)
        if made.customer and not faults and not mine.exists():
            raise Http404
        if faults:
            _blame(form, faults)
        else:
            keep_window(made, by=user, at=timezone.now())
            messages.success(request, _("Announced; no drop is told for these days."))
            return redirect("alerts:rules")
    context = {"form": form}
    return render(request, "alerts/quiet.html", context, status=422 if form.errors else 200)


@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    user = who(request)
    require(user, Page.ALERT_RULES)
    row = QuietWindow.objects.select_related("customer").filter(pk=pk).first()
    if row is None:
        raise Http404
    if row.customer and not visible_customer(user, row.customer).exists():
        raise Http404
    drop_window(window_of(row), by=user, at=timezone.now())
    messages.success(request, _("Taken back."))
    return redirect("alerts:rules")


def _blame(form: forms.Form, faults: Sequence[RowError]) -> None:
    names = {"title": "title_zh", "severity": "severity_rate"}
    if "title" in form.fields:
        names = {"name": "title"}
    for fault in faults:
        column = names.get(fault.column or "", fault.column)
        form.add_error(column if column in form.fields else None, in_words(fault))

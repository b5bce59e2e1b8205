"""The page of a run, and what people do on it; the runs of a playbook; its effect."""

from __future__ import annotations

import math

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perennial.team.access import Page, can, require
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.web.faults import in_words
from perennial.web.formats import percent, signed
from perennial.work.models import Run
from perennial.work.playbooks import actions, wording
from perennial.work.playbooks.effect_words import COVARIATES, OUTCOMES, effect_words
from perennial.work.playbooks.previewed import today
from perennial.work.playbooks.queries.effect import effect_of
from perennial.work.playbooks.queries.runs import run_for, runs_for
from perennial.work.playbooks.shown import run_shown
from perennial.work.playbooks.views.editor import known_or_404

A_PAGE = 50


@require_GET
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a run stands, step by step."""
    user = who(request)
    require(user, Page.PLAYBOOKS)
    found = run_for(user, pk)
    context = {
        "it": run_shown(found, at=timezone.now()),
        "customer": found.customer,
        "can_act": can(user, Page.EDIT_CUSTOMERS),
    }
    return render(request, "work/playbooks/run.html", context)


@require_GET
def runs(request: HttpRequest, name: str) -> HttpResponse:
    """Every run of a playbook at the customers that one sees."""
    user = who(request)
    require(user, Page.PLAYBOOKS)
    known = known_or_404(name)
    rows = runs_for(user, name)
    state = request.GET.get("state", "")
    rows = rows.filter(state=state) if state in Run.State.values else rows
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    title = wording.title(known.definition) if known.definition else name
    context = {"page": page, "runs": page.object_list, "name": name, "title": title}
    context |= {"states": Run.State.choices, "state": state}
    return render(request, "work/playbooks/runs.html", context)


@require_GET
def effect(request: HttpRequest, name: str) -> HttpResponse:
    """The card of the effect, which takes its time."""
    user = who(request)
    require(user, Page.PLAYBOOKS)
    known_or_404(name)
    found = effect_of(name, user, known_on=today())
    rows = [
        {
            "title": OUTCOMES[it.name],
            "n": it.effect.n,
            "value": _value(it.name, it.effect.difference),
            "low": _value(it.name, it.effect.low),
            "high": _value(it.name, it.effect.high),
            "words": effect_words(it.effect),
        }
        for it in found.outcomes
    ]
    balance = [(COVARIATES[it.covariate], it) for it in found.balance]
    context = {"found": found, "rows": rows, "balance": balance}
    return render(request, "work/playbooks/_effect.html", context)


def _value(name: str, number: float | None) -> str:
    """A change of a logarithm as the percentage that it is; points; percentage points."""
    if number is None:
        return ""
    if name.startswith("health"):
        return signed(number, decimals=1)
    return percent(math.expm1(number) if name.startswith("usage") else number, sign=True)


def _acting(request: HttpRequest, pk: int) -> tuple[User, Run]:
    user = who(request)
    found = run_for(user, pk)
    require(user, Page.EDIT_CUSTOMERS)
    return user, found


@require_POST
def finish(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Say how a step ended; the run goes on from there."""
    user, found = _acting(request, pk)
    outcome, note = request.POST.get("outcome", ""), request.POST.get("note", "")
    try:
        actions.finish(found, step=step, outcome=outcome, note=note, by=user, at=timezone.now())
    except InputRefused as refused:
        messages.error(request, in_words(refused))
    else:
        messages.success(request, _("Noted: the playbook goes on."))
    return redirect("playbooks:run", pk)


@require_POST
def skip(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Leave a step out, with the reason."""
    user, found = _acting(request, pk)
    try:
        reason = request.POST.get("reason", "")
        actions.skip(found, step=step, reason=reason, by=user, at=timezone.now())
    except InputRefused as refused:
        messages.error(request, in_words(refused))
    else:
        messages.success(request, _("Left out."))
    return redirect("playbooks:run", pk)


@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """End a run, with the reason; of one just started the undo."""
    user, found = _acting(request, pk)
    reason = request.POST.get("reason", "") or str(_("taken back"))
    try:
        actions.stop(found, reason=reason, by=user, at=timezone.now())
    except InputRefused as refused:
        messages.error(request, in_words(refused))
    else:
        messages.success(request, _("Stopped: its open steps are closed."))
    if "HX-Request" in request.headers:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return redirect("playbooks:run", pk)

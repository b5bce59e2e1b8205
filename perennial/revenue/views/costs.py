"""Finance types or pastes what the months cost."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from perennial.revenue.actions.costs import record_costs
from perennial.revenue.models import MonthlyCostKind
from perennial.revenue.queries.costs import kept_costs
from perennial.revenue.rules.cost_rows import cost_rows
from perennial.revenue.views.parameters import back
from perennial.team.access import Page, require
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.web import asked
from perennial.web.faults import in_words

FIELD = "cost"  # cost.<kind>.<2026-10>
LONGEST = 20_000


@require_POST
def record(request: HttpRequest) -> HttpResponse:
    """The fields of the months, or pasted rows of one kind; what is wrong stands in a toast."""
    user = who(request)
    require(user, Page.REVENUE_DECISIONS)
    try:
        with transaction.atomic():
            for kind, amounts in _given(request).items():
                record_costs(amounts, kind=kind, by=user, at=timezone.now())
    except InputRefused as refused:
        messages.error(request, in_words(refused))
    else:
        messages.success(request, _("Saved"))
    return redirect(back(request))


def _given(request: HttpRequest) -> dict[str, dict[date, Decimal | None]]:
    """By kind, the months that change."""
    pasted = asked.text(request.POST, "rows", most=LONGEST)
    if pasted:
        return {request.POST.get("kind", ""): cost_rows(pasted)}
    typed: dict[str, list[str]] = defaultdict(list)
    for name, text in request.POST.items():
        parts = name.split(".")
        if len(parts) == 3 and parts[0] == FIELD and isinstance(text, str):
            typed[parts[1]].append(f"{parts[2]}, {text[:40]}")
    changed = {}
    for kind in (it.value for it in MonthlyCostKind if it.value in typed):
        held = kept_costs(kind)
        rows = cost_rows("\n".join(typed[kind]))
        news = {month_on: it for month_on, it in rows.items() if it != held.get(month_on)}
        if news:
            changed[kind] = news
    return changed

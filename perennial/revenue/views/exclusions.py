"""Leaving an order out of the adjusted renewal rates: the sheet to propose, approve, withdraw."""

from __future__ import annotations

import json
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from perennial.contracts.models import OrderLine
from perennial.contracts.rules import RECURRING
from perennial.customers.queries import visible_records
from perennial.revenue.actions.exclusions import (
    approve_exclusion,
    propose_exclusion,
    withdraw_exclusion,
)
from perennial.revenue.models import ExclusionReason
from perennial.revenue.queries.exclusions import Held, held_of
from perennial.team.access import Page, can, require
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.web import asked
from perennial.web.faults import in_words


def _order(user: User, order_id: str) -> OrderLine:
    """The gate: a recurring order of a customer in reach, else it does not exist (404)."""
    lines = OrderLine.objects.filter(order_id=order_id, kind__in=RECURRING)
    reach = lines.filter(customer__in=visible_records(user)).select_related("customer")
    found = reach.order_by("-recorded_at", "line").first()
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "POST"])
def exclusion(request: HttpRequest) -> HttpResponse:
    """`?order=…`: what stands, and what this user may do; an error stays beside it (422)."""
    user = who(request)
    require(user, Page.REVENUE)
    order = _order(user, asked.text(request.GET, "order", most=200))
    fault = ""
    if request.method == "POST":
        try:
            return _done(request, _decided(request, order.order_id, user, at=timezone.now()))
        except InputRefused as refused:
            fault = in_words(refused)
    standing = held_of(order.order_id)
    context = {
        "order": order,
        "held": standing,
        "can_approve": may_approve(user, standing),
        "can_withdraw": may_withdraw(user, standing),
        "is_own": standing is not None and standing.proposed_by_id == user.pk,
        "reasons": ExclusionReason.choices,
        "chosen": request.POST.get("reason", ""),
        "evidence": request.POST.get("evidence", ""),
        "fault": fault,
        "sheet": "revenue/exclusion_form.html",
    }
    whole = "HX-Request" not in request.headers
    template = "revenue/exclusion.html" if whole else "revenue/exclusion_form.html"
    return render(request, template, context, status=422 if fault else 200)


def may_approve(user: User, standing: Held | None) -> bool:
    """Somebody who decides about figures, and not about an own proposal."""
    waits = standing is not None and not standing.is_approved
    own = standing is not None and standing.proposed_by_id == user.pk
    return waits and not own and can(user, Page.REVENUE_DECISIONS)


def may_withdraw(user: User, standing: Held | None) -> bool:
    """A proposal by who made it; anything by somebody who decides about figures."""
    if standing is None:
        return False
    own = not standing.is_approved and standing.proposed_by_id == user.pk
    return own or can(user, Page.REVENUE_DECISIONS)


def _decided(request: HttpRequest, order_id: str, user: User, *, at: datetime) -> str:
    """Do what was asked and say so; foreign rights are forbidden (403)."""
    match request.POST.get("do", ""):
        case "approve":
            require(user, Page.REVENUE_DECISIONS)
            approve_exclusion(order_id, by=user, at=at)
            return _("Exclusion approved")
        case "withdraw":
            if not may_withdraw(user, held_of(order_id)):
                require(user, Page.REVENUE_DECISIONS)
            withdraw_exclusion(order_id, by=user, at=at)
            return _("Exclusion withdrawn")
    propose_exclusion(
        order_id,
        reason=request.POST.get("reason", ""),
        evidence=asked.text(request.POST, "evidence", most=1001),
        by=user,
        at=at,
    )
    return _("Exclusion proposed; somebody else has to approve it")


def _done(request: HttpRequest, text: str) -> HttpResponse:
    """Close the sheet, say it, and let the page refresh itself."""
    if "HX-Request" not in request.headers:
        return redirect("revenue:renewals")
    response = HttpResponse(status=204)
    said = {"toast": {"text": text}, "sheet:close": True, "exclusionChanged": True}
    response["HX-Trigger"] = json.dumps(said)
    return response

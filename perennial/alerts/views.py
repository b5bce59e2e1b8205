"""The list of alerts: what fired where, on what evidence, and how it ended."""

from __future__ import annotations

from typing import cast

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from perennial.alerts.models import Rule
from perennial.alerts.panels import row
from perennial.alerts.queries import visible_alerts
from perennial.team.access import Page, require, sees_money
from perennial.team.models import User

PER_PAGE = 50


@require_GET
def alerts(request: HttpRequest) -> HttpResponse:
    """Open ones, or resolved ones; one rule or all."""
    user = cast(User, request.user)
    require(user, Page.CUSTOMERS)
    state = "resolved" if request.GET.get("state") == "resolved" else "open"
    rule = request.GET.get("rule", "")
    found = visible_alerts(user).filter(resolved_on__isnull=state == "open")
    counts = dict(found.order_by().values_list("rule").annotate(Count("pk")))
    if rule in Rule.values:
        found = found.filter(rule=rule)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "state": state,
        "rule": rule if rule in Rule.values else "",
        "rules": [(it.value, it.label, counts.get(it.value, 0)) for it in Rule],
        "total": sum(counts.values()),
        "page": page,
        "rows": [row(alert, money=sees_money(user)) for alert in page],
    }
    return render(request, "alerts/list.html", context)

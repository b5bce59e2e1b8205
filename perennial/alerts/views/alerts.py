"""The list of alerts, a card per customer; and whether an alert was right."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from perennial.alerts.actions import judge_alert, take_verdict_back
from perennial.alerts.models import Rule
from perennial.alerts.queries import alert_for, visible_alerts
from perennial.alerts.shown import Asked, cards, narrowed, ranked, scopes
from perennial.team.access import Page, can, require
from perennial.team.request import who
from perennial.web import asked as typed

PER_PAGE = 25
WHOSE = {
    "own": _("Mine"),
    "team": _("Team"),
    "all": pgettext_lazy("scope", "All"),
}


@require_GET
def alerts(request: HttpRequest) -> HttpResponse:
    """Open ones, or resolved ones; one rule or all; mine, my team's or all."""
    user = who(request)
    require(user, Page.CUSTOMERS)
    asked = Asked.of(request.GET, user)
    found = narrowed(visible_alerts(user), asked, user)
    counts = dict(found.order_by().values_list("rule").annotate(Count("pk")))
    if asked.rule:
        found = found.filter(rule=asked.rule)
    page = Paginator(ranked(found), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "asked": asked,
        "rules": [
            (it.value, it.label, counts.get(it, 0))
            for it in Rule
            if it in counts or it == asked.rule
        ],
        "scopes": [(key, WHOSE[key]) for key in scopes(user)],
        "total": sum(counts.values()),
        "page": page,
        "cards": cards(found, [it["place"] for it in page], user),
        "can_judge": can(user, Page.EDIT_CUSTOMERS),
    }
    return render(request, "alerts/list.html", context)


@require_POST
def verdict(request: HttpRequest, pk: int) -> HttpResponse:
    """Right, wrong, or unsaid; comes back to where it was said."""
    user = who(request)
    require(user, Page.EDIT_CUSTOMERS)
    alert = alert_for(user, pk)
    said, now = request.POST.get("said", ""), timezone.now()
    if said in ("right", "wrong"):
        note = typed.text(request.POST, "note", most=300)
        judge_alert(alert, was_right=said == "right", note=note, by=user, at=now)
    else:
        take_verdict_back(alert, by=user, at=now)
    if request.headers.get("HX-Request"):
        shown = {"right": True, "wrong": False}.get(said)
        return render(request, "alerts/_verdict.html", {"alert": alert, "said": shown})
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return redirect(wanted if wanted.startswith("/") and safe else "alerts:list")

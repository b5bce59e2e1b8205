"""The page of one alert."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from perennial.alerts.models import Verdict
from perennial.alerts.queries import alert_for
from perennial.alerts.queries.today import newest_day
from perennial.alerts.rule_words import rule_of
from perennial.alerts.shown import said_by
from perennial.alerts.wording import METRICS, evidence, title
from perennial.desk import alert as desk
from perennial.team.access import Page, can, require
from perennial.team.request import who


@require_GET
def alert(request: HttpRequest, pk: int) -> HttpResponse:
    """What was found, against what, by which rule; evidence, changes, work, verdict."""
    user = who(request)
    require(user, Page.CUSTOMERS)
    found = alert_for(user, pk)
    context = {
        "alert": found,
        "customer": found.customer,
        "title": title(found),
        "why": desk.why(user, found),
        "sure": evidence(found),
        "how_sure": desk.how_sure(found),
        "metric": METRICS.get(found.metric, found.metric),
        "rule": rule_of(found),
        "picture": desk.picture(user, found, on=found.resolved_on or newest_day()),
        "rows": desk.rows(user, found),
        "changes": found.changes.order_by("pk"),
        "verdicts": Verdict.objects.filter(alert=found).select_related("by").order_by("-said_at"),
        "said": said_by(user, [found]).get(found.pk),
        "work": desk.work_of(user, found),
        "can_act": can(user, Page.EDIT_CUSTOMERS),
    }
    return render(request, "desk/alert.html", context)

"""The model card: how good the risk is, what it goes by, what it says of the renewals ahead."""

from __future__ import annotations

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from perennial.health.risk import shown
from perennial.health.risk.queries import current, models, open_risks, said_so_far
from perennial.health.risk.wording import model_text
from perennial.team import days
from perennial.team.access import Page, require, sees_money
from perennial.team.request import who
from perennial.units.moment import business_day

PER_PAGE = 20
MODELS = 12


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The model in force; the probabilities of the customers that one sees."""
    user = who(request)
    require(user, Page.RISK)
    day = days.last_day() or business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)
    model = current()
    found = Paginator(open_risks(user, day=day), PER_PAGE).get_page(request.GET.get("page"))
    rows = shown.risks(list(found), day=day, with_amounts=sees_money(user))
    history = [(it, model_text(it.kind)) for it in models()[:MODELS]]
    context = {
        "card": shown.card(model) if model else None,
        "page": found,
        "rows": rows,
        "with_amounts": sees_money(user),
        "with_reasons": any(it["reasons"] for it in rows),
        "horizons": shown.horizons(said_so_far(day)),
        "history": history,
        "day": day,
    }
    partial = request.headers.get("HX-Target") == "risks"
    return render(request, "health/_risk_rows.html" if partial else "health/risk.html", context)

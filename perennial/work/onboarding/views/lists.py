"""The four tabs: who is being brought in, handovers, deliveries, time to first value."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET

from perennial.team.access import Page, can, require, sees_money
from perennial.team.models import User
from perennial.team.request import who
from perennial.work.models import Handover, Onboarding, OwnerKind, Project
from perennial.work.onboarding import shown
from perennial.work.onboarding.charts import shares
from perennial.work.onboarding.queries import deliveries as delivered
from perennial.work.onboarding.queries import handed, ways_in
from perennial.work.onboarding.queries.reach import visible_onboardings, visible_projects
from perennial.work.onboarding.rules.first_value import by_group, first_value
from perennial.work.onboarding.views.ending import as_of
from perennial.work.onboarding.wording import group_title

PER_PAGE = 25
BY = {
    "month": _("By month of the start"),
    "tier": _("By tier"),
    "kind": pgettext_lazy("onboarding", "By who brings them in"),
}


def frame(user: User, tab: str) -> dict[str, Any]:
    """The tabs with their counts, through the gate."""
    day = as_of()
    return {
        "tab": tab,
        "day": day,
        "ways": ways_in.counts(user, day),
        "handed": handed.counts(user),
        "delivered": delivered.counts(user, day),
        "can_edit": can(user, Page.EDIT_CUSTOMERS),
        "money": sees_money(user),
    }


def _chosen(request: HttpRequest, name: str, known: tuple[str, ...], otherwise: str) -> str:
    given = request.GET.get(name, "")
    return given if given in known else otherwise


@require_GET
def onboardings(request: HttpRequest) -> HttpResponse:
    """Running ones, what is late longest first."""
    user = who(request)
    require(user, Page.TODAY)
    day = as_of()
    state = _chosen(request, "state", ways_in.STATES, Onboarding.State.RUNNING)
    kind = _chosen(request, "kind", tuple(OwnerKind.values), "")
    found = ways_in.narrowed(visible_onboardings(user), state=state, kind=kind, day=day)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = frame(user, "onboarding") | {
        "state": state,
        "kind": kind,
        "kinds": OwnerKind.choices,
        "page": page,
        "rows": [shown.way_in(it, user) for it in ways_in.rows(page.object_list, day)],
        "value": first_value(ways_in.cases(user, by="", day=day)),
    }
    return render(request, "work/onboarding/list.html", context)


@require_GET
def handovers(request: HttpRequest) -> HttpResponse:
    """What waits for an answer first; beneath, what became of the promises by salesperson."""
    user = who(request)
    require(user, Page.TODAY)
    state = _chosen(request, "state", handed.STATES, handed.OPEN)
    whose = _chosen(request, "who", handed.WHO, "")
    found = handed.narrowed(user, state=state, who=whose)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = frame(user, "handovers") | {
        "state": state,
        "who": whose,
        "states": Handover.State.choices,
        "page": page,
        "rows": shown.handovers(list(page.object_list), user),
        "promised": handed.promised(user),
    }
    return render(request, "work/onboarding/handovers.html", context)


@require_GET
def deliveries(request: HttpRequest) -> HttpResponse:
    """Projects, late ones first; what is live and not used."""
    user = who(request)
    require(user, Page.TODAY)
    day = as_of()
    state = _chosen(request, "state", delivered.STATES, Project.State.RUNNING)
    found = delivered.narrowed(visible_projects(user), state=state, day=day)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = delivered.deliveries(page.object_list, day)
    context = frame(user, "deliveries") | {
        "state": state,
        "page": page,
        "rows": [shown.delivery(it) for it in rows],
    }
    return render(request, "work/onboarding/deliveries.html", context)


@require_GET
def time_to_value(request: HttpRequest) -> HttpResponse:
    """How long to the first value: together, and by month, tier or who brings them in."""
    user = who(request)
    require(user, Page.TODAY)
    day = as_of()
    by = _chosen(request, "by", tuple(BY), "month")
    cases = ways_in.cases(user, by=by, day=day)
    groups = by_group(cases)
    titles = {it.group: group_title(by, it.group) for it in groups}
    context = frame(user, "value") | {
        "by": by,
        "bys": list(BY.items()),
        "whole": first_value(cases),
        "groups": [(titles[it.group], it) for it in groups],
        "chart": shares([(titles[it.group], it) for it in groups[-12:]]),
    }
    return render(request, "work/onboarding/time_to_value.html", context)

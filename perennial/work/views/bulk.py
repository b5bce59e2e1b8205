"""Many calls to action at once: the dry run in a sheet, the change, and its undo."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from perennial.customers.queries import assignable_owners
from perennial.team.access import Page, require
from perennial.team.models import AuditEntry, Team, User
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.units.whole import whole
from perennial.web import asked
from perennial.web.faults import in_words
from perennial.web.formats import number
from perennial.work import actions
from perennial.work.actions import Act, Left, Many
from perennial.work.actions.bulk import Plan
from perennial.work.forms import ENDINGS
from perennial.work.models import Outcome, WorkItem
from perennial.work.views.answers import refused, told
from perennial.work.views.listing import chosen, today_of
from perennial.work.views.sheets import SNOOZES

KEPT_OUT = ("csrfmiddlewaretoken", "act", "owner_to", "team_to", "due_to", "days", "reason_why")


@require_http_methods(["GET", "POST"])
def bulk(request: HttpRequest) -> HttpResponse:
    """GET says how many would change, and why others would not; POST changes them."""
    user = who(request)
    require(user, Page.COMMENT)
    params = request.POST if request.method == "POST" else request.GET
    act = params.get("act", "")
    if act not in set(Act):
        raise Http404
    items = chosen(user, params, today=today_of(request))
    if request.method == "GET":
        return _dry_run(request, user, Act(act), items)
    many = _many(Act(act), params)
    try:
        entry = actions.do_many(items, many, by=user, at=timezone.now())
    except InputRefused as wrong:
        return refused(request, in_words(wrong))
    count = len(entry.detail["items"])
    text = ngettext(
        "%(count)s call to action changed", "%(count)s calls to action changed", count
    ) % {"count": number(count)}
    return told(request, text, undo=reverse("work:undo_bulk", args=[entry.pk]))


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring the whole bulk back, but for what somebody changed since."""
    user = who(request)
    entry = get_object_or_404(AuditEntry, pk=pk, action="work.bulk", by=user)
    try:
        count, kept = actions.undo_many(entry, by=user, at=timezone.now())
    except InputRefused as wrong:
        return refused(request, in_words(wrong))
    text = ngettext("%(count)s is back", "%(count)s are back", count) % {"count": number(count)}
    if kept:
        text = _("%(back)s; %(kept)s were changed since and stay") % {
            "back": text,
            "kept": number(kept),
        }
    return told(request, text)


def _many(act: Act, params: QueryDict) -> Many:
    outcome = params.get("outcome", "")
    owner = team = None
    if act == Act.REASSIGN:
        chosen_owner = whole(params.get("owner_to", "")) or 0
        owner = get_object_or_404(User, pk=chosen_owner, is_active=True)
    if act == Act.TEAM:
        team = get_object_or_404(Team, pk=whole(params.get("team_to", "")) or 0)
    return Many(
        act,
        outcome=outcome if outcome in ENDINGS else Outcome.SUCCESS,
        note=asked.text(params, "note", most=2000),
        days=whole(params.get("days", "")) or 0,
        reason=asked.text(params, "reason_why", most=200),
        owner=owner,
        team=team,
        due_on=_day(params.get("due_to", "")),
    )


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _dry_run(request: HttpRequest, user: User, act: Act, items: list[WorkItem]) -> HttpResponse:
    shown: dict[str, Any] = {
        "act": act,
        "asked": len(items),
        "kept": [
            (name, value)
            for name, values in request.GET.lists()
            for value in values
            if name not in KEPT_OUT
        ],
        "snoozes": SNOOZES,
        "endings": [(it.value, it.label) for it in ENDINGS],
        "today": today_of(request),
    }
    if act == Act.REASSIGN:
        shown["choices"] = [
            (it, *_said(actions.planned(items, Many(act, owner=it), by=user)))
            for it in assignable_owners(user).select_related("team")
        ]
    elif act == Act.TEAM:
        shown["choices"] = [
            (it, *_said(actions.planned(items, Many(act, team=it), by=user)))
            for it in Team.objects.order_by("name")
        ]
    else:
        day = today_of(request) if act == Act.DUE else None
        many = Many(act, due_on=day)
        shown["count"], shown["left"] = _said(actions.planned(items, many, by=user))
    template = "work/bulk.html"
    if "HX-Request" in request.headers:
        return render(request, template, shown)
    return render(request, "web/sheet_page.html", shown | {"sheet": template})


def _said(plan: Plan) -> tuple[int, str]:
    """How many change, and one sentence about the others; empty when all do."""
    return len(plan.changing), _("; ").join(
        _left(why) % {"count": number(count)} for why, count in plan.left.items()
    )


def _left(why: Left) -> str:
    return {
        Left.CLOSED: _("%(count)s closed already"),
        Left.SAME: _("%(count)s so already"),
        Left.BLIND: _("%(count)s at customers out of their sight"),
        Left.DERIVED: _("%(count)s whose day the computation keeps"),
        Left.NOT_YOURS: _("%(count)s not yours to change"),
    }[why]

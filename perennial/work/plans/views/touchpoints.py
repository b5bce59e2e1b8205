"""Touchpoints week by week, and what people do with one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from perennial.customers.models import Touch
from perennial.customers.sheets import editor
from perennial.team.access import Page, can, require
from perennial.team.models import AuditEntry, User
from perennial.team.request import who
from perennial.units.moment import business_day
from perennial.web import formats
from perennial.web.fragments import wants
from perennial.work.models import Touchpoint
from perennial.work.plans.actions import touchpoints as acts
from perennial.work.plans.forms.touchpoints import (
    HoldForm,
    MoveForm,
    NewTouchpointForm,
    SkipForm,
)
from perennial.work.plans.queries import (
    FULFILLING,
    coverage,
    near_touches,
    overdue,
    touchpoint_for,
    touchpoints_between,
)
from perennial.work.plans.rules.touchpoints import NEAR_DAYS
from perennial.work.plans.shown import TouchpointShown, touchpoints_shown
from perennial.work.plans.views.sheets import run, today

WEEKS, COVERAGE_DAYS = 4, 90
IN_SHORT, AT_ONCE = 10, 45  # rows of a week beside others, and of a page of its own


@dataclass(frozen=True, slots=True)
class Week:
    """A week with its days; days without touchpoints are absent. `more`: not shown here."""

    first_on: date
    last_on: date
    is_now: bool
    days: list[tuple[date, list[TouchpointShown]]]
    count: int
    more: int


@require_GET
def touchpoints(request: HttpRequest) -> HttpResponse:
    """What is late, four weeks from a Monday on, and how well it was kept. `week` shows one week
    whole, `show=late` all that is late, page by page."""
    user = who(request)
    require(user, Page.CUSTOMERS)
    now = today()
    only_late = request.GET.get("show") == "late"
    one_week = _asked(request.GET.get("week", ""))
    first_on = _monday(one_week or _asked(request.GET.get("from", "")) or now)
    weeks = 0 if only_late else 1 if one_week else WEEKS
    late = overdue(user, on=now)
    pages = Paginator(late if only_late else late.none(), AT_ONCE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "late": _shown(page.object_list if only_late else late[:IN_SHORT], now, not one_week),
        "late_count": late.count(),
        "in_short": IN_SHORT,
        "page": page,
        "only_late": only_late,
        "one_week": one_week,
        "weeks": [_week(user, first_on + timedelta(weeks=n), now, weeks) for n in range(weeks)],
        "earlier_on": first_on - timedelta(weeks=weeks),
        "later_on": first_on + timedelta(weeks=weeks),
        "first_on": first_on,
        "last_on": first_on + timedelta(days=7 * weeks - 1),
        "coverage": coverage(user, from_on=now - timedelta(days=COVERAGE_DAYS), until_on=now),
        "coverage_days": COVERAGE_DAYS,
        "can_edit": can(user, Page.EDIT_CUSTOMERS),
        "today": now,
    }
    if wants(request, "touchpoints"):
        return render(request, "work/plans/touchpoints_body.html", context)
    return render(request, "work/plans/touchpoints.html", context)


def _shown(rows: Iterable[Touchpoint], now: date, wanted: bool = True) -> list[TouchpointShown]:
    """Touchpoints, and the contacts that may have been they."""
    kept = list(rows) if wanted else []
    return touchpoints_shown(kept, today=now, near=dict(near_touches(kept, until_on=now)))


def _week(user: User, monday: date, now: date, weeks: int) -> Week:
    sunday = monday + timedelta(days=6)
    found = touchpoints_between(user, monday, monday + timedelta(days=7))
    most = IN_SHORT if weeks > 1 else AT_ONCE
    shown = _shown(found[:most], now)
    count = found.count() if len(shown) == most else len(shown)
    days = [(day, list(it)) for day, it in groupby(shown, key=lambda it: it.touchpoint.due_on)]
    return Week(monday, sunday, monday <= now <= sunday, days, count, count - len(shown))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _asked(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, customer_pk: int) -> HttpResponse:
    """One of one's own, beside those of the rules."""
    user, customer = editor(request, customer_pk)
    initial = {"kind": Touchpoint.Kind.OWN}
    form = NewTouchpointForm(request.POST or None, initial=initial)

    def act() -> AuditEntry:
        return acts.add_touchpoint(customer, **form.cleaned_data, by=user, at=timezone.now())

    title = _("New touchpoint")
    return run(request, customer, form, act, title=title, said=_("Touchpoint added"))


def _editor(request: HttpRequest, pk: int) -> tuple[User, Touchpoint]:
    user = who(request)
    found = touchpoint_for(user, pk)
    require(user, Page.EDIT_CUSTOMERS)
    return user, found


def _named(found: Touchpoint) -> str:
    [row] = touchpoints_shown([found], today=today())
    return f"{row.title} · {formats.named(found.customer.name, found.customer.name_en)}"


@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, pk: int) -> HttpResponse:
    user, found = _editor(request, pk)
    form = MoveForm(request.POST or None, touchpoint=found)

    def act() -> AuditEntry:
        return acts.move(found, **form.cleaned_data, by=user, at=timezone.now())

    said = _("Moved")
    return run(request, found.customer, form, act, title=_named(found), said=said, row=found)


@require_http_methods(["GET", "POST"])
def skip(request: HttpRequest, pk: int) -> HttpResponse:
    user, found = _editor(request, pk)
    form = SkipForm(request.POST or None, initial={"version": found.version})

    def act() -> AuditEntry:
        return acts.skip(found, **form.cleaned_data, by=user, at=timezone.now())

    said = _("Skipped")
    return run(request, found.customer, form, act, title=_named(found), said=said, row=found)


@require_http_methods(["GET", "POST"])
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    """It was held: by a contact that is logged, or on a day."""
    user, found = _editor(request, pk)
    touches = _touches(found)
    now = today()
    form = HoldForm(
        request.POST or None,
        touches=[(str(pk), text) for pk, (_touch, text) in touches.items()],
        version=found.version,
        today=now,
    )

    def act() -> AuditEntry:
        given = dict(form.cleaned_data)
        chosen = given.pop("touch")
        touch = touches[int(chosen)][0] if chosen else None
        return acts.hold(found, **given, touch=touch, by=user, at=timezone.now())

    said = _("Held")
    return run(request, found.customer, form, act, title=_named(found), said=said, row=found)


def _touches(found: Touchpoint) -> dict[int, tuple[Touch, str]]:
    """The contacts around its day, the nearest first, in words."""
    near = timedelta(days=NEAR_DAYS)
    touches = Touch.objects.filter(
        customer=found.customer,
        kind__in=FULFILLING,
        happened_at__date__gte=found.due_on - near,
        happened_at__date__lte=found.due_on + near,
        touchpoint=None,
    ).select_related("person")

    def distance(touch: Touch) -> int:
        return abs((business_day(touch.happened_at, timezone.get_default_timezone())
                    - found.due_on).days)  # fmt: skip

    return {
        it.pk: (
            it,
            " · ".join(
                filter(
                    None,
                    [
                        formats.day(it.happened_at),
                        str(it.get_kind_display()),
                        it.person.name if it.person else "",
                        it.note[:60],
                    ],
                )
            ),
        )
        for it in sorted(touches, key=distance)[:6]
    }

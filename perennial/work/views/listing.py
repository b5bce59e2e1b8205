"""The list of calls to action, its export, and the page of one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from perennial.customers.conversation.queries import conversation, counts
from perennial.customers.models import About, Touch
from perennial.customers.queries import visible_customer, visible_customers
from perennial.team.access import Page, can, require, sees_money
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.moment import business_day
from perennial.web.download import csv_file
from perennial.web.fragments import wants
from perennial.work import filters, listing, shown, wording
from perennial.work.listing import ListState
from perennial.work.models import StepRun, WorkItem
from perennial.work.queries import item_for, may_act, reachable_items

MOST_EXPORTED = 50_000


def today_of(request: HttpRequest) -> date:
    del request
    return business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)


@require_GET
def items(request: HttpRequest) -> HttpResponse:
    """One address, one template; htmx gets the table of it."""
    user = who(request)
    require(user, Page.TODAY)
    today, state = today_of(request), ListState.read(request.GET, user=user)
    table = _table(user, state, today)
    if wants(request, "tbl"):
        response = render(request, "work/list_table.html", table)
        response["HX-Push-Url"] = request.path + state.url(page=table["page"])
        return response
    return render(request, "work/list.html", table | {"facets": filters.facets(user, state)})


def _table(user: User, state: ListState, today: date) -> dict[str, Any]:
    """What the table partial needs: tabs, chips, columns, one page of rows."""
    found = listing.matching(user, state, today=today)
    count = found.count()
    pages = max(1, -(-count // listing.PAGE_SIZE))
    page = min(state.page, pages)
    first = (page - 1) * listing.PAGE_SIZE
    ordered = listing.ordered(found, state, user=user)
    rows = shown.rows(ordered[first : first + listing.PAGE_SIZE], user=user)
    return {
        "state": state,
        "tabs": filters.tabs(state, listing.tab_counts(user, today=today)),
        "chips": filters.chips(user, state),
        "columns": filters.columns(state, money=sees_money(user)),
        "rows": rows,
        "comments": counts(user, About.WORK_ITEM, [it.item.pk for it in rows]),
        "count": count,
        "page": page,
        "pages": pages,
        "first": first + 1,
        "last": min(first + listing.PAGE_SIZE, count),
        "previous_url": state.url(page=page - 1) if page > 1 else "",
        "next_url": state.url(page=page + 1) if page < pages else "",
        "today": today,
        "money": sees_money(user),
        "can_make": can(user, Page.EDIT_CUSTOMERS),
        "can_export": can(user, Page.EXPORT),
    }


@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The filtered list, every page of it, as CSV."""
    user = who(request)
    require(user, Page.EXPORT)
    state = ListState.read(request.GET, user=user)
    found = listing.matching(user, state, today=today_of(request))
    ordered = listing.ordered(found, state, user=user)[:MOST_EXPORTED]
    money = sees_money(user)
    columns = COLUMNS if money else tuple(it for it in COLUMNS if it not in MONEY)
    own = frozenset(visible_customers(user).values_list("pk", flat=True)) if money else None
    name = f"actions-{today_of(request)}.csv"
    return csv_file(name, columns=columns, rows=_lines(ordered.iterator(2000), own=own))


MONEY = ("money_at_risk", "currency")
COLUMNS = (
    "customer_id",
    "customer",
    "title",
    "reason",
    "type",
    "state",
    "outcome",
    "priority",
    "due_on",
    "owner",
    "team",
    "raised_on",
    "last_seen_on",
    "seen_days",
    "closed_on",
    "money_at_risk",
    "currency",
)


def _lines(items: Iterator[WorkItem], *, own: frozenset[int] | None) -> Iterator[list[object]]:
    """`own`: at which customers the reader sees amounts; None: the role sees none at all."""
    for it in items:
        money = own is not None and it.customer.pk in own
        owner = it.owner or (None if it.team else it.customer.owner)
        cells: list[object] = [
            it.customer.external_id,
            it.customer.name,
            it.title or shown.why(it, money=money),
            it.reason,
            it.type,
            it.state,
            it.outcome,
            it.get_priority_display(),
            it.due_on or "",
            owner.email if owner else "",
            it.team.name if it.team else "",
            it.raised_on,
            it.last_fired_on,
            it.fired_days,
            it.closed_on or "",
        ]
        amounts = [it.money_at_risk, it.currency] if money else ["", ""]
        yield cells + (amounts if own is not None else [])


@require_GET
def item(request: HttpRequest, pk: int) -> HttpResponse:
    """One call to action: why, what, evidence, talk, touches, history. The name and the words
    alone where the reader may not open the customer."""
    user = who(request)
    require(user, Page.TODAY)
    found = item_for(user, pk)
    sees = visible_customer(user, found.customer).exists()
    money = sees_money(user) and sees
    context: dict[str, Any] = {
        "row": shown.row(found, user=user, sees_customer=sees),
        "item": found,
        "customer": found.customer,
        "sees_customer": sees,
        "today": today_of(request),
        "money": money,
        "may_act": may_act(user, found),
        "advice": wording.advice(found),
        "terms": wording.terms(found) if money else (),
        "history": shown.history(found),
        "steps": StepRun.objects.filter(item=found).select_related("run__playbook"),
    }
    if sees:
        context["talk"] = conversation(user, found.customer, About.WORK_ITEM, found.pk)
        touched = Touch.objects.filter(about_type=About.WORK_ITEM, about_id=found.pk)
        context["touches"] = touched.select_related("owner", "person").order_by("-happened_at")
    return render(request, "work/item.html", context)


def chosen(user: User, params: QueryDict, *, today: date) -> list[WorkItem]:
    """The ticked rows, or all that match the list's address; behind the gate."""
    state = ListState.read(params, user=user)
    ids = [int(it) for it in params.getlist("id") if it.isascii() and it.isdigit() and len(it) < 19]
    found = listing.matching(user, state, today=today)
    if ids and not params.get("all"):
        found = reachable_items(user).filter(pk__in=ids)
    return list(found.order_by("pk"))

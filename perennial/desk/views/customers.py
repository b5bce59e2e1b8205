"""The customer list and its export."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from perennial.customers.queries import visible_customers
from perennial.desk import customers as listing
from perennial.desk.changes import rows_of_the_day
from perennial.desk.chips import chips
from perennial.desk.columns import cells, columns
from perennial.desk.export import csv_lines
from perennial.desk.facets import builder, facets, owner_names
from perennial.desk.models import CustomerFigures
from perennial.desk.queries import as_of, visible_figures
from perennial.desk.rows import rows
from perennial.desk.saved import tabs
from perennial.team.access import Page, can, require, sees_money
from perennial.team.models import Role, User
from perennial.team.request import who
from perennial.units.whole import whole
from perennial.web.faults import in_words
from perennial.web.fragments import wants

ASSIGNERS = frozenset({Role.ADMIN, Role.LEADER})


@require_GET
def customers(request: HttpRequest) -> HttpResponse:
    """One address, one template; htmx gets the table of it."""
    user = who(request)
    require(user, Page.CUSTOMERS)
    on = as_of()
    state = listing.read_state(request.GET, user=user)
    owners = owner_names(user)
    table = _table(user, state, on, owners)
    if wants(request, "tbl"):
        response = render(request, "desk/customers_table.html", table)
        response["HX-Push-Url"] = request.path + (f"?{query}" if (query := state.query()) else "")
        return response
    counts = listing.view_counts(user, state, on=on)
    more = {
        "tabs": tabs(state.views, counts, current=state.view),
        "facets": facets(user, state, owners),
        "can_export": can(user, Page.EXPORT),
        "can_assign": user.role in ASSIGNERS,
        "can_merge": can(user, Page.MERGE_CUSTOMERS),
    }
    return render(request, "desk/customers.html", table | more)


def _table(
    user: User, state: listing.ListState, on: date, owners: dict[int, str]
) -> dict[str, Any]:
    """What the table partial needs: summary, chips, columns, one page of rows."""
    found = listing.matching(user, state, on=on)
    summary = listing.summary(found, on=on, money=state.money)
    pages = max(1, -(-summary.customers // listing.PAGE_SIZE))
    page = min(state.page, pages)
    first = (page - 1) * listing.PAGE_SIZE
    shown = listing.ordered(found, state.sort)[first : first + listing.PAGE_SIZE]
    found_rows = rows_of_the_day(shown, on=on) if state.is_of_the_day else rows(shown, on=on)
    can_act, assigning = can(user, Page.EDIT_CUSTOMERS), user.role in ASSIGNERS
    assign = reverse("desk:assign")
    acting = [
        {**row, "can_act": can_act, "assign_url": f"{assign}?id={row['pk']}" if assigning else ""}
        for row in found_rows
    ]
    return {
        "state": state,
        "on": on,
        "summary": summary,
        "chips": chips(state, owners=owners),
        "columns": columns(state),
        "rows": cells(acting, state),
        "page": page,
        "pages": pages,
        "first": first + 1,
        "last": min(first + listing.PAGE_SIZE, summary.customers),
        "previous_url": state.but(page=page - 1).url() if page > 1 else "",
        "next_url": state.but(page=page + 1).url() if page < pages else "",
        "builder": builder(state),
        "refused": in_words(state.refused) if state.refused else "",
        "is_first_use": not summary.customers and not visible_customers(user).exists(),
        "can_import": can(user, Page.IMPORTS),
        "can_act": can_act,
    }


def chosen(user: User, params: QueryDict) -> QuerySet[CustomerFigures]:
    """The ticked rows, or all that match the list's address; ordered, behind the gate."""
    state = listing.read_state(params, user=user)
    if state.refused:
        raise Http404
    ids = [pk for text in params.getlist("id") if (pk := whole(text)) is not None]
    if ids and not params.get("all"):
        found = visible_figures(user).filter(pk__in=ids)
    else:
        found = listing.matching(user, state, on=as_of())
    return listing.ordered(found, state.sort)


@require_GET
def customers_csv(request: HttpRequest) -> HttpResponse:
    """The filtered list, every page of it; with `id` only the ticked rows."""
    user = who(request)
    require(user, Page.EXPORT)
    lines = csv_lines(chosen(user, request.GET), money=sees_money(user))
    response = HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="customers-{as_of()}.csv"'
    return response

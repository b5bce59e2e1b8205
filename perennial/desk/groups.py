"""A customer's group of companies: who belongs to whom, and its figures rolled up.

Only what the reader sees is shown, counted and summed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import fmean
from typing import Any

from django.utils.translation import gettext_lazy as _

from perennial.customers.kinship import group_of
from perennial.customers.models import Customer, CustomerLink
from perennial.customers.queries import at_customer, visible_customers
from perennial.desk.customers import DUE_DAYS
from perennial.desk.models import CustomerFigures
from perennial.desk.queries import visible_figures
from perennial.team.access import Page, can, sees_money
from perennial.team.models import User
from perennial.web.panels import Panel


@dataclass(frozen=True, slots=True)
class Node:
    """A company of the group, `depth` below its top; figures where it has any."""

    customer: Customer
    depth: int
    figures: CustomerFigures | None


@dataclass(frozen=True, slots=True)
class RollUp:
    """The visible companies together. Amounts are None where the role sees no money."""

    customers: int
    arr: Decimal | None
    worst: float | None
    mean: float | None
    due: Decimal | None
    next_on: date | None


def tree(user: User, customer: Customer) -> list[Node]:
    """The visible companies of the group, children behind their parent; none for one alone."""
    ids = group_of(customer)
    if len(ids) < 2:
        return []
    seen = visible_customers(user).filter(pk__in=ids).select_related("owner")
    known = seen.in_bulk()
    figures = visible_figures(user, of=list(known)).in_bulk()
    found: list[Node] = []

    def add(one: Customer, depth: int) -> None:
        found.append(Node(one, depth, figures.get(one.pk)))
        for child in below.get(one.pk, ()):
            add(child, depth + 1)

    below: dict[int, list[Customer]] = {}
    tops = []
    for one in sorted(known.values(), key=lambda it: it.name):
        if one.parent_id is not None and one.parent_id in known:
            below.setdefault(one.parent_id, []).append(one)
        else:
            tops.append(one)
    for top in tops:
        add(top, 0)
    return found


def roll_up(nodes: Sequence[Node], *, on: date, money: bool) -> RollUp:
    """The group in one line, as far as it is visible."""
    known = [node.figures for node in nodes if node.figures]
    ahead = [it for it in known if it.renewal_on and it.renewal_on >= on and not it.is_renewed]
    last_on = on + timedelta(days=DUE_DAYS)
    due = [it.renewal_amount for it in ahead if it.renewal_on and it.renewal_on <= last_on]
    scores = [it.score for it in known if it.score is not None]
    return RollUp(
        customers=len(nodes),
        arr=sum((it.arr or Decimal(0) for it in known), Decimal(0)) if money else None,
        worst=min(scores, default=None),
        mean=fmean(scores) if scores else None,
        due=sum((it or Decimal(0) for it in due), Decimal(0)) if money else None,
        next_on=min((it.renewal_on for it in ahead if it.renewal_on), default=None),
    )


def links_of(user: User, customer: Customer) -> list[tuple[CustomerLink, Customer, str]]:
    """Visible customers that this one does business with: supplies, supplied_by or partner."""
    rows = CustomerLink.objects.filter(
        at_customer(customer.pk) | at_customer(customer.pk, "other")
    ).select_related("customer__merged_into", "other__merged_into")
    found = []
    for link in rows.order_by("kind", "pk"):
        out = link.customer.pk == customer.pk
        way = link.kind if out or link.kind == "partner" else "supplied_by"
        found.append((link, link.other if out else link.customer, way))
    if not found:
        return []
    ids = {other.pk for _link, other, _way in found}
    seen = set(visible_customers(user).filter(pk__in=ids).values_list("pk", flat=True))
    return [one for one in found if one[1].pk in seen]


def panel(user: User, customer: Customer, day: date) -> dict[str, Any] | None:
    """The card; those without a group and links have it only where it can be edited."""
    nodes, links = tree(user, customer), links_of(user, customer)
    can_edit, money = can(user, Page.EDIT_CUSTOMERS), sees_money(user)
    if len(nodes) < 2 and not links and not can_edit:
        return None
    return {
        "nodes": nodes if len(nodes) > 1 else [],
        "sums": roll_up(nodes, on=day, money=money),
        "links": links,
        "can_edit": can_edit,
        "can_merge": can(user, Page.MERGE_CUSTOMERS),
        "money": money,
    }


GROUP = Panel(_("Group and business links"), "desk/panel_group.html", panel)

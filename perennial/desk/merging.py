"""What a merge brings together: counted before it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.contracts.models import Invoice, OrderLine
from perennial.customers.duplicates import Reason
from perennial.customers.models import Customer, Merge, Person, Touch
from perennial.customers.queries import records_of, visible_records
from perennial.desk.models import CustomerFigures
from perennial.metrics.queries import customer_metrics
from perennial.revenue import actions as revenue
from perennial.surveys.models import Answer
from perennial.team.access import sees_money
from perennial.team.models import User
from perennial.tickets.models import Ticket
from perennial.work.models import WorkItem

REASONS: dict[Reason, Promise] = {
    Reason.NAME: _("same name"),
    Reason.WEBSITE: _("same website"),
    Reason.MAIL: _("same e-mail domain"),
}
MOVES: tuple[tuple[Promise, type[Model]], ...] = (
    (_("People"), Person),
    (_("Touches"), Touch),
    (_("Order lines"), OrderLine),
    (_("Invoices"), Invoice),
    (_("Tickets"), Ticket),
    (_("Survey answers"), Answer),
    (_("Calls to action"), WorkItem),
)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two, with what stands under it."""

    customer: Customer
    figures: CustomerFigures | None
    arr: Any  # None where the role sees no money
    facts: Sequence[tuple[Promise, int]]
    uses: int  # events of 28 days


def side(user: User, customer: Customer, *, on: date) -> Side:
    """What a merge would move from it."""
    here = records_of(user, customer)
    facts = [
        (title, model._default_manager.filter(customer__in=here).count()) for title, model in MOVES
    ]
    usage = customer_metrics(as_of=on).get(customer.external_id)
    figures = CustomerFigures.objects.filter(pk=customer.pk).first()
    arr = figures.arr if figures and sees_money(user) else None
    return Side(customer, figures, arr, facts, int(usage.events_28d) if usage else 0)


def settle(merge: Merge) -> None:
    """Let the money follow a merge, or its undoing, at once; scores and sums follow with the
    next day."""
    into = Customer.objects.get(pk=merge.into_id)
    revenue.follow({merge.customer_id, into.pk, into.merged_into_id or into.pk})


def merges(user: User) -> list[Merge]:
    """The log: every merge whose survivor the reader sees, the newest first."""
    seen = visible_records(user)
    rows = Merge.objects.filter(into__in=seen, customer__in=seen)
    return list(rows.select_related("customer", "into", "by").order_by("-merged_at")[:100])

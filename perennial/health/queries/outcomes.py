"""What became of customers: contracts that fell due, renewed or lost, as known on a day.

Not gated: backtest and risk model learn from everybody, and what they show is figures.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from perennial.customers.models import Customer
from perennial.revenue.queries.clock import definitions_at, rates_at
from perennial.revenue.queries.exclusions import exclusions_at
from perennial.revenue.queries.sources import terms_known
from perennial.revenue.rules.due_items import DueItem, DueStatus, due_items
from perennial.revenue.rules.exclusions import by_order


@dataclass(frozen=True, slots=True)
class LabelledRenewal:
    """One due item (everything of a customer that ended on a day) that is decided.

    `amount` is the yearly amount due in the company's currency, None when it cannot be told;
    `started_on` the first day of the terms that fell due; `cycle` counts the customer's due
    items, 1 for the first.
    """

    customer: int  # Customer pk
    external_id: str
    due_on: date
    status: DueStatus
    lost: bool
    amount: Fraction | None
    renewed_amount: Fraction | None
    started_on: date
    cycle: int
    order_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Labelled:
    """Decided renewals by due day and customer, and what was left out and why."""

    rows: list[LabelledRenewal]
    pending: int
    excluded: int


def labelled_renewals(
    from_on: date,
    to_on: date,
    *,
    known_on: date,
    customers: Collection[int] | None = None,
) -> Labelled:
    """Every due item with its due day in [from_on, to_on], both included, as known by the end of
    `known_on`: pending ones and approved exclusions left out, and what falls due after
    `known_on`, though it may be decided early. `customers`: pks, None for all.
    """
    left_out = by_order(exclusions_at(known_on))
    theirs: dict[int, list[DueItem]] = {}
    for item in due_items(
        terms_known(known_on),
        known_on=known_on,
        definitions=definitions_at(known_on),
        rates=rates_at(known_on),
        to_on=min(to_on, known_on),
    ):
        theirs.setdefault(item.customer_id, []).append(item)
    names = dict(Customer.objects.values_list("pk", "external_id"))
    rows: list[LabelledRenewal] = []
    pending = excluded = 0
    for pk, items in theirs.items():
        if customers is not None and pk not in customers:
            continue
        for cycle, item in enumerate(sorted(items, key=lambda it: it.due_on), start=1):
            if item.due_on < from_on:
                continue
            if any(order_id in left_out for order_id in item.order_ids):
                excluded += 1
            elif item.is_pending:
                pending += 1
            else:
                rows.append(_labelled(item, names[pk], cycle=cycle))
    rows.sort(key=lambda row: (row.due_on, row.external_id))
    return Labelled(rows, pending, excluded)


def _labelled(item: DueItem, external_id: str, *, cycle: int) -> LabelledRenewal:
    return LabelledRenewal(
        customer=item.customer_id,
        external_id=external_id,
        due_on=item.due_on,
        status=item.outcome,
        lost=item.outcome is DueStatus.LOST,
        amount=item.due_amount,
        renewed_amount=item.renewed_amount,
        started_on=item.started_on,
        cycle=cycle,
        order_ids=item.order_ids,
    )

"""What people of the demo company decided about single orders: which to leave out of the renewal
rates (剔除), and who is credited with an upsell against its window."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from perennial.contracts.models import OrderLine
from perennial.customers.models import Customer
from perennial.demo.cast import CAST
from perennial.demo.finance import morning
from perennial.demo.words import Pair
from perennial.revenue.actions.credit import override_credit
from perennial.revenue.actions.exclusions import approve_exclusion, propose_exclusion
from perennial.revenue.models import CreditedTo, ExclusionReason
from perennial.revenue.queries.clock import definitions_at, rates_at
from perennial.revenue.queries.sources import terms_known
from perennial.revenue.queries.upsells import sales
from perennial.revenue.rules.due_items import DueItem, DueStatus, due_items
from perennial.team.models import User
from perennial.units.period import ONE_DAY, add_months

CLOSED: Final = Pair(
    "企业信用信息公示系统显示已注销，截图已存档。",
    "The company register shows it as dissolved; a copy is on file.",
)
MERGED: Final = Pair(
    "已被集团并购，业务改用集团账号；收购公告已存档。",
    "Bought by a group that uses its own account; the announcement is on file.",
)
AGAINST_WINDOW: Final = Pair(
    "由销售随集团框架协议谈成，CSM 未参与。",
    "Sales won it with the group's framework agreement; the CSM took no part.",
)
PROPOSED_AFTER: Final = timedelta(days=9)
DECIDED_AFTER: Final = timedelta(days=2)


def exclude_lost(*, end_on: date, language: str, leader: User, finance: User, at: datetime) -> None:
    """Of the last finished quarter: a customer that closed down is approved by finance, another
    one that was bought by a group waits for them."""
    lost = list(_lost(end_on))
    lost.sort(key=lambda item: (item.notice_on is None, item.due_on, item.customer_id))
    chosen = zip(
        (lost[0], lost[-1]) if len(lost) > 1 else (),
        ((ExclusionReason.CLOSED, CLOSED), (ExclusionReason.MERGED, MERGED)),
        strict=False,
    )
    for item, (reason, evidence) in chosen:
        order_id = item.order_ids[0]
        owner = Customer.objects.select_related("owner").get(pk=item.customer_id).owner
        proposer = (owner or leader) if reason is ExclusionReason.MERGED else leader
        proposed_on = min(item.due_on + PROPOSED_AFTER, end_on)
        propose_exclusion(
            order_id,
            reason=reason,
            evidence=evidence.text(language),
            by=proposer,
            at=morning(proposed_on, at=at),
        )
        if reason is ExclusionReason.CLOSED:
            decided_on = min(proposed_on + DECIDED_AFTER, end_on)
            approve_exclusion(order_id, by=finance, at=morning(decided_on, at=at))


def _lost(end_on: date) -> Iterator[DueItem]:
    """Due items of the last finished quarter that were lost, without the cast."""
    months = (end_on + ONE_DAY).month - 1
    first_on = add_months((end_on + ONE_DAY).replace(day=1), -(months % 3) - 3)
    cast = [member.external_id for member in CAST]
    theirs = set(Customer.objects.filter(external_id__in=cast).values_list("pk", flat=True))
    for item in due_items(
        terms_known(None),
        known_on=end_on,
        definitions=definitions_at(),
        rates=rates_at(),
        from_on=first_on,
        to_on=add_months(first_on, 3) - ONE_DAY,
    ):
        if item.outcome is DueStatus.LOST and item.customer_id not in theirs:
            yield item


def credit_sales(*, end_on: date, language: str, by: User, at: datetime) -> None:
    """The second largest upsell of the last finished month, when there are that many."""
    running_on = (end_on + ONE_DAY).replace(day=1)
    month_on = add_months(running_on, -1)
    sold = [it for it in sales().upsells if month_on <= it.signed_on < running_on and it.amount]
    sold.sort(key=lambda it: (it.amount or 0, it.order_id), reverse=True)
    for upsell in sold[1:2]:
        order = OrderLine.objects.filter(order_id=upsell.order_id).order_by("line").first()
        if order is not None:
            override_credit(
                order,
                credited_to=CreditedTo.SALES,
                reason=AGAINST_WINDOW.text(language),
                by=by,
                at=morning(min(running_on + DECIDED_AFTER, end_on), at=at),
            )

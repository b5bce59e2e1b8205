"""The words of revenue figures, and the definition (口径) that stands beside each."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.revenue.models import MovementKind
from perennial.revenue.rules import Movement

KINDS: Final[dict[Movement, str | Promise]] = {
    kind: MovementKind(kind.value).label for kind in Movement
}
ELSEWHERE = _("a customer of another team")
MOVEMENTS: Final[dict[Movement, str | Promise]] = {
    Movement.NEW: _("Customers that pay for the first time ever."),
    Movement.EXPANSION: _(
        "Customers that pay more at the end of the period than at its start; the end of a pause."
    ),
    Movement.REACTIVATION: _("Customers that had left, however long ago, and pay again."),
    Movement.CONTRACTION: _(
        "Customers that pay less, but stay; a pause counts here, its end as expansion."
    ),
    Movement.CHURN: _("Customers without paid service at the end of the period."),
}
MRR: Final = _(
    "Monthly recurring revenue at the end of the last day: the sum of all live recurring order "
    "lines, each divided by the months of its term. One-off fees, trials and buy-outs do not "
    "count; a paused order counts zero."
)
ARR: Final = _("MRR × 12, at the end of the last day.")
NRR: Final = _(
    "Net revenue retention: what the customers of the start pay at the end, divided by what they "
    "paid at the start. New and returning customers do not count."
)
GRR: Final = _(
    "Gross revenue retention: as NRR, but each customer counts at most what it paid at the start. "
    "Never above 100%."
)
CUSTOMERS: Final = _(
    "Customers with paid service at the end of the last day, paused ones included; trials and "
    "customers at zero are not counted."
)
NET: Final = _(
    "MRR at the end minus MRR at the start. It is exactly the sum of the five movements."
)
RECOGNITION: Final = _(
    "Churn counts on the first day without service. Each customer is compared between the end of "
    "the day before the period and the end of its last day."
)

"""The words of upsell credit, and the definition (口径) beside each of its figures."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from perennial.revenue.models import CreditedTo
from perennial.revenue.queries.expansion import UNKNOWN
from perennial.revenue.rules.attribution import CreditRules, Source
from perennial.revenue.rules.subkinds import SubKind
from perennial.web.formats import money, number

Text = str | Promise
PARTIES: Final[dict[str, Text]] = {
    CreditedTo.CSM: CreditedTo.CSM.label,
    CreditedTo.SALES: CreditedTo.SALES.label,
    UNKNOWN: pgettext_lazy("credit of an upsell", "not known"),
}
SOURCES: Final[dict[Source, Text]] = {
    Source.ADDON: pgettext_lazy("where an upsell was signed", "add-on order"),
    Source.RENEWAL: pgettext_lazy("where an upsell was signed", "renewal"),
}
KINDS: Final[dict[SubKind | None, Text]] = {
    SubKind.SEATS: pgettext_lazy("kind of upsell", "Seats"),
    SubKind.PLAN: pgettext_lazy("kind of upsell", "Upgrade"),
    SubKind.PRICE: pgettext_lazy("kind of upsell", "Price"),
    SubKind.CROSS_SELL: pgettext_lazy("kind of upsell", "Cross-sell"),
    SubKind.CO_TERM: pgettext_lazy("kind of upsell", "Co-termed add-on"),
    SubKind.DISCOUNT: pgettext_lazy("kind of upsell", "Discount ended"),
    None: pgettext_lazy("kind of upsell", "Not told apart"),
}
UPSELL: Final = gettext_lazy(
    "Yearly value of the add-on orders signed in the period, and of what renewals signed in it add "
    "above the amount due. One-off fees do not count; a renewal after the grace is no upsell."
)
KIND: Final = gettext_lazy(
    "The terms of the customer are compared between the eve of the order's start and that day; "
    "the largest gain gives the order its kind."
)
WHITE_SPACE: Final = gettext_lazy(
    "Products that at least half of the similar customers have and this one has not. Similar: same "
    "industry and size, or the same industry where fewer than five are of its size. The amount is "
    "the median that they pay a year: a hint, no forecast."
)
UNKNOWN_SIZE: Final = gettext_lazy(
    "The size of the first deal is not known (no exchange rate, or a total without its one-off "
    "share), so the window cannot be told."
)


def window(rules: CreditRules, currency: str) -> str:
    """The rule of credit with the numbers in force."""
    return _(
        "Signed before the first signing + window: sales; on that day or later: the CSM. Window "
        "by the yearly value of the first deal: below %(low)s %(small)s months, up to and with "
        "%(high)s %(middle)s months, above %(large)s months."
    ) % {
        "low": money(rules.small_below, currency),
        "high": money(rules.large_above, currency),
        "small": number(rules.small_months),
        "middle": number(rules.middle_months),
        "large": number(rules.large_months),
    }


def work(rules: CreditRules) -> str:
    """Credit needs work (权责利一致)."""
    return _(
        "Upsell credited to a CSM who logged no touch with the customer in the %(days)s days up to "
        "the signing. The CSM is the one of today; touches of others are counted apart."
    ) % {"days": number(rules.work_days)}

"""The words of the renewal rates, and the definition (口径) beside each figure."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from perennial.revenue.rules.definitions import Definitions, MergedBase
from perennial.revenue.rules.due_items import DueStatus
from perennial.revenue.rules.renewal import NOTHING_DECIDED, NOTHING_DUE
from perennial.revenue.wording.figures import REASONS as SHARED

Text = str | Promise
STATUSES: Final[dict[DueStatus, tuple[Text, str]]] = {  # word and tone
    DueStatus.RENEWED_EARLY: (pgettext_lazy("status of a due item", "renewed early"), "good"),
    DueStatus.ON_TIME: (pgettext_lazy("status of a due item", "renewed on time"), "good"),
    DueStatus.LATE: (pgettext_lazy("status of a due item", "renewed late"), "warn"),
    DueStatus.PENDING: (pgettext_lazy("status of a due item", "open"), "cool"),
    DueStatus.LOST: (pgettext_lazy("status of a due item", "lost"), "bad"),
    DueStatus.EXCLUDED: (pgettext_lazy("status of a due item", "excluded"), ""),
}
LISTS: Final[dict[str, Text]] = {
    "": pgettext_lazy("due items", "All"),
    DueStatus.RENEWED_EARLY: pgettext_lazy("due items", "Renewed early"),
    DueStatus.ON_TIME: pgettext_lazy("due items", "On time"),
    DueStatus.LATE: pgettext_lazy("due items", "Late"),
    DueStatus.PENDING: pgettext_lazy("due items", "Open"),
    DueStatus.LOST: pgettext_lazy("due items", "Lost"),
    DueStatus.EXCLUDED: pgettext_lazy("due items", "Excluded"),
    "renewed": pgettext_lazy("due items", "Renewed"),
    "upsold": pgettext_lazy("due items", "Renewed for more"),
}
REASONS: Final[dict[str, Text]] = {
    **SHARED,
    NOTHING_DUE: gettext_lazy("Nothing fell due."),
    NOTHING_DECIDED: gettext_lazy("Nothing is decided yet."),
}
LOGO: Final = gettext_lazy(
    "Customers renewed ÷ customers due. A customer is renewed when at least one of its due items "
    "was; one that is still open does not count yet."
)
PURE: Final = gettext_lazy(
    "Renewed ÷ due, in yearly amounts; each item counts at most what was due, so that upsell "
    "cannot cover a loss. Never above 100%."
)
UPSELL: Final = gettext_lazy(
    "Renewed ÷ due, in yearly amounts, with everything that the renewals added."
)
RANGE: Final = gettext_lazy(
    "What is still possible: all open items lost, up to all renewed for what is due."
)
ADJUSTED: Final = gettext_lazy(
    "Without the approved exclusions, in numerator and denominator. The raw rate counts all."
)
TIERS: Final = gettext_lazy("By the customers' tier of today; the rows add up to the total.")
PRODUCTS: Final = gettext_lazy(
    "Only renewals of the same product count, item by item; a change of product is a loss here "
    "and none in the rates above. Open items are left out."
)
GAP: Final = gettext_lazy(
    "续费率 − 续约率. More than 10 points: a few large renewals hide many small losses."
)
MULTI_YEAR: Final = gettext_lazy(
    "Share of ARR in orders longer than a year. They fall due only at their end and are in no "
    "rate in between."
)
LONG: Final = gettext_lazy(
    "Share of ARR in orders of three years or more: nobody is asked whether to stay (fake SaaS)."
)
BUYOUT: Final = gettext_lazy(
    "Buy-outs ÷ (buy-outs + yearly amount of new orders) signed in the twelve months up to the "
    "last day. A buy-out never recurs."
)


def base(used: Definitions) -> str:
    """What falls due, and when it counts as renewed, under these definitions."""
    grace = ngettext("%(n)d day", "%(n)d days", used.grace_days) % {"n": used.grace_days}
    early = ngettext("%(n)d day", "%(n)d days", used.early_days) % {"n": used.early_days}
    said = _(
        "Due: what ends on one day at one customer, on its last day of service, at its yearly "
        "amount with add-ons and downsells. Renewed: by orders that name it, signed and begun "
        "within %(grace)s of grace, counted where it fell due; signed more than %(early)s before: "
        "early. Later or without a link is lost."
    ) % {"grace": grace, "early": early}
    if used.merged_base is MergedBase.MOVE:
        said += " " + _(
            "In the adjusted rates the base of a merged customer moves to the one that survives."
        )
    return said

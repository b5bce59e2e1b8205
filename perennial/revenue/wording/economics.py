"""The words of unit economics: every figure with its formula, base and period (口径)."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.revenue.queries.economics import Segments
from perennial.revenue.rules.cost_to_serve import Work
from perennial.revenue.wording import figures as wording

Text = str | Promise
FIGURES: Final[dict[str, tuple[Text, Text]]] = {
    "arpa": (
        _("ARPA, per month"),
        _("MRR ÷ paying customers, both at the end of the window."),
    ),
    "asp": (
        _("ASP, per month"),
        _("MRR of the customers that came in the window ÷ their number."),
    ),
    "cac": (
        _("CAC"),
        _(
            "All cost of sales and marketing of the window's months (or of earlier ones, when a "
            "lag is defined) ÷ customers that came in the window."
        ),
    ),
    "ltv_to_cac": (
        _("LTV ÷ CAC"),
        _("L2 ÷ CAC; without a gross margin L1 ÷ CAC."),
    ),
    "payback_months": (
        _("Payback, months"),
        _("CAC ÷ (ARPA × gross margin)."),
    ),
    "yearly_churn": (
        _("Logo churn a year"),
        _(
            "Customers of the start that are gone at the end ÷ customers of the start, brought to "
            "a year by 1 − (1 − c)^(12 ÷ months); never c × 12."
        ),
    ),
}
LTV: Final[dict[str, tuple[Text, Text]]] = {
    "l1": (
        _("ARPA ÷ churn"),
        _("ARPA at the end of the window ÷ the window's logo churn per month. Revenue, no margin."),
    ),
    "l2": (
        _("With gross margin"),
        _("ARPA × gross margin ÷ the window's logo churn per month."),
    ),
    "l3": (
        _("With expansion"),
        _(
            "a ÷ c + m × (1 − c) ÷ c²: a = ARPA × margin, c = churn per month, m = the window's "
            "expansion per customer of the start and month × margin."
        ),
    ),
    "l4": (
        _("ACV × cycles"),
        _("ARPA × 12 × (1 ÷ logo churn a year), the years a customer stays. Revenue, no margin."),
    ),
    "l5": (
        _("Survival curve, discounted"),
        _(
            "Yearly margin × discounted payments to come of a new customer, by the curve of all "
            "customers ever (sBG). The only one that knows that loyal customers stay."
        ),
    ),
}
CHECKS: Final[dict[str, Text]] = {
    "ltv_to_cac": _("LTV ÷ CAC is at least"),
    "payback_months": _("Months of payback are at most"),
    "cac_to_mrr": _("CAC ÷ ARPA is below"),
    "yearly_churn": _("Logo churn a year is at most"),
    "acv_to_cac": _("ACV ÷ CAC is at least"),
}
REASONS: Final[dict[str, Text]] = {
    **wording.REASONS,
    **wording.ECONOMIC_REASONS,
    "no_cost": _("The cost of sales and marketing is not recorded for every month."),
    "no_margin": _("The gross margin is not known: set it, or record the cost of delivery."),
    "too_few_customers": _("Fewer than 30 customers were ever seen paying."),
    "too_few_periods": _("Customers were seen for less than two whole years."),
    "everybody_left": _("Everybody left in the first year."),
    "no_hour_cost": _("The cost of an hour is not set."),
    "not_recorded": _("Referrals are not recorded yet."),
}
WORKS: Final[dict[Work, Text]] = {
    Work.TOUCHES: pgettext_lazy("hours of service", "Touches"),
    Work.TRAINING: pgettext_lazy("hours of service", "Training"),
    Work.TICKETS: pgettext_lazy("hours of service", "Tickets"),
}
SEGMENTS: Final[dict[Segments, Text]] = {
    Segments.TIER: pgettext_lazy("segment", "Tier"),
    Segments.INDUSTRY: pgettext_lazy("segment", "Industry"),
    Segments.PRODUCT: pgettext_lazy("segment", "Product"),
}
SIGNS: Final[dict[str, Text]] = {
    "low_renewal": _("Amount renewal rate"),
    "prepaid": _("Share of ARR prepaid for three years or more"),
    "buyout": _("Share of sales sold as buy-out"),
}
FAKE: Final = _(
    "Low renewal, several years paid at once, or buy-outs are software sold as a service in name "
    "only. Renewal: due in the window, without upsell, decided items; prepaid: of the ARR at its "
    "end; buy-outs: against the first year of new contracts, over twelve months."
)
STAYING: Final = _(
    "Kaplan–Meier: at each age at which somebody left, the share that stays is multiplied by 1 − "
    "left ÷ still observed. Customers that pay, or whose renewal is pending, leave the observation "
    "at their age: they are not lost. The band is the 95% interval."
)
BASE: Final = _(
    "sBG: every customer has an own chance to leave, so that those who stayed are the loyal ones. "
    "The naive figure takes one renewal rate for everybody and is too low."
)
SERVED: Final = _(
    "Hours of touches (training apart) and tickets of the window × the cost of an hour. Touches "
    "without minutes and all tickets count their standard time; how much of it is measured is told."
)
PROFIT: Final = _(
    "Renewed without upsell of what fell due in the window, plus upsell signed in it and credited "
    "to CSMs, both per year, minus the cost of serving. Referrals are not recorded yet."
)
FIT: Final = _(
    "By fit (target or not) it will be told once customers are judged: nobody records it yet."
)

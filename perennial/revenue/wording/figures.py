"""The words of revenue figures, and the definition (口径) that stands beside each."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.revenue.models import MovementKind
from perennial.revenue.rules import Movement, SubKind
from perennial.revenue.rules.cohorts import CohortMetric
from perennial.units.period import Grain

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
CMRR: Final = _(
    "Committed MRR: MRR, plus what is signed and has not begun, minus what was cancelled and has "
    "not ended. A signed renewal replaces what it renews."
)
ARPA: Final = _("MRR at the end of the last day, divided by the paying customers of that day.")
ASP: Final = _("New MRR of the period, divided by the customers that paid for the first time.")
GROWTH: Final = _(
    "ARR at the end of the last day, against ARR a year before. 30–40% a year is strong growth."
)
QUICK_RATIO: Final = _(
    "What was won in the period (new, expansion, reactivation) divided by what was lost "
    "(contraction, churn)."
)
LOGO_RETENTION: Final = _(
    "Customers of the start that still pay at the end, divided by the customers of the start."
)
START: Final = pgettext_lazy("of a period", "Start")
END: Final = pgettext_lazy("of a period", "End")
RESTATEMENT: Final = _("Restatement")
FX: Final = _("Currency")
REASONS: Final[dict[str, str | Promise]] = {
    "missing_rate": _("An exchange rate is missing."),
    "split_missing": _("An order does not say how much of it recurs."),
    "nothing_at_start": _("Nobody paid at the start."),
    "no_losses": _("Nothing was lost."),
}
SUB_KINDS: Final[dict[SubKind, str | Promise]] = {
    SubKind.SEATS: pgettext_lazy("part of a change", "seats"),
    SubKind.PLAN: pgettext_lazy("part of a change", "plan"),
    SubKind.PRICE: pgettext_lazy("part of a change", "price"),
    SubKind.CROSS_SELL: pgettext_lazy("part of a change", "other product"),
    SubKind.DISCOUNT: pgettext_lazy("part of a change", "discount"),
    SubKind.PAUSE: pgettext_lazy("part of a change", "pause"),
    SubKind.RESUME: pgettext_lazy("part of a change", "end of a pause"),
    SubKind.CO_TERM: pgettext_lazy("part of a change", "aligned term"),
}

COHORT_METRICS: Final[dict[CohortMetric, str | Promise]] = {
    CohortMetric.LOGO: _("Logo"),
    CohortMetric.GRR: _("GRR"),
    CohortMetric.NRR: _("NRR"),
}
COHORT_DEFINITIONS: Final[dict[CohortMetric, str | Promise]] = {
    CohortMetric.LOGO: _(
        "Of the customers that paid for the first time in a period, the share that still pays."
    ),
    CohortMetric.GRR: _(
        "Of the MRR that a cohort had at the end of its first period, what is left; each customer "
        "counts at most what it paid then."
    ),
    CohortMetric.NRR: _(
        "Of the MRR that a cohort had at the end of its first period, what its customers pay now, "
        "growth included."
    ),
}
COHORT_COLUMNS: Final[dict[str, str | Promise]] = {
    "period": pgettext_lazy("columns of cohorts", "Periods"),
    "cycle": pgettext_lazy("columns of cohorts", "Renewals"),
}
GRAINS: Final[dict[Grain, str | Promise]] = {
    Grain.MONTH: pgettext_lazy("grain", "Month"),
    Grain.QUARTER: pgettext_lazy("grain", "Quarter"),
    Grain.YEAR: pgettext_lazy("grain", "Year"),
}
COHORT_CYCLE: Final = _(
    "Columns are renewals: what is left after the first, the second, the third one. A cell is "
    "known once that renewal is decided for every customer of the row."
)


def titles() -> dict[str, str | Promise]:
    """The lines of a period's report by name."""
    return {"start": START, "end": END, "fx": FX} | {str(kind): KINDS[kind] for kind in Movement}


ECONOMIC_REASONS: Final[dict[str, str | Promise]] = {
    "no_customers": _("Nobody pays at the end of the window."),
    "nobody_at_start": _("Nobody paid at the start of the window."),
    "nobody_left": _("Nobody left in the window: a lifetime cannot be told from it."),
    "nobody_came": _("No new customer came in the window."),
    "no_cost": _("The cost of sales and marketing is not known."),
    "no_margin": _("The gross margin is not known."),
    "no_profit": _("There is no gross profit that could pay it back."),
    "no_cohorts": _("Too few customers were seen for long enough to fit a survival curve."),
    "only_sbg": _("There is a formula for the sBG model only."),
    "infinite": _("With these parameters it has no finite value."),
}

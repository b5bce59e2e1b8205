"""The words of the planner: what each input and each result means."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.revenue.rules.plan import Outcome

Text = str | Promise
Told = tuple[Text, ...]  # a line of a table: title, base, scenario
Kind = Literal["rate", "money", "count", "years"]
MOST: Final = Decimal(10) ** 13


@dataclass(frozen=True, slots=True)
class Input:
    """One input with its bounds: rates in percent, money in the company's currency."""

    name: str
    kind: Kind
    title: Text
    text: Text
    low: Decimal
    high: Decimal
    slide_low: Decimal = Decimal(0)
    slide_high: Decimal | None = None  # None: twice the value


def _rate(
    name: str, title: Text, text: Text, *, low: int = 0, high: int = 100, slide: int = 100
) -> Input:
    slide_low = Decimal(max(low, -50))
    return Input(name, "rate", title, text, Decimal(low), Decimal(high), slide_low, Decimal(slide))


def _money(name: str, title: Text, text: Text, *, low: Decimal = Decimal(0)) -> Input:
    return Input(name, "money", title, text, low, MOST)


CENT: Final = Decimal("0.01")
LEVERS: Final[tuple[tuple[Text, tuple[Input, ...]], ...]] = (
    (
        _("Keep"),
        (
            _rate(
                "renewal",
                pgettext_lazy("planner", "Renewal rate"),
                _(
                    "The share of last year's ARR that is kept (r). Filled in from the GRR of "
                    "twelve months."
                ),
            ),
            _rate(
                "upsell",
                pgettext_lazy("planner", "Upsell"),
                _(
                    "What existing customers buy on top in a year, as a share of last year's ARR "
                    "(u). Filled in from NRR − GRR of twelve months."
                ),
            ),
        ),
    ),
    (
        _("Win"),
        (
            Input(
                "new_customers",
                "count",
                pgettext_lazy("planner", "New customers"),
                _("Customers won in the first year. Filled in from the last twelve months."),
                Decimal(0),
                Decimal(10**7),
            ),
            _rate(
                "growth",
                pgettext_lazy("planner", "Growth of new customers"),
                _("How many more are won each year than the year before (g)."),
                low=-90,
                high=300,
                slide=100,
            ),
            _money(
                "price",
                pgettext_lazy("planner", "Price"),
                _(
                    "ARR of a new customer. It changes new sales only; those who are customers "
                    "keep what they pay. Filled in from new ARR ÷ new customers."
                ),
            ),
        ),
    ),
    (
        pgettext_lazy("planner", "Spend"),
        (
            _money(
                "cac",
                _("CAC"),
                _(
                    "All sales and marketing cost per new customer. Filled in from the monthly "
                    "costs of twelve months, where all of them are recorded."
                ),
            ),
            _rate(
                "margin",
                _("Gross margin"),
                _("What is left of revenue after hosting and delivery."),
            ),
            _money(
                "arr_per_csm",
                _("ARR per CSM"),
                _("How much ARR one customer success manager carries."),
                low=CENT,
            ),
            _money("csm_cost", _("Cost of a CSM"), _("Per year, all included.")),
        ),
    ),
)
FACTS: Final[tuple[tuple[Text, tuple[Input, ...]], ...]] = (
    (
        _("Start and horizon"),
        (
            _money("arr", _("ARR at the start"), _("Recurring revenue before the first year.")),
            Input(
                "years",
                "years",
                pgettext_lazy("planner", "Years"),
                _("How far the plan looks."),
                Decimal(1),
                Decimal(10),
            ),
        ),
    ),
    (
        _("Contracts"),
        (
            Input(
                "term_years",
                "years",
                _("Years per order"),
                _("The usual term. An order over several years counts as one period."),
                Decimal(1),
                Decimal(10),
            ),
            _rate(
                "prepaid",
                _("Prepaid for 3 years or more"),
                _("The share of ARR in orders of three years or more."),
            ),
            _rate(
                "buyout",
                _("Sold as buy-out"),
                _(
                    "Buy-outs as a share of what was sold in twelve months: buy-outs and the "
                    "first year of new orders."
                ),
            ),
        ),
    ),
    (
        _("When to warn of fake SaaS"),
        (
            _rate("fake_renewal", _("Renewal rate below"), _("Our limit; yours may differ.")),
            _rate("fake_prepaid", _("Prepaid above"), _("Of ARR, for three years or more.")),
            _rate("fake_buyout", _("Buy-outs above"), _("Of what was sold in twelve months.")),
            Input(
                "fake_term",
                "years",
                _("Usual term from"),
                _("An order that long hides whether the customer would renew."),
                Decimal(2),
                Decimal(10),
            ),
        ),
    ),
    (
        _("Licence instead"),
        (
            _money("licence", _("Licence price"), _("Paid once, for one customer.")),
            _money(
                "licence_cost",
                _("Cost of delivery"),
                _("Once, at the start; the same for licence and subscription."),
            ),
            _rate(
                "maintenance",
                _("Maintenance"),
                _("Yearly, as a share of the licence price, from the second cycle on."),
            ),
            _money(
                "keeping",
                _("Cost of keeping"),
                _("What keeping a subscriber costs per cycle, from the second one on (留存成本)."),
            ),
        ),
    ),
)
LEVER_INPUTS: Final = tuple(one for _title, inputs in LEVERS for one in inputs)
FACT_INPUTS: Final = tuple(one for _title, inputs in FACTS for one in inputs)
TITLES: Final[dict[str, Text]] = {it.name: it.title for it in (*LEVER_INPUTS, *FACT_INPUTS)}

OUTCOMES: Final[dict[Outcome, tuple[Text, Text]]] = {
    Outcome.ARR: (
        _("ARR at the end"),
        _("At the end of the last year: ARR kept, upsell and new sales of all years."),
    ),
    Outcome.REVENUE: (
        pgettext_lazy("planner", "Revenue in total"),
        _("The ARR at the end of each year, added up."),
    ),
    Outcome.CONTRIBUTION: (
        _("Contribution in total"),
        _(
            "ARR × gross margin − CAC × new customers − cost of the CSMs, added up over the "
            "years. Other costs of the company are not in it."
        ),
    ),
    Outcome.LTV_TO_CAC: (
        _("LTV ÷ CAC"),
        _(
            "LTV = price × gross margin ÷ (1 − renewal rate), without upsell and discounting. "
            "Healthy from 3; far above 5 more could be spent on growth."
        ),
    ),
}
PAYBACK: Final = _("CAC ÷ monthly gross profit of a new customer. Healthy up to 12 months.")
CSMS: Final = _("ARR at the end of the last year ÷ ARR per CSM, rounded up to whole people.")
REFILL: Final = _(
    "At churn c, a base B needs c × B of upsell to stay as it is: c ÷ (1 − c) of what was kept. "
    "The larger the base, the harder: renewals have to be watched early."
)
FORMULA: Final = _(
    "ARR of year t = new customers × price × (1+g)^(t−1) + (r + u) × ARR of the year before."
)
SIGNS: Final[dict[str, Text]] = {
    "low_renewal": _("The renewal rate is %(value)s, below %(limit)s."),
    "prepaid": _("%(value)s of ARR is prepaid for three years or more, above %(limit)s."),
    "buyout": _("%(value)s of sales are buy-outs, above %(limit)s."),
    "long_term": _("The usual order runs %(value)s years, as long as %(limit)s or longer."),
}

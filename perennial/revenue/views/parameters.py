"""The numbers of the pages: shown beside the figures that they make, changed by those who
decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST

from perennial.revenue.actions.parameters import set_parameters
from perennial.revenue.queries.parameters import parameters
from perennial.revenue.rules.cost_to_serve import STANDARD_MINUTES
from perennial.revenue.rules.parameters import CREDIT, ECONOMICS, SERVICE
from perennial.team.access import Page, require
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.web.faults import in_words

Text = str | Promise
MONTHS: Final = gettext_lazy("months")
DAYS: Final = gettext_lazy("days")
HOURS: Final = gettext_lazy("hours")
MONEY: Final = pgettext_lazy("unit of a parameter", "money a year")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number with its label and default as text; `value` is what somebody set, else empty."""

    name: str
    label: Text
    default: str
    unit: Text = ""
    value: str = ""


CREDIT_FIELDS: Final = (
    Parameter("credit.small_below", gettext_lazy("Small deals: below"), "20000", MONEY),
    Parameter("credit.small_months", gettext_lazy("Window of small deals"), "3", MONTHS),
    Parameter("credit.middle_months", gettext_lazy("Window of middle deals"), "6", MONTHS),
    Parameter("credit.large_above", gettext_lazy("Large deals: above"), "100000", MONEY),
    Parameter("credit.large_months", gettext_lazy("Window of large deals"), "12", MONTHS),
    Parameter("credit.work_days", gettext_lazy("Work counts for"), "60", DAYS),
)

SHARE: Final = gettext_lazy("share, such as 75%")
ECONOMICS_FIELDS: Final = (
    Parameter("economics.gross_margin", gettext_lazy("Gross margin"), "", SHARE),
    Parameter("economics.ltv_to_cac", gettext_lazy("LTV ÷ CAC, at least"), "3"),
    Parameter("economics.payback_months", gettext_lazy("Payback, at most"), "12", MONTHS),
    Parameter("economics.cac_to_mrr", gettext_lazy("CAC ÷ ARPA, below"), "12"),
    Parameter("economics.yearly_churn", gettext_lazy("Logo churn a year, at most"), "5%", SHARE),
    Parameter("economics.acv_to_cac", gettext_lazy("ACV ÷ CAC, at least"), "1"),
    Parameter("economics.discount_rate", gettext_lazy("Discount rate a year"), "10%", SHARE),
)


def service_fields(touches: Mapping[str, str], tickets: Iterable[str]) -> list[Parameter]:
    """Cost of an hour, standard times by kind of touch (value → word) and of ticket."""
    per_touch = gettext_lazy("minutes")
    return [
        Parameter(
            "service.hour_cost",
            gettext_lazy("Cost of an hour"),
            "",
            pgettext_lazy("unit of a parameter", "money"),
        ),
        Parameter("service.ticket_hours", gettext_lazy("A ticket"), "1", HOURS),
        *(
            Parameter(f"service.ticket.{kind}", kind, "", HOURS)
            for kind in tickets
            if len(kind) <= 40
        ),
        *(
            Parameter(f"service.minutes.{kind}", touches.get(kind, kind), str(minutes), per_touch)
            for kind, minutes in STANDARD_MINUTES.items()
        ),
    ]


def fields(of: Sequence[Parameter], *, known_on: date | None) -> list[Parameter]:
    """The parameters as they stand by the end of a day."""
    prefix = of[0].name.partition(".")[0] + "."
    values = parameters(prefix, known_on)
    return [Parameter(it.name, it.label, it.default, it.unit, values.get(it.name, "")) for it in of]


@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """Record what was typed; back to the page, with what is wrong in a toast."""
    user = who(request)
    require(user, Page.REVENUE_DECISIONS)
    prefix = request.POST.get("prefix", "")
    if prefix in {CREDIT, SERVICE, ECONOMICS}:
        values = {
            name: text[:40].replace("\0", "")
            for name, text in request.POST.items()
            if isinstance(text, str) and name.startswith(prefix)
        }
        try:
            set_parameters(prefix, values=values, by=user, at=timezone.now())
        except InputRefused as refused:
            messages.error(request, in_words(refused))
        else:
            messages.success(request, _("Saved"))
    return redirect(back(request))


def back(request: HttpRequest) -> str:
    """The page one came from, never another host."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if wanted.startswith("/revenue/") and safe else "/revenue/"

"""Unit economics: the figures and their checks, segments, lifetimes, cost to serve, costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any, Final

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from perennial.customers.models import TouchKind
from perennial.revenue.models import MonthlyCostKind
from perennial.revenue.queries.book import Book
from perennial.revenue.queries.clock import Clock
from perennial.revenue.queries.costs import kept_costs, months_of
from perennial.revenue.queries.due import due_of
from perennial.revenue.queries.economics import (
    LENGTHS,
    Segments,
    Told,
    by_segment,
    unit_economics,
    whole_months,
)
from perennial.revenue.queries.lifetimes import lifetimes
from perennial.revenue.queries.service import CostToServe, cost_to_serve, profit_of
from perennial.revenue.queries.sources import source
from perennial.revenue.rules.planning import FakeLimits, fake_saas
from perennial.revenue.shown import curves as pictures
from perennial.revenue.views.frame import clock_of, frame
from perennial.revenue.views.parameters import ECONOMICS_FIELDS, fields, service_fields
from perennial.revenue.wording import economics as words
from perennial.team.access import Page, require
from perennial.team.request import who
from perennial.units.moment import business_day
from perennial.units.period import Period, add_months

PER_PAGE: Final = 50
MONTHS_SHOWN: Final = 24
YEARS: Final = (0, 1, 2, 3, 5, 10)  # years of the projection that are printed
AGES: Final = (12, 24, 36, 60)  # months at which the share that stays is printed


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """One of the four views, over 3, 6 or 12 whole months."""
    user = who(request)
    require(user, Page.COMPANY_REVENUE)
    clock = clock_of(request)
    months = _months(request)
    period = whole_months(clock, months)
    asked = request.GET.get("view", "")
    view = asked if asked in VIEWS else "figures"
    around = frame(request, clock) | {
        "view": view,
        "period": period,
        "months": months,
        "lengths": LENGTHS,
        "reasons": words.REASONS,
    }
    return render(request, "revenue/economics.html", around | VIEWS[view](request, clock, period))


def _months(request: HttpRequest) -> int:
    return next((it for it in LENGTHS if str(it) == request.GET.get("months")), 12)


def asked_window(request: HttpRequest, clock: Clock) -> Period:
    """The whole months that the address asks for."""
    return whole_months(clock, _months(request))


def asked_segments(request: HttpRequest) -> Segments:
    return next((it for it in Segments if it == request.GET.get("by")), Segments.TIER)


def figures(request: HttpRequest, clock: Clock, period: Period) -> dict[str, Any]:
    """Figures, LTV by every formula, checks, segments, the fake-SaaS signs."""
    user = who(request)
    stands_on = source(clock.known_on)
    told, given = unit_economics(user, period, stands_on=stands_on)
    by = asked_segments(request)
    segments = by_segment(user, period, by, margin=given.margin, stands_on=stands_on)
    return _shown(told) | {
        "told": told,
        "given": given,
        "segments": segments,
        "by": by,
        "bys": [(it, words.SEGMENTS[it]) for it in Segments],
        "fake": _fake(request, clock, period),
        "fake_told": words.FAKE,
        "parameters": fields(ECONOMICS_FIELDS, known_on=clock.known_on),
    }


def _shown(told: Told) -> dict[str, Any]:
    """Key figures, LTVs and checks, each with its words and why it may be missing."""
    found = told.found
    values = {it.name: it.value for it in found.tests} | {
        name: getattr(found, name)
        for name in ("arpa", "asp", "cac", "payback_months", "yearly_churn")
    }
    why = found.reasons | {it.name: it.reason for it in found.tests if it.value is None}

    def reason(code: str) -> str:
        return str(words.REASONS.get(code, ""))

    return {
        "figures": [
            {"name": name, "title": title, "definition": definition, "value": values[name],
             "reason": reason(why.get(name, ""))}
            for name, (title, definition) in words.FIGURES.items()
        ],
        "ltv": [
            {"it": it, "title": words.LTV[it.variant][0], "told": words.LTV[it.variant][1],
             "reason": reason(it.reason)}
            for it in found.ltv
        ],
        "checks": [
            {"it": it, "title": words.CHECKS[it.name], "reason": reason(it.reason)}
            for it in found.tests
        ],
    }  # fmt: skip


def _fake(request: HttpRequest, clock: Clock, period: Period) -> list[dict[str, Any]]:
    """The three signs of 假 SaaS, each with its value, limit and whether it shows."""
    found = due_of(who(request), period, clock=clock, today=_today())
    rates, shares, limits = found.rates, found.prepaid, FakeLimits()
    values = {
        "low_renewal": (rates.amount_renewal_rate, limits.renewal),
        "prepaid": (shares.long_rate, limits.prepaid),
        "buyout": (shares.buyout_rate, limits.buyout),
    }
    signs = fake_saas(
        renewal=rates.amount_renewal_rate, prepaid=shares.long_rate, buyout=shares.buyout_rate
    )
    shows = {it.name for it in signs}
    return [
        {"name": name, "title": words.SIGNS[name], "value": value, "limit": limit,
         "shows": name in shows}
        for name, (value, limit) in values.items()
    ]  # fmt: skip


def lifetime(request: HttpRequest, clock: Clock, period: Period) -> dict[str, Any]:
    """Kaplan–Meier, by industry, the projection and what the base is still worth."""
    on = clock.as_of
    found = lifetimes(who(request), on, known_on=clock.known_on)
    told, given = unit_economics(who(request), period, stands_on=source(clock.known_on))
    arpa, margin = told.found.arpa, given.margin
    yearly = None if arpa is None else float(arpa * 12 * (1 if margin is None else margin))
    left = found.base.left
    return {
        "on": on,
        "staying": found.everybody,
        "chart": pictures.staying(found.everybody),
        "ages": [(age, found.everybody.at(age)) for age in AGES],
        "industries": [
            (name, one, [(age, one.at(age)) for age in AGES[:3]])
            for name, one in found.by_industry.items()
            if one.n
        ],
        "base": found.base,
        "projection": [(year, found.base.survival[year]) for year in YEARS if found.base.curve],
        "base_reason": words.REASONS.get(found.base.reason, ""),
        "worth": None if not left or left.expected is None or yearly is None
        else Fraction(left.expected * yearly),
        "has_margin": margin is not None,
        "staying_told": words.STAYING,
        "base_told": words.BASE,
    }  # fmt: skip


def service(request: HttpRequest, clock: Clock, period: Period) -> dict[str, Any]:
    """Cost to serve by tier and customer, and the profit of customer success."""
    user = who(request)
    book = Book(user, clock.known_on)
    found = cost_to_serve(user, period, known_on=clock.known_on)
    paged = Paginator(found.customers, PER_PAGE).get_page(request.GET.get("page"))
    names = book.named([pk for pk, _tier, _served in paged])
    cost = found.whole.cost
    return {
        "found": found,
        "page": paged,
        "rows": [(names[pk], tier, served) for pk, tier, served in paged],
        "works": words.WORKS,
        "profit": profit_of(book, user, period, clock=clock, today=_today(), cost=cost),
        "served_told": words.SERVED,
        "profit_told": words.PROFIT,
        "fit_told": words.FIT,
        "parameters": _service_fields(found, clock),
    }


def _service_fields(found: CostToServe, clock: Clock) -> list[Any]:
    kinds = {kind.value: str(kind.label) for kind in TouchKind}
    return fields(service_fields(kinds, found.ticket_kinds), known_on=clock.known_on)


def costs(request: HttpRequest, clock: Clock, period: Period) -> dict[str, Any]:
    """What was recorded, month by month, newest first, as fields that can be typed over."""
    del request
    first = add_months(period.last_on.replace(day=1), 1 - MONTHS_SHOWN)
    shown = months_of(Period("", first, clock.as_of))
    kept = {kind: kept_costs(kind, known_on=clock.known_on) for kind in MonthlyCostKind}
    return {
        "cost_kinds": [(kind.value, kind.label) for kind in MonthlyCostKind],
        "cost_rows": [
            (month_on, [(kind.value, kind.label, kept[kind].get(month_on)) for kind in kept])
            for month_on in reversed(shown)
        ],
    }


VIEWS: Final[Mapping[str, Callable[[HttpRequest, Clock, Period], dict[str, Any]]]] = {
    "figures": figures,
    "lifetime": lifetime,
    "service": service,
    "costs": costs,
}


def _today() -> date:
    return business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)

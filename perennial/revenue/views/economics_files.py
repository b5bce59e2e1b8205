"""What the views of unit economics show, as files: amounts to the cent, rates to six digits."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from perennial.revenue.queries.book import Book
from perennial.revenue.queries.clock import Clock
from perennial.revenue.queries.economics import Told, by_segment, unit_economics
from perennial.revenue.queries.lifetimes import lifetimes
from perennial.revenue.queries.service import cost_to_serve
from perennial.revenue.queries.sources import source
from perennial.revenue.rules.cost_to_serve import HOUR, Work
from perennial.revenue.views.economics import asked_segments, asked_window
from perennial.revenue.views.frame import clock_of
from perennial.team.access import Page, require
from perennial.team.models import User
from perennial.team.request import who
from perennial.units.money import round_half_up
from perennial.units.period import Period
from perennial.web.download import csv_file

AMOUNTS = ("arpa", "asp", "cac")
RATES = ("monthly_churn", "yearly_churn", "payback_months")


@require_GET
def economics_csv(request: HttpRequest) -> HttpResponse:
    """The view on the screen, all of its rows."""
    user = who(request)
    require(user, Page.COMPANY_REVENUE)
    require(user, Page.EXPORT)
    clock = clock_of(request)
    period = asked_window(request, clock)
    span = f"{period.first_on:%Y-%m}-{period.last_on:%Y-%m}"
    match request.GET.get("view", ""):
        case "service":
            columns = ["customer_id", "name", "tier", *map(str, Work), "hours", "standard_hours",
                       "cost", "arr", "currency"]  # fmt: skip
            rows = _served(user, clock, period)
            return csv_file(f"cost-to-serve-{span}.csv", columns=columns, rows=rows)
        case "lifetime":
            columns = ["group", "months", "survival", "low", "high", "at_risk", "left"]
            name = f"lifetime-{clock.as_of}.csv"
            return csv_file(name, columns=columns, rows=_staying(user, clock))
    columns = ["segment", "figure", "value", "limit", "passed", "reason", "currency"]
    rows = _figures(request, clock, period)
    return csv_file(f"unit-economics-{span}.csv", columns=columns, rows=rows)


def _figures(request: HttpRequest, clock: Clock, period: Period) -> Iterator[list[object]]:
    stands_on = source(clock.known_on)
    told, given = unit_economics(who(request), period, stands_on=stands_on)
    yield from _rows(told)
    for check in told.found.tests:
        passed = "" if check.passed is None else str(check.passed).lower()
        limit = _rate(check.limit)
        yield ["", f"check.{check.name}", _rate(check.value), limit, passed, check.reason, ""]
    by = asked_segments(request)
    for one in by_segment(who(request), period, by, margin=given.margin, stands_on=stands_on):
        yield from _rows(one)


def _rows(told: Told) -> Iterator[list[object]]:
    """Figures of everybody or of a segment; unknown amounts are empty, with the reason."""
    found, currency = told.found, settings.PERENNIAL_CURRENCY
    amounts = {name: getattr(found, name) for name in AMOUNTS}
    amounts |= {f"ltv.{one.variant}": one.amount for one in found.ltv}
    yield [told.name, "customers", told.window.customers, "", "", "", ""]
    yield [told.name, "mrr", _cents(told.window.mrr, told), "", "", told.unknown, currency]
    for name, amount in amounts.items():
        reason = told.unknown or found.reasons.get(name, "")
        yield [told.name, name, _cents(amount, told), "", "", reason, currency]
    for name in RATES:
        reason = found.reasons.get(name, "")
        yield [told.name, name, _rate(getattr(found, name)), "", "", reason, ""]


def _cents(amount: Fraction | None, told: Told) -> object:
    return "" if amount is None or told.unknown else round_half_up(amount)


def _rate(value: Fraction | None) -> object:
    return "" if value is None else round_half_up(value, places=6)


def _staying(user: User, clock: Clock) -> Iterator[list[object]]:
    found = lifetimes(user, clock.as_of, known_on=clock.known_on)
    for group, one in {"": found.everybody, **found.by_industry}.items():
        for point in one.points:
            shares = (round(it, 6) for it in (point.survival, point.low, point.high))
            yield [group, round(point.t, 4), *shares, point.at_risk, point.left]


def _served(user: User, clock: Clock, period: Period) -> Iterator[list[object]]:
    book = Book(user, clock.known_on)
    found = cost_to_serve(user, period, known_on=clock.known_on)
    names = book.named([pk for pk, _tier, _served in found.customers])
    for pk, tier, one in found.customers:
        hours = [_rate(one.service.hours[work]) for work in Work]
        total, standard = _rate(one.service.total), _rate(Fraction(one.service.standard) / HOUR)
        cost = "" if one.cost is None else round_half_up(one.cost)
        money = (cost, round_half_up(one.arr), settings.PERENNIAL_CURRENCY)
        yield [names[pk].external_id, names[pk].name, tier, *hours, total, standard, *money]

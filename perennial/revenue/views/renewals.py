"""The Renewal rates page: the rates side by side, raw and adjusted, and the items behind each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from perennial.revenue.forms import Shown, clock_query, read
from perennial.revenue.queries import recorded_until
from perennial.revenue.queries.book import Named
from perennial.revenue.queries.clock import Clock
from perennial.revenue.queries.exclusions import Held, customers_of, held
from perennial.revenue.queries.renewals import (
    NO_TIER,
    NOBODY,
    Renewals,
    anything_due,
    renewals_of,
)
from perennial.revenue.rules.due_items import DueItem, DueStatus
from perennial.revenue.rules.renewal import RenewalRates, rates_of
from perennial.revenue.shown import kpis
from perennial.revenue.shown.outcomes import outcome_bars
from perennial.revenue.shown.rates import checks, rate_cards, rate_rows
from perennial.revenue.views.frame import clock_of, frame
from perennial.revenue.wording import renewals as words
from perennial.team.access import Page, require
from perennial.team.request import who
from perennial.units.moment import business_day
from perennial.units.money import round_half_up
from perennial.units.period import Grain, period_of
from perennial.web.download import csv_file

PER_PAGE: Final = 25
NOTEWORTHY: Final = 1000  # upsell of less than 1/1000 of what was due is rounding
RENEWED, UPSOLD = "renewed", "upsold"
TABS: Final = ("", *DueStatus)
LISTS: Final = (*TABS, RENEWED, UPSOLD)


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """One period: rates, what became of the items, by tier and product, the items themselves."""
    clock, shown = _asked(request)
    found = _found(request, clock, shown)
    more = frame(request, clock)
    if not found.report.items and not anything_due(who(request)):
        return render(request, "revenue/renewals_none.html", more)
    listed, tier = _list(request.GET), _tier(request.GET)
    of_tier = _of_tier(found, tier)
    items = [item for item in of_tier if _is_in(item, listed)]
    paged = Paginator(items, PER_PAGE).get_page(request.GET.get("page"))
    used = found.book.source.definitions
    standing = held(clock.known_on)
    more |= {
        "shown": shown,
        "span": kpis.span(shown),
        "recorded_on": recorded_until() or timezone.now(),
        "missing": found.book.missing(),
        "raw": found.report.raw,
        "cards": rate_cards(found.report, shown.query, currency=settings.PERENNIAL_CURRENCY),
        "bars": outcome_bars(found.report.raw, href=f"?{shown.query}&status="),
        "checks": checks(found),
        "tiers": rate_rows(found),
        "products": found.products(),
        "product_told": words.PRODUCTS,
        "tier_told": words.TIERS,
        "base": words.base(used),
        "has_adjusted": bool(found.report.excluded),
        "adjusted_told": words.ADJUSTED,
        "tabs": _tabs(of_tier, listed),
        "list": listed,
        "tier": tier,
        "page": paged,
        "rows": _rows(found, list(paged), standing),
        "sum": rates_of(items) if tier or listed else found.report.raw,
        "exclusions": _exclusions(found, standing),
    }
    return render(request, "revenue/renewals.html", more)


def _asked(request: HttpRequest) -> tuple[Clock, Shown]:
    """Whole periods, by default quarters: what is still to fall due in a running one is open."""
    clock = clock_of(request)
    asked = request.GET.copy()
    asked.setdefault("grain", Grain.QUARTER)
    told = clock_query(clock)
    shown = read(asked, as_of=clock.as_of, clock_query=told)
    return clock, replace(shown, period=period_of(shown.period.first_on, shown.grain))


def _found(request: HttpRequest, clock: Clock, shown: Shown) -> Renewals:
    user = who(request)
    require(user, Page.REVENUE)
    today = business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)
    return renewals_of(user, shown.period, clock=clock, today=today)


def _list(query: QueryDict) -> str:
    asked = query.get("status", "")
    return asked if asked in LISTS else ""


def _tier(query: QueryDict) -> str:
    return query.get("tier", "")[:10]


def _of_tier(found: Renewals, tier: str) -> list[DueItem]:
    if not tier:
        return found.report.items
    wanted = NO_TIER if tier == NOBODY else tier
    tier_of = found.tier_of
    return [it for it in found.report.items if tier_of.get(it.customer_id, NO_TIER) == wanted]


def _is_in(item: DueItem, listed: str) -> bool:
    """Lists follow what became of the items, excluded or not, so that they add up to the raw
    rates; the excluded ones are a list of their own."""
    if listed == RENEWED:
        return item.is_renewed
    if listed == UPSOLD:
        return bool(_more(item))
    if listed == DueStatus.EXCLUDED:
        return item.exclusion is not None
    return listed in ("", item.outcome)


def _tabs(items: Sequence[DueItem], listed: str) -> list[dict[str, Any]]:
    named = [*TABS, listed] if listed in (RENEWED, UPSOLD) else TABS
    tabs = [(it, sum(_is_in(item, it) for item in items)) for it in named]
    return [
        {"list": it, "title": words.LISTS[it], "count": count, "is_current": it == listed}
        for it, count in tabs
        if count or it in ("", listed)
    ]


def _rows(
    found: Renewals, items: Sequence[DueItem], standing: Sequence[Held]
) -> list[dict[str, Any]]:
    names = found.book.named(sorted({item.customer_id for item in items}))
    waiting = {one.row.order_id for one in standing if not one.is_approved}
    return [
        _row(item, names[item.customer_id], found)
        | {"proposed": next((it for it in item.order_ids if it in waiting), "")}
        for item in items
    ]


def _row(item: DueItem, customer: Named, found: Renewals) -> dict[str, Any]:
    word, tone = words.STATUSES[item.status]
    more = _more(item)
    return {
        "item": item,
        "customer": customer,
        "tier": found.tier_of.get(item.customer_id, ""),
        "status": word,
        "tone": tone,
        "otherwise": words.STATUSES[item.outcome][0] if item.exclusion else "",
        "unknown": words.REASONS.get(item.unknown, ""),
        "more": more if more and more * NOTEWORTHY >= (item.due_amount or 0) else None,
    }


def _more(item: DueItem) -> Fraction | None:
    """What the renewal added above the amount due."""
    if item.renewed_amount is None or item.kept_amount is None:
        return None
    return item.renewed_amount - item.kept_amount


def _exclusions(found: Renewals, standing: Sequence[Held]) -> list[dict[str, Any]]:
    """Those of this period's items, and whatever waits for approval, of customers that this user
    may open."""
    items = {order_id: item for item in found.report.items for order_id in item.order_ids}
    told = [one for one in standing if one.row.order_id in items or not one.is_approved]
    customers = customers_of([one.row.order_id for one in told]) if told else {}
    names = found.book.named(sorted(set(customers.values())))
    return [
        {"held": one, "item": items.get(order_id), "customer": names[customers[order_id]]}
        for one in told
        if (order_id := one.row.order_id) in customers and names[customers[order_id]].linked
    ]


@require_GET
def items_csv(request: HttpRequest) -> HttpResponse:
    """The list on the screen, all of its rows."""
    clock, shown = _asked(request)
    found = _found(request, clock, shown)
    require(who(request), Page.EXPORT)
    listed, tier = _list(request.GET), _tier(request.GET)
    items = [item for item in _of_tier(found, tier) if _is_in(item, listed)]
    columns = [
        "customer_id", "name", "tier", "due_on", "due_amount", "renewed_amount", "currency",
        "status", "outcome", "order_ids", "renewed_by", "signed_on", "exclusion_reason",
        "exclusion_evidence", "exclusion_approved_by",
    ]  # fmt: skip
    parts = [shown.period.label, listed, tier]
    name = f"renewals-{'-'.join(part for part in parts if part)}.csv"
    return csv_file(name, columns=columns, rows=_csv_rows(found, items))


def _csv_rows(found: Renewals, items: Sequence[DueItem]) -> Iterator[list[object]]:
    names = found.book.named(sorted({item.customer_id for item in items}))
    for item in items:
        of, why = names[item.customer_id], item.exclusion
        orders = (item.order_ids, item.renewed_by) if of.linked else ((), ())
        yield [
            of.external_id, of.name, found.tier_of.get(item.customer_id, ""), item.due_on,
            _cents(item.due_amount), _cents(item.renewed_amount), settings.PERENNIAL_CURRENCY,
            item.status.value, item.outcome.value, *(";".join(ids) for ids in orders),
            item.signed_on or "", why.reason if why else "",
            why.evidence if why and of.linked else "", why.approved_by if why else "",
        ]  # fmt: skip


@require_GET
def rates_csv(request: HttpRequest) -> HttpResponse:
    """The rates, raw and adjusted, in all and by tier; six digits, empty when not known."""
    clock, shown = _asked(request)
    found = _found(request, clock, shown)
    require(who(request), Page.EXPORT)
    columns = [
        "period", "tier", "rates", "due_customers", "renewed_customers", "open_customers",
        "due_amount", "currency", "logo_renewal_rate", "amount_renewal_rate",
        "amount_renewal_rate_with_upsell", "logo_low", "logo_high", "amount_low", "amount_high",
    ]  # fmt: skip
    parts = [("all", found.report.raw, found.report.adjusted), *found.tiers]
    rows = [
        [shown.period.label, tier or NOBODY, label, *_rate_cells(rates)]
        for tier, raw, adjusted in parts
        for label, rates in (("raw", raw), ("adjusted", adjusted))
    ]
    return csv_file(f"renewal-rates-{shown.period.label}.csv", columns=columns, rows=rows)


def _rate_cells(rates: RenewalRates) -> list[object]:
    bounds = rates.bounds
    shares = (
        rates.logo_renewal_rate, rates.amount_renewal_rate, rates.amount_renewal_rate_with_upsell,
        bounds.logo_low, bounds.logo_high, bounds.amount_low, bounds.amount_high,
    )  # fmt: skip
    return [
        rates.due_customers, rates.renewed_customers, rates.open_customers,
        _cents(rates.due_amount), settings.PERENNIAL_CURRENCY,
        *("" if share is None else round_half_up(share, places=6) for share in shares),
    ]  # fmt: skip


def _cents(amount: Fraction | None) -> object:
    return "" if amount is None else round_half_up(amount)

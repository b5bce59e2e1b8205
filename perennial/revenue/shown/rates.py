"""The figures of the Renewal rates page, written out: four cards, rows by tier, honesty checks."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from perennial.revenue.queries.renewals import NOBODY, Renewals
from perennial.revenue.rules.planning import FakeLimits
from perennial.revenue.rules.renewal import RenewalRates, RenewalReport
from perennial.revenue.wording import renewals as words
from perennial.web.formats import money, number, percent

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Card:
    """A rate: raw in large, adjusted beside it; `why` stands in for a rate that is not known."""

    title: Text
    value: str
    why: Text
    note: str
    adjusted: str
    definition: Text
    href: str


def rate_cards(report: RenewalReport, query: str, *, currency: str) -> list[Card]:
    """续约率, 续费率, 续费率 with upsell, and what is still possible; each opens its items."""
    raw, adjusted = report.raw, report.adjusted
    decided = raw.due_customers - raw.open_customers
    of_customers = _("%(n)s of %(all)s customers") % {
        "n": number(raw.renewed_customers),
        "all": number(decided),
    }
    cards = [
        _card(_("Logo renewal rate"), "logo_renewal_rate", report, of_customers, words.LOGO, query),
        _card(
            _("Amount renewal rate"),
            "amount_renewal_rate",
            report,
            _of(raw.kept_amount, raw.decided_amount, currency),
            words.PURE,
            query,
        ),
        _card(
            _("Amount renewal rate with upsell"),
            "amount_renewal_rate_with_upsell",
            report,
            _of(raw.renewed_amount, raw.decided_amount, currency),
            words.UPSELL,
            query,
            status="upsold",
        ),
    ]
    return [*cards, _range(raw, adjusted, query)]


def _card(
    title: Text,
    name: str,
    report: RenewalReport,
    note: str,
    definition: Text,
    query: str,
    *,
    status: str = "renewed",
) -> Card:
    rate: Fraction | None = getattr(report.raw, name)
    return Card(
        title=title,
        value=percent(rate, decimals=1),
        why=words.REASONS.get(report.raw.reason(rate), ""),
        note=note if rate is not None else "",
        adjusted=percent(getattr(report.adjusted, name), decimals=1),
        definition=definition,
        href=f"?{query}&status={status}#items",
    )


def _of(part: Fraction | None, whole: Fraction | None, currency: str) -> str:
    if part is None or whole is None:
        return ""
    given = {"part": money(part, currency), "whole": money(whole, currency)}
    return _("%(part)s of %(whole)s") % given


def _range(raw: RenewalRates, adjusted: RenewalRates, query: str) -> Card:
    """Of the money; where it is not known, of the customers."""
    still = raw.open_customers
    value = span(raw) if still else _("all decided")
    said = ngettext("%(n)s customer is open", "%(n)s customers are open", still)
    return Card(
        title=_("Still possible") if still else _("Range"),
        value=value,
        why="",
        note=said % {"n": number(still)} if still else _("no open items"),
        adjusted=span(adjusted) if adjusted.open_customers else "",
        definition=words.RANGE,
        href=f"?{query}&status=pending#items",
    )


def span(rates: RenewalRates) -> str:
    """`78.0–86.5%`, of the money when it is known, else of the customers."""
    bounds = rates.bounds
    low, high = bounds.amount_low, bounds.amount_high
    if low is None or high is None:
        low, high = bounds.logo_low, bounds.logo_high
    return f"{percent(low, decimals=1).removesuffix('%')}–{percent(high, decimals=1)}"


def rate_rows(found: Renewals) -> list[dict[str, Any]]:
    """The total and every tier, each raw and adjusted."""
    tiers = [
        {
            "title": tier or pgettext("tier", "no tier"),
            "tier": tier or NOBODY,
            "raw": raw,
            "adjusted": adjusted,
        }
        for tier, raw, adjusted in found.tiers
    ]
    report = found.report
    whole = {"title": "", "tier": "", "raw": report.raw, "adjusted": report.adjusted}
    return [*tiers, whole] if len(tiers) > 1 else tiers


@dataclass(frozen=True, slots=True)
class Check:
    """What may make a good rate look better than it is. `is_bad` None: not known."""

    title: Text
    value: str
    limit: str
    is_bad: bool | None
    definition: Text


def checks(found: Renewals) -> list[Check]:
    """Money against count, and what is never asked to renew (假 SaaS)."""
    raw, shares, limits = found.report.raw, found.prepaid, FakeLimits()
    gap = raw.money_over_count
    told = _("%(points)s points") % {"points": _points(gap)} if gap is not None else "–"
    return [
        Check(
            _("Money minus customers"),
            told,
            _("at most %(points)s points") % {"points": 10},
            None if gap is None else raw.hides_losses,
            words.GAP,
        ),
        _share(_("In orders longer than a year"), shares.multi_year_rate, None, words.MULTI_YEAR),
        _share(_("Prepaid for three years or more"), shares.long_rate, limits.prepaid, words.LONG),
        _share(_("Sold as buy-out"), shares.buyout_rate, limits.buyout, words.BUYOUT),
    ]


def _points(gap: Fraction) -> str:
    return percent(gap, decimals=1, sign=True).removesuffix("%")


def _share(title: Text, share: Fraction | None, limit: Fraction | None, told: Text) -> Check:
    return Check(
        title,
        percent(share, decimals=1),
        _("at most %(rate)s") % {"rate": percent(limit)} if limit is not None else "",
        None if share is None or limit is None else share > limit,
        told,
    )

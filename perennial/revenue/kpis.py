"""The strip of key figures and the waterfall: numbers, words and the definition beside each."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from perennial.revenue import wording
from perennial.revenue.forms import Shown
from perennial.revenue.queries import Overview
from perennial.revenue.rules import Movement, Movements
from perennial.units.money import ratio
from perennial.web.charts.waterfall import Step, axis_floor, waterfall
from perennial.web.formats import day, money, number, percent


@dataclass(frozen=True, slots=True)
class Kpi:
    """`value` and `note` are written out; `direction` says whether the note is a rise."""

    title: str
    value: str
    note: str
    direction: int
    definition: str | Promise
    href: str


def kpis(found: Overview, shown: Shown, *, currency: str) -> list[Kpi]:
    """The six key figures; each opens the customers behind it."""
    report = found.report
    came = report.counts[Movement.NEW] + report.counts[Movement.REACTIVATION]
    gone = report.counts[Movement.CHURN]
    flow = _("%(came)s came, %(gone)s left") % {"came": number(came), "gone": number(gone)}
    lost = _("lost %(rate)s of the start") % {"rate": percent(found.gross_churn_rate, decimals=1)}
    growth = percent(found.growth_rate, decimals=1, sign=True)
    up = (report.net > 0) - (report.net < 0)
    end, net = report.end, money(report.net, currency, sign=True)
    payers = f"{reverse('revenue:customers')}?{shown.query}"
    movers = f"{reverse('revenue:movers')}?{shown.query}"
    kept, year = found.retention, found.yearly
    return [
        Kpi(_("MRR"), money(end, currency), growth, up, wording.MRR, payers),
        Kpi(_("ARR"), money(end * 12, currency), growth, up, wording.ARR, payers),
        Kpi(_("NRR"), _rate(kept.nrr), _yearly(year.nrr), 0, wording.NRR, movers),
        Kpi(_("GRR"), _rate(kept.grr), _yearly(year.grr), 0, wording.GRR, movers),
        Kpi(_("Paying customers"), number(report.customers), flow, 0, wording.CUSTOMERS, payers),
        Kpi(_("Net change"), net, lost, 0, wording.NET, movers),
    ]


def _rate(rate: Fraction | None) -> str:
    return percent(rate, decimals=1)


def _yearly(rate: Fraction | None) -> str:
    return _("12 months: %(rate)s") % {"rate": _rate(rate)}


def chart(found: Overview, shown: Shown, *, currency: str) -> tuple[SafeString, str]:
    """The waterfall, and where its axis starts when it does not start at zero."""
    report = found.report
    payers = f"{reverse('revenue:customers')}?{shown.query}"
    movers = f"{reverse('revenue:movers')}?{shown.query}&kind="
    steps = [
        Step(
            pgettext("of a period", "Start"), report.start, is_total=True, href=f"{payers}&at=start"
        ),
        *(
            Step(str(wording.KINDS[kind]), report.amounts[kind], href=f"{movers}{kind}")
            for kind in Movement
        ),
        Step(pgettext("of a period", "End"), report.end, is_total=True, href=payers),
    ]
    told = _("From %(start)s to %(end)s") % {
        "start": money(report.start, currency),
        "end": money(report.end, currency),
    }
    floor = axis_floor(steps)
    picture = waterfall(steps, currency=currency, title=_("MRR movement"), description=told)
    return picture, money(int(floor), currency) if floor > 0 else ""


def table(report: Movements) -> list[dict[str, Any]]:
    """The movements as rows, with each one's definition."""
    return [
        {
            "kind": kind,
            "title": wording.KINDS[kind],
            "count": report.counts[kind],
            "amount": report.amounts[kind],
            "share": ratio(report.amounts[kind], report.start),
            "definition": wording.MOVEMENTS[kind],
        }
        for kind in Movement
    ]


def customers_in(currencies: dict[str, int]) -> str:
    """`USD (3 customers)`, for what was left out of the totals."""
    return ", ".join(
        ngettext("%(code)s (%(n)d customer)", "%(code)s (%(n)d customers)", n)
        % {"code": code, "n": n}
        for code, n in sorted(currencies.items())
    )


def span(shown: Shown) -> str:
    """`2026-10-01 → 2026-10-31`."""
    return f"{day(shown.period.first_on)} → {day(shown.period.last_on)}"

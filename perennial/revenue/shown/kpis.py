"""The strip of key figures and the waterfall: numbers, words and the definition beside each."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from perennial.revenue.forms import Shown
from perennial.revenue.queries import Overview
from perennial.revenue.rules import Movement, Movements, RetentionReport
from perennial.revenue.rules.definitions import RetentionBasis
from perennial.revenue.wording import figures as wording
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
    """The key figures, the first six most important; each opens the customers behind it."""
    return [*_headline(found, shown, currency), *_more(found, shown, currency)]


def _headline(found: Overview, shown: Shown, currency: str) -> list[Kpi]:
    report, kept, year = found.report, found.retention, found.yearly
    came = report.counts[Movement.NEW] + report.counts[Movement.REACTIVATION]
    flow = _("%(came)s came, %(gone)s left") % {
        "came": number(came),
        "gone": number(report.counts[Movement.CHURN]),
    }
    lost = _("lost %(rate)s of the start") % {"rate": _rate(kept.gross_churn)}
    growth = percent(found.growth_rate, decimals=1, sign=True)
    end, start = report.figure("end"), report.figure("start")
    net = None if end is None or start is None else end - start
    up = _sign(net or Fraction(0))
    arr = None if end is None else end * 12
    payers, movers = _behind(shown)
    grr, nrr = _basis(found, kept)
    year_grr, year_nrr = _basis(found, year)
    told = [
        (_("MRR"), _money(end, currency), growth, up, wording.MRR, payers),
        (_("ARR"), _money(arr, currency), growth, up, wording.ARR, payers),
        (_("NRR"), _rate(nrr), _yearly(year_nrr), 0, wording.NRR, movers),
        (_("GRR"), _rate(grr), _yearly(year_grr), 0, wording.GRR, movers),
        (_("Paying customers"), number(report.customers), flow, 0, wording.CUSTOMERS, payers),
        (_("Net change"), _money(net, currency, sign=True), lost, 0, wording.NET, movers),
    ]
    return [_kpi(*one, reason=found.unknown) for one in told]


def _more(found: Overview, shown: Shown, currency: str) -> list[Kpi]:
    payers, movers = _behind(shown)
    report, kept, year = found.report, found.retention, found.yearly
    asp = (
        ratio(report.amounts[Movement.NEW], Fraction(report.counts[Movement.NEW]))
        if report.figure("new") is not None
        else None
    )
    quick = "–" if kept.quick_ratio is None else number(kept.quick_ratio, decimals=2)
    gains = _("gains per loss") if kept.quick_ratio is not None else _reason(kept, "quick_ratio")
    ahead = (
        None
        if found.committed is None or report.figure("end") is None
        else found.committed - report.end
    )
    signed = _("%(change)s ahead") % {"change": _money(ahead, currency, sign=True)}
    yearly = percent(found.yearly_growth_rate, decimals=1, sign=True)
    came = number(report.counts[Movement.NEW])
    told = [
        (_("CMRR"), _money(found.committed, currency), signed, 0, wording.CMRR, payers),
        (_("ARR growth"), yearly, _("in the last 12 months"), 0, wording.GROWTH, payers),
        (_("ARPA"), _money(found.arpa, currency), _("per customer"), 0, wording.ARPA, payers),
        (
            _("ASP"), _money(asp, currency), _("%(n)s new customers") % {"n": came}, 0,
            wording.ASP, f"{movers}&kind={Movement.NEW}",
        ),
        (_("Quick ratio"), quick, gains, 0, wording.QUICK_RATIO, movers),
        (
            _("Logo retention"), _rate(kept.logo_retention), _yearly(year.logo_retention), 0,
            wording.LOGO_RETENTION, movers,
        ),
    ]  # fmt: skip
    return [_kpi(*one, reason=found.unknown) for one in told]


def _kpi(
    title: str, value: str, note: str, direction: int, definition: str | Promise, href: str,
    *, reason: str,
) -> Kpi:  # fmt: skip
    if value == "–" and reason:
        note = str(wording.REASONS[reason])
    return Kpi(title, value, note, direction, definition, href)


def _behind(shown: Shown) -> tuple[str, str]:
    payers, movers = reverse("revenue:customers"), reverse("revenue:movers")
    return f"{payers}?{shown.query}", f"{movers}?{shown.query}"


def _basis(found: Overview, kept: RetentionReport) -> tuple[Fraction | None, Fraction | None]:
    """The headline's GRR and NRR, by the definition in force."""
    if found.basis is RetentionBasis.MOVEMENTS:
        return kept.grr_movement, kept.nrr_movement
    return kept.grr, kept.nrr


def _reason(kept: RetentionReport, name: str) -> str:
    return str(wording.REASONS.get(kept.reasons.get(name, ""), ""))


def _sign(amount: Fraction) -> int:
    return (amount > 0) - (amount < 0)


def _money(amount: Fraction | None, currency: str, *, sign: bool = False) -> str:
    return "–" if amount is None else money(amount, currency, sign=sign)


def _rate(rate: Fraction | None) -> str:
    return percent(rate, decimals=1)


def _yearly(rate: Fraction | None) -> str:
    return _("12 months: %(rate)s") % {"rate": _rate(rate)}


def chart(
    found: Overview, shown: Shown, *, currency: str, frozen: Fraction | None = None
) -> tuple[SafeString, str] | None:
    """The waterfall, and where its axis starts when it does not start at zero; None when a
    figure of it is unknown. `frozen`: the end of the closed period before; what was corrected
    since is a bar of its own."""
    report = found.report
    if report.unknown.keys() & {"start", "end"}:
        return None
    payers, movers = _behind(shown)
    begin = report.start if frozen is None else frozen
    steps = [
        Step(pgettext("of a period", "Start"), begin, is_total=True, href=f"{payers}&at=start"),
        *(
            Step(str(wording.KINDS[kind]), report.amounts[kind], href=f"{movers}&kind={kind}")
            for kind in Movement
        ),
        Step(pgettext("of a period", "End"), report.end, is_total=True, href=payers),
    ]
    if frozen is not None and frozen != report.start:
        steps.insert(1, Step(str(wording.RESTATEMENT), report.start - frozen))
    if report.fx:
        steps.insert(-1, Step(str(wording.FX), report.fx))
    told = _("From %(start)s to %(end)s") % {
        "start": money(begin, currency),
        "end": money(report.end, currency),
    }
    floor = axis_floor(steps)
    picture = waterfall(steps, currency=currency, title=_("MRR movement"), description=told)
    return picture, money(int(floor), currency) if floor > 0 else ""


def table(report: Movements) -> list[dict[str, Any]]:
    """The movements as rows, with each one's definition."""
    start = report.figure("start")
    return [
        {
            "kind": kind,
            "title": wording.KINDS[kind],
            "count": report.counts[kind],
            "amount": report.figure(kind),
            "share": None
            if start is None or report.figure(kind) is None
            else ratio(report.amounts[kind], start),
            "definition": wording.MOVEMENTS[kind],
        }
        for kind in Movement
    ]


def span(shown: Shown) -> str:
    """`2026-10-01 → 2026-10-31`."""
    return f"{day(shown.period.first_on)} → {day(shown.period.last_on)}"

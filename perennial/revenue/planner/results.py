"""What a plan shows: headline, key figures, checks, tables and pictures, written out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from perennial.revenue.planner import wording
from perennial.revenue.planner.inputs import BASE, OF, Asked
from perennial.revenue.planner.pictures import Bar, Series, lines, pairs, tornado
from perennial.revenue.planner.start import told
from perennial.revenue.planner.wording import FACT_INPUTS, LEVER_INPUTS, Told
from perennial.revenue.rules.plan import Outcome, plan, swings
from perennial.revenue.rules.planning import refill_share
from perennial.revenue.rules.whatif import ratio_limit
from perennial.units.money import ratio, round_half_up
from perennial.web.formats import UNKNOWN, money, number, percent


@dataclass(frozen=True, slots=True)
class Kpi:
    """A figure of the scenario with that of the base; `tone` good, bad or empty."""

    title: str | Promise
    value: str
    base: str
    change: str
    tone: str
    definition: str | Promise


class Results:
    """Both plans, and everything that the page says about them."""

    def __init__(self, asked: Asked, *, currency: str) -> None:
        self.asked, self.currency = asked, currency
        years = int(asked.values["years"])
        opening = asked.values["arr"]
        self.base = plan(asked.levers(base=True), opening=opening, years=years)
        self.plan = plan(asked.levers(base=False), opening=opening, years=years)
        self.years = years

    def context(self) -> dict[str, Any]:
        """For revenue/planner_results.html."""
        moved = list(self._swings())
        return {
            "kpis": list(self._kpis()),
            "changes": list(self.changes()),
            "headline": self.headline(),
            "growth_chart": self._growth_chart(),
            "ratio_note": self._ratio_note(),
            "rows": self.rows(),
            "refill_chart": self._refill_chart(),
            "refill_note": self._refill_note(),
            "swings": moved,
            "tornado": self._tornado(moved),
            "outcomes": [
                (it, title, replace(self.asked, outcome=it).query, it is self.asked.outcome)
                for it, (title, _text) in wording.OUTCOMES.items()
            ],
            "outcome_title": wording.OUTCOMES[self.asked.outcome][0],
            "inputs": list(self._inputs()),
            "formula": wording.FORMULA,
            "refill_text": wording.REFILL,
        }

    def money(self, amount: Fraction | None, *, sign: bool = False) -> str:
        return money(amount, self.currency, sign=sign)

    def changes(self) -> Iterator[Told]:
        """Levers in which the scenario differs: title, base, scenario."""
        for of in LEVER_INPUTS:
            before, after = (self.asked.values[of.name + end] for end in (BASE, ""))
            if before != after:
                yield of.title, told(of, before, self.currency), told(of, after, self.currency)

    def headline(self) -> str:
        """The one sentence of the page."""
        more = self.plan.arr - self.base.arr
        if not more:
            return _("Both scenarios end at the same ARR: move a slider to see what it changes.")
        words = {
            "years": number(self.years),
            "arr": self.money(self.plan.arr),
            "change": self.money(more, sign=True),
            "times": number(ratio(self.plan.arr, self.base.arr), decimals=2),
        }
        if not self.base.arr:
            return _("After %(years)s years ARR is %(arr)s.") % words
        return (
            _("After %(years)s years ARR is %(arr)s, %(times)s times the base (%(change)s).")
            % words
        )

    def _kpis(self) -> Iterator[Kpi]:
        ours, base = self.plan, self.base
        for outcome in (Outcome.ARR, Outcome.REVENUE, Outcome.CONTRIBUTION):
            title, text = wording.OUTCOMES[outcome]
            now, before = ours.outcome(outcome), base.outcome(outcome)
            change = (now or 0) - (before or 0)
            tone = "good" if change > 0 else "bad" if change < 0 else ""
            words = self.money(now), self.money(before), self.money(Fraction(change), sign=True)
            yield Kpi(title, *words, tone, text)
        title, text = wording.OUTCOMES[Outcome.LTV_TO_CAC]
        at = ours.ltv_to_cac
        tone = "" if at is None else "good" if at >= 3 else "bad"
        verdict = {"good": _("3 or more"), "bad": _("below 3")}.get(tone, "")
        yield Kpi(title, _times(at), _times(base.ltv_to_cac), verdict, tone, text)
        months = ours.payback_months
        tone = "" if months is None else "good" if months <= 12 else "bad"
        verdict = {"good": _("12 months or less"), "bad": _("over 12 months")}.get(tone, "")
        yield Kpi(_("Payback"), _months(months), _months(base.payback_months), verdict, tone,
                  wording.PAYBACK)  # fmt: skip
        people = number(ours.csms), number(base.csms)
        yield Kpi(_("CSMs needed"), *people, "", "", wording.CSMS)

    def _series(self, ours: list[Fraction], base: list[Fraction]) -> list[Series]:
        return [
            Series(pgettext("planner", "Base"), base, "base"),
            Series(pgettext("planner", "Scenario"), ours, "plan"),
        ]

    def _labels(self, *, first: int) -> list[str]:
        return [number(it) for it in range(first, self.years + 1)]

    def _growth_chart(self) -> str:
        ours, base = ([it.opening, *(y.arr for y in it.years)] for it in (self.plan, self.base))
        return lines(
            self._series(ours, base),
            labels=self._labels(first=0),
            currency=self.currency,
            title=_("ARR by year"),
            description=self.headline(),
        )

    def _ratio_note(self) -> str:
        """Where the two scenarios drift apart to, when only renewal and upsell differ."""
        ours, base = self.plan.levers, self.base.levers
        same = (ours.new_customers, ours.growth, ours.price)
        if same != (base.new_customers, base.growth, base.price):
            return ""
        rates = [it.renewal + it.upsell for it in (base, ours)]
        limit = ratio_limit(ours.growth, *rates)
        if rates[0] == rates[1] or limit is None:
            return ""
        words = {"limit": number(limit, decimals=2)}
        return _("In the long run the scenario ends at %(limit)s times the base.") % words

    def rows(self) -> list[dict[str, str]]:
        """Year by year, both scenarios."""
        grown = zip(self.plan.growth, self.base.growth, strict=True)
        return [
            {
                "year": number(ours.year),
                "base": self.money(base.arr),
                "plan": self.money(ours.arr),
                "ratio": number(ratio(ours.arr, base.arr), decimals=2),
                "growth_base": percent(growth_base, decimals=1, sign=True),
                "growth": percent(growth, decimals=1, sign=True),
                "lost_base": self.money(base.lost),
                "lost": self.money(ours.lost),
                "upsold": self.money(ours.upsold),
                "gap": self.money(ours.gap),
                "sold": self.money(ours.sold),
                "csms_base": number(base.csms),
                "csms": number(ours.csms),
                "contribution_base": self.money(base.contribution),
                "contribution": self.money(ours.contribution),
            }
            for ours, base, (growth, growth_base) in zip(
                self.plan.years, self.base.years, grown, strict=True
            )
        ]

    def _refill_chart(self) -> str:
        return pairs(
            self._series(*([y.lost for y in it.years] for it in (self.plan, self.base))),
            labels=self._labels(first=1),
            currency=self.currency,
            title=_("Churn to refill, by year"),
        )

    def _refill_note(self) -> list[Told]:
        """Title, base, scenario: what upsell would have to do."""
        found: list[Told] = []
        for title, growth in (
            (_("to stay as large"), Fraction(0)),
            (_("to grow by 30% without new customers"), Fraction(3, 10)),
        ):
            shares = [
                refill_share(1 - it.levers.renewal, growth=growth) for it in (self.base, self.plan)
            ]
            found.append((title, *(percent(it, decimals=1) for it in shares)))
        return found

    def _swings(self) -> Iterator[dict[str, Any]]:
        for it in swings(self.plan, self.asked.outcome):
            of = OF[it.lever]
            values = (told(of, at, self.currency) for at in (it.low_value, it.high_value))
            yield {
                "title": of.title,
                "values": list(values),
                "outcomes": [self._outcome(it.low), self._outcome(it.high)],
                "span": self._outcome(it.span),
                "swing": it,
            }

    def _inputs(self) -> Iterator[Told]:
        """All inputs in words, for paper: title, base, scenario."""
        for of in (*LEVER_INPUTS, *FACT_INPUTS):
            both = (self.asked.values.get(of.name + BASE), self.asked.values[of.name])
            yield (
                of.title,
                *("" if it is None else told(of, it, self.currency) for it in both),
            )

    def file(self) -> tuple[list[str], list[list[object]]]:
        """Columns and rows of the CSV: amounts to the cent, without signs of currency."""
        columns = ["year"]
        figures = ("arr", "lost", "upsold", "sold", "contribution", "csms")
        columns += [f"{name}_{side}" for name in figures for side in ("base", "scenario")]
        rows: list[list[object]] = []
        for base, ours in zip(self.base.years, self.plan.years, strict=True):
            row: list[object] = [ours.year]
            for name in figures:
                for year in (base, ours):
                    value = getattr(year, name)
                    row.append(round_half_up(value) if isinstance(value, Fraction) else value)
            rows.append(row)
        return columns, rows

    def _outcome(self, value: Fraction | None) -> str:
        if self.asked.outcome is Outcome.LTV_TO_CAC:
            return _times(value)
        return self.money(value)

    def _tornado(self, moved: list[dict[str, Any]]) -> str:
        at = self.plan.outcome(self.asked.outcome)
        bars = [
            Bar(str(it["title"]), it["swing"].low, it["swing"].high, *it["outcomes"])
            for it in moved
        ]
        if at is None or not bars:
            return ""
        return tornado(
            bars,
            at=at,
            title=_("What matters most"),
            description=str(wording.OUTCOMES[self.asked.outcome][0]),
        )


def _times(value: Fraction | None) -> str:
    return UNKNOWN if value is None else f"{number(value, decimals=1)}\u00d7"


def _months(value: Fraction | None) -> str:
    if value is None:
        return UNKNOWN
    return _("%(n)s months") % {"n": number(value, decimals=1)}

"""A second road to the same figures, as plain as can be and sharing nothing with the rules: every
day of every customer is worked out from all its terms, and days are compared with days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from perennial.contracts.rules import Term
from perennial.revenue.rules.definitions import Definitions

NEVER = date.max
NAMES = ("new", "expansion", "reactivation", "contraction", "churn")


@dataclass
class Report:
    start: Fraction = Fraction(0)
    end: Fraction = Fraction(0)
    fx: Fraction = Fraction(0)
    amounts: dict[str, Fraction] = field(default_factory=lambda: dict.fromkeys(NAMES, Fraction(0)))
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(NAMES, 0))


class PlainRoad:
    def __init__(
        self,
        terms: Iterable[Term],
        definitions: Definitions,
        *,
        rates: Mapping[str, Sequence[tuple[date, Fraction]]] | None = None,
        lost: Mapping[int, Sequence[tuple[date, date | None]]] | None = None,
    ) -> None:
        """`rates`: by currency (day from which it holds, rate), also for plan rates."""
        self.settings, self.rates, self.lost = definitions, rates or {}, lost or {}
        self.terms: dict[Any, list[Term]] = {}
        for term in terms:
            whose: Any = term.customer_id
            if definitions.level == "product":
                whose = (term.customer_id, term.product)
            self.terms.setdefault(whose, []).append(term)
        starts = [term.start_on for theirs in self.terms.values() for term in theirs]
        self.first = min(starts, default=date(2024, 1, 1)) - timedelta(1)
        self._seen: dict[tuple[Any, date], tuple[dict[str, Fraction], bool]] = {}

    def day(self, whose: Any, on: date) -> tuple[dict[str, Fraction], bool]:
        """By currency what is earned a month at the end of a day, and whether it pays."""
        if (whose, on) not in self._seen:
            self._seen[whose, on] = self._day(whose, on)
        return self._seen[whose, on]

    def _day(self, whose: Any, on: date) -> tuple[dict[str, Fraction], bool]:
        earned: dict[str, Fraction] = {}
        total = Fraction(0)
        customer = whose if isinstance(whose, int) else whose[0]
        for start, end in self.lost.get(customer, ()):
            if start <= on < (end or NEVER):
                return {}, False
        for term in self.terms[whose]:
            amount = self._worth(term, on)
            if not amount or not term.start_on <= on < self._end(term):
                continue
            total += amount * self.rate(term.currency, on)
            if self.settings.pause_policy == "keep" or not term.paused_on(on):
                earned[term.currency] = earned.get(term.currency, Fraction(0)) + amount
        return {name: amount for name, amount in earned.items() if amount}, total > 0

    def _end(self, term: Term) -> date:
        chosen = {"on_notice": term.notice_on, "on_cancel": term.notice_recorded_on}
        asked = chosen.get(self.settings.churn_recognition)
        if term.ending != "renewed" and asked is not None:
            return max(term.start_on, min(asked, term.scheduled_end_on or NEVER))
        return term.end_on or NEVER

    def _worth(self, term: Term, on: date) -> Fraction:
        if term.kind == "usage":
            return term.usage if self.settings.usage_revenue == "include" else Fraction(0)
        if self.settings.discounts == "dated" and term.discount_end_on is not None:
            return term.discounted_mrr if on < term.discount_end_on else term.full_mrr
        return term.mrr

    def rate(self, currency: str, on: date) -> Fraction:
        if currency == self.settings.currency:
            return Fraction(1)
        return [rate for since, rate in self.rates[currency] if since <= on][-1]

    def value(self, earned: Mapping[str, Fraction], on: date) -> Fraction:
        return sum((it * self.rate(name, on) for name, it in earned.items()), Fraction(0))

    def total(self, on: date) -> Fraction:
        return sum((self.value(self.day(whose, on)[0], on) for whose in self.terms), Fraction(0))

    def compare(self, whose: Any, eve: date, last: date, report: Report) -> None:
        """Put what changed between the ends of two days into the report."""
        (before, paid), (after, pays) = self.day(whose, eve), self.day(whose, last)
        change = self.value(after, last) - self.value(before, eve)
        if paid == pays:
            fx = self.value(after, last) - self.value(after, eve)
            report.fx += fx
            change -= fx
            kind = "expansion" if change > 0 else "contraction" if change else None
        elif pays:
            kind = "new" if self._is_new(whose, eve, last) else "reactivation"
        else:
            kind = "churn"
        if kind:
            report.amounts[kind] += change
            report.counts[kind] += 1

    def _is_new(self, whose: Any, eve: date, last: date) -> bool:
        paid = [on for on in self.days(self.first, eve) if self.day(whose, on)[1]]
        if not paid:
            return True
        window = self.settings.reactivation_window_days
        if window is None:
            return False
        back = next(on for on in self.days(eve + timedelta(1), last) if self.day(whose, on)[1])
        return (back - (paid[-1] + timedelta(1))).days > window

    def days(self, first: date, last: date) -> Iterable[date]:
        for number in range((last - first).days + 1):
            yield first + timedelta(number)

    def net(self, first: date, last: date) -> Report:
        return self._report(first, last, [(first - timedelta(1), last)])

    def activity(self, first: date, last: date) -> Report:
        return self._report(first, last, [(on - timedelta(1), on) for on in self.days(first, last)])

    def _report(self, first: date, last: date, spans: Iterable[tuple[date, date]]) -> Report:
        report = Report(start=self.total(first - timedelta(1)), end=self.total(last))
        for eve, on in spans:
            for whose in self.terms:
                self.compare(whose, eve, on, report)
        return report

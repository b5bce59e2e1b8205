"""What was decided about definitions and rates, by whom and when."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings

from perennial.revenue.models import Definition, FxRate, RevenueMark
from perennial.revenue.queries.clock import definitions_at
from perennial.revenue.wording.questions import NEVER, THEMES, Question, Theme, told, written


@dataclass(frozen=True, slots=True)
class Decided:
    """One recorded value; `by` is empty when nobody of today's colleagues recorded it."""

    value: str
    told: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Setting:
    """A definition as it stands, with its history, the newest first."""

    question: Question
    value: str
    told: str
    history: list[Decided]

    @property
    def is_default(self) -> bool:
        return self.value == self.question.default

    @property
    def default_told(self) -> str:
        return told(self.question, self.question.default)

    @property
    def number(self) -> str:
        """What stands in the number's field."""
        return "" if self.value == NEVER else self.value


@dataclass(slots=True)
class Rate:
    """A currency's rates in force, and every one recorded. `needed`: so many customers have
    orders in it."""

    currency: str
    plan: Decimal | None = None
    spot: list[tuple[date, Decimal]] = field(default_factory=list)
    history: list[FxRate] = field(default_factory=list)
    missing: int = 0


def themes() -> list[tuple[Theme, list[Setting]]]:
    """All definitions in force, in the order of the page."""
    now = definitions_at()
    rows = Definition.objects.select_related("recorded_by").order_by("-recorded_at", "-pk")
    recorded: dict[str, list[Definition]] = defaultdict(list)
    for row in rows:
        recorded[row.name].append(row)

    def setting(question: Question) -> Setting:
        value = written(getattr(now, question.name))
        history = [_decided(question, row) for row in recorded[question.name]]
        return Setting(question, value, told(question, value), history)

    return [(theme, [setting(it) for it in theme.questions]) for theme in THEMES]


def _decided(question: Question, row: Definition) -> Decided:
    value = str(row.value) if row.value else question.default
    by = row.recorded_by.name if row.recorded_by else ""
    return Decided(value, told(question, value), by, row.recorded_at)


def rates() -> list[Rate]:
    """By currency: those with a rate, and those that orders are in without one."""
    found: dict[str, Rate] = {}
    ours = FxRate.objects.filter(into=settings.PERENNIAL_CURRENCY).select_related("recorded_by")
    for row in ours.order_by("recorded_at", "pk"):
        rate = found.setdefault(row.currency, Rate(row.currency))
        rate.history.insert(0, row)
        if row.effective_on is None:
            rate.plan = row.rate
        else:
            rate.spot = [step for step in rate.spot if step[0] != row.effective_on]
            if row.rate is not None:
                rate.spot.append((row.effective_on, row.rate))
    for missing in RevenueMark.objects.exclude(missing_rates=[]).values_list(
        "missing_rates", flat=True
    ):
        for currency in missing:
            found.setdefault(currency, Rate(currency)).missing += 1
    for rate in found.values():
        rate.spot.sort(reverse=True)
    return sorted(found.values(), key=lambda rate: (-rate.missing, rate.currency))

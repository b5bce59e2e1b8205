"""Who comes first today, as a customer success manager would explain it.

rank = money at stake × how serious × chance that acting helps × urgency ÷ hours of work
1. Money: what falls due or is overdue, else the yearly recurring revenue.
2. An unknown amount ranks like the median customer, and says so; when none is known: without.
3. Serious, 0–1: how much usage is gone, how red the health, how late the invoice.
4. The chance that acting helps is our assumption per reason until fifty cases measured it.
5. Urgency: a renewal within 30 days or a notice is 1; a cause gets less urgent as it ages.
6. A customer stands where its most valuable reason stands; the others follow beneath.
Source: work specification, 'Ranking'.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from perennial.health.risk.rules.wilson import wilson

ENOUGH_CASES = 50
FRESH_DAYS, OLD_DAYS = 7, 60
FRESH_URGENCY, OLD_URGENCY = 0.8, 0.3
SOON_DAYS, NEAR_DAYS = 30, 90
NEAR_URGENCY, LATER_URGENCY = 0.5, 0.3
BAND_SEVERITY = {"red": 0.8, "yellow": 0.5, "green": 0.2, "unknown": 0.4}
CADENCE_DAYS = {"S": 14, "A": 30, "B": 60, "C": 120}


@dataclass(frozen=True, slots=True)
class Assumption:
    """What we assume about acting on one reason, until it is measured."""

    lane: str
    chance_rate: float
    effort_hours: float
    cool_down_days: int


ASSUMPTIONS: dict[str, Assumption] = {
    "usage_drop": Assumption("risk", 0.35, 1.5, 14),
    "silent": Assumption("risk", 0.15, 1.0, 30),
    "low_health": Assumption("risk", 0.30, 2.0, 21),
    "contact_left": Assumption("risk", 0.40, 1.0, 30),
    "detractor": Assumption("risk", 0.40, 1.0, 30),
    "invoice_overdue": Assumption("owed", 0.40, 0.5, 14),
    "contact_silent": Assumption("risk", 0.30, 0.5, 14),
    "seats_falling": Assumption("risk", 0.25, 1.5, 30),
    "renewal_due": Assumption("renewal", 0.30, 2.0, 14),
    "renewal_inactive": Assumption("renewal", 0.30, 2.0, 14),
    "notice_near": Assumption("renewal", 0.35, 1.0, 14),
    "value_unknown": Assumption("renewal", 0.25, 1.0, 21),
    "score_against_money": Assumption("risk", 0.20, 1.0, 21),
    "goal_missed": Assumption("risk", 0.30, 2.0, 21),
    "support_load": Assumption("risk", 0.30, 1.0, 14),
    "own": Assumption("risk", 0.25, 1.0, 14),
    "onboarding_stuck": Assumption("onboarding", 0.50, 2.0, 14),
    "no_touch": Assumption("owed", 0.20, 0.5, 7),
    "growth": Assumption("good_news", 0.25, 1.0, 60),
    "promoter": Assumption("good_news", 0.30, 0.5, 90),
    "task": Assumption("owed", 0.30, 0.5, 0),
    "step": Assumption("owed", 0.30, 0.5, 0),
    "milestone": Assumption("onboarding", 0.50, 1.0, 7),
    "touchpoint": Assumption("owed", 0.25, 1.0, 7),
    "handover": Assumption("onboarding", 0.50, 0.5, 1),
    "delivery": Assumption("onboarding", 0.40, 1.0, 7),
    "plan": Assumption("owed", 0.30, 0.5, 7),
}

# What kind of call each reason is, as the field counts them.
TYPES: dict[str, str] = {
    "renewal_due": "renewal",
    "renewal_inactive": "renewal",
    "notice_near": "renewal",
    "invoice_overdue": "renewal",
    "value_unknown": "renewal",
    "growth": "expansion",
    "promoter": "expansion",
    "onboarding_stuck": "lifecycle",
    "no_touch": "lifecycle",
    "milestone": "lifecycle",
    "touchpoint": "lifecycle",
    "handover": "lifecycle",
    "delivery": "lifecycle",
    "plan": "objective",
    "goal_missed": "objective",
    "task": "objective",
    "step": "lifecycle",
}


def type_of(reason: str) -> str:
    """Risk, lifecycle, expansion, renewal or objective; a warning is a risk."""
    return TYPES.get(reason, "risk")


@dataclass(frozen=True, slots=True)
class Tally:
    """How items of a reason ended that people closed as successful or failed."""

    cases: int
    successes: int


NO_CASES = Tally(0, 0)


@dataclass(frozen=True, slots=True)
class Chance:
    """That acting helps, 0–1; with the ends of its interval once it is measured."""

    rate: float
    cases: int = 0
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """What is believed of a reason: the chance that acting helps, what it costs, how long the
    reason rests after closing."""

    chance: Chance
    effort_hours: float
    cool_down_days: int


def basis(assumed: Assumption, tally: Tally = NO_CASES) -> Basis:
    """The assumption, until fifty cases have shown the share of success (Wilson's interval)."""
    chance = Chance(assumed.chance_rate, tally.cases)
    if tally.cases >= ENOUGH_CASES:
        chance = _measured(tally)
    return Basis(chance, assumed.effort_hours, assumed.cool_down_days)


def _measured(tally: Tally) -> Chance:
    share = tally.successes / tally.cases
    low, high = wilson(share, tally.cases)
    return Chance(round(share, 4), tally.cases, round(low, 4), round(high, 4))


@dataclass(frozen=True, slots=True)
class Terms:
    """The factors of a rank. `stake` is None when no amount is known; `stand_in` is then the
    median amount of the others, or None when nobody's is known. `chance_low` and `chance_high`
    are None while the chance is assumed."""

    stake: Decimal | None
    stand_in: Decimal | None
    severity_rate: float
    chance_rate: float
    urgency_rate: float
    effort_hours: float
    chance_cases: int = 0
    chance_low: float | None = None
    chance_high: float | None = None

    @property
    def rank_value(self) -> float:
        """Money saved per hour, urgency-weighted; without any amount the bare product."""
        amount = self.stake if self.stake is not None else self.stand_in
        base = float(amount) if amount is not None else 1.0
        share = self.severity_rate * self.chance_rate * self.urgency_rate
        return round(base * share / self.effort_hours, 6)


def terms_for(
    reason: str,
    *,
    stake: Decimal | None,
    stand_in: Decimal | None,
    severity: float,
    urgency: float,
    ranked_by: Basis | None = None,
) -> Terms:
    """The factors of an item; `ranked_by` None: our shipped assumption of the reason."""
    by = ranked_by or basis(ASSUMPTIONS[reason])
    return Terms(
        stake,
        None if stake is not None else stand_in,
        round(severity, 4),
        by.chance.rate,
        round(urgency, 4),
        by.effort_hours,
        by.chance.cases,
        by.chance.low,
        by.chance.high,
    )


def above_the_line(
    effort_hours: Iterable[float], *, capacity_hours: float, done_hours: float = 0.0
) -> int:
    """How many cards of a queue still fit into a day of which `done_hours` are spent. Of a fresh
    day the first always fits, else a long task would leave a day without any."""
    spent, count = done_hours, 0
    for hours in effort_hours:
        if spent > 0 and spent + hours > capacity_hours + 1e-9:
            break
        spent, count = spent + hours, count + 1
    return count


def stand_in(stakes: Iterable[Decimal]) -> Decimal | None:
    """What a customer of unknown value is ranked as: the median of the known amounts."""
    known = [stake for stake in stakes if stake > 0]
    return median(known) if known else None


def urgency(*, age_days: int, due_in_days: int | None, notice_given: bool = False) -> float:
    """0–1: the more urgent of the two, how fresh the cause is and how near the renewal."""
    if notice_given:
        return 1.0
    return max(_by_age(age_days), _by_due(due_in_days))


def _by_age(days: int) -> float:
    """Fresh causes are urgent; past two months the urgency keeps halving every half year."""
    if days <= FRESH_DAYS:
        return FRESH_URGENCY
    if days <= OLD_DAYS:
        share = (days - FRESH_DAYS) / (OLD_DAYS - FRESH_DAYS)
        return FRESH_URGENCY + share * (OLD_URGENCY - FRESH_URGENCY)
    return float(OLD_URGENCY * 0.5 ** ((days - OLD_DAYS) / 182))


def _by_due(days: int | None) -> float:
    if days is None:
        return 0.0
    if days <= SOON_DAYS:
        return 1.0
    if days <= NEAR_DAYS:
        return 1.0 + (days - SOON_DAYS) / (NEAR_DAYS - SOON_DAYS) * (NEAR_URGENCY - 1.0)
    return LATER_URGENCY if days <= 2 * NEAR_DAYS else 0.0


def health_severity(score: float) -> float:
    """A red score, 0–50, as 1–0.5."""
    return 1 - min(max(score, 0.0), 50.0) / 100


def overdue_severity(days: int, *, cadence_days: int) -> float:
    """How bad it is not to have spoken: 0.2 on the first day late, 1 after four cadences."""
    return min(0.2 + 0.2 * (days - cadence_days) / cadence_days, 1.0)


def task_severity(priority: int) -> float:
    """What a person says of a task: high (1), normal (2) or low (3)."""
    return {1: 0.9, 2: 0.5}.get(priority, 0.2)


def task_urgency(due_in_days: int | None) -> float:
    """A task presses by its due day alone; one without any can wait."""
    if due_in_days is None:
        return 0.3
    if due_in_days <= 0:
        return 1.0
    return 0.8 if due_in_days <= 7 else 0.5 if due_in_days <= 30 else 0.3

"""What one day finds wrong beside usage: a noun per file, each for all customers at once.

A signal answers with what holds today, or None where its source does not exist here: then its
open alerts stay as they are, as nobody knows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from perennial.alerts.candidates import Candidate, Key
from perennial.alerts.models import Rule
from perennial.alerts.signals.contacts import contacts_left, contacts_silent
from perennial.alerts.signals.detractors import detractors
from perennial.alerts.signals.facts import Facts, read
from perennial.alerts.signals.goals import goals_missed
from perennial.alerts.signals.invoices import invoices_overdue
from perennial.alerts.signals.own import own_rules
from perennial.alerts.signals.renewals import (
    auto_renewals_near,
    notices_near,
    renewals_inactive,
    renewals_untouched,
)
from perennial.alerts.signals.scores import scores_against_money
from perennial.alerts.signals.seats import seats_falling
from perennial.alerts.signals.support import support_loads
from perennial.alerts.signals.value import values_unknown
from perennial.customers.queries import standing

__all__ = ["BY_USAGE", "SIGNALS", "Facts", "Signals", "gather", "read"]

SIGNALS: Final[tuple[tuple[Rule, Callable[[Facts], list[Candidate] | None]], ...]] = (
    (Rule.CONTACT_LEFT, contacts_left),
    (Rule.CONTACT_SILENT, contacts_silent),
    (Rule.DETRACTOR, detractors),
    (Rule.INVOICE_OVERDUE, invoices_overdue),
    (Rule.SEATS_FALLING, seats_falling),
    (Rule.RENEWAL_UNTOUCHED, renewals_untouched),
    (Rule.RENEWAL_INACTIVE, renewals_inactive),
    (Rule.NOTICE_NEAR, notices_near),
    (Rule.AUTO_RENEWAL_NEAR, auto_renewals_near),
    (Rule.SCORE_AGAINST_MONEY, scores_against_money),
    (Rule.GOAL_MISSED, goals_missed),
    (Rule.SUPPORT_LOAD, support_loads),
    (Rule.VALUE_UNKNOWN, values_unknown),
    (Rule.OWN, own_rules),
)
# What these say rests on usage: while a customer's feed is silent, they know nothing of it.
BY_USAGE: Final = frozenset({Rule.RENEWAL_INACTIVE, Rule.GOAL_MISSED, Rule.CONTACT_SILENT})


@dataclass(frozen=True, slots=True)
class Signals:
    """What holds today by key; `resting`: rules whose source does not exist here."""

    candidates: dict[Key, Candidate]
    resting: frozenset[str]


def gather(facts: Facts) -> Signals:
    """All signals of a day; of several of one key (two people left) the gravest."""
    worst: dict[Key, Candidate] = {}
    resting: set[str] = set()
    under = standing()
    for rule, signal in SIGNALS:
        found = signal(facts)
        if found is None:
            resting.add(rule.value)
            continue
        for one in found:
            at = under.get(one.customer_id or 0)
            it = one if at is None else replace(one, customer_id=at)
            if it.customer_id in facts.customers:
                worst[it.key] = max(worst.get(it.key, it), it, key=_gravity)
    return Signals(worst, frozenset(resting))


def _gravity(it: Candidate) -> tuple[bool, float]:
    return it.enters, it.severity

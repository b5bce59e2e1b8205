"""Whom a draft of the definition would mean: customers that are being brought in, and by whom."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from perennial.customers.models import Customer
from perennial.team.models import User
from perennial.work.models import Onboarding, OwnerKind
from perennial.work.onboarding.queries.deals import deals_of
from perennial.work.onboarding.queries.definitions import in_force
from perennial.work.onboarding.queries.reach import visible_onboardings
from perennial.work.onboarding.rules.deal import Deal, brought_in_by
from perennial.work.onboarding.rules.definition import Definition

FEW = 12


@dataclass(frozen=True, slots=True)
class Moved:
    """A customer whom somebody else would bring in."""

    customer: Customer
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Preview:
    """Of `whole` customers that are being brought in now; `kinds` with how many before, after."""

    whole: int
    kinds: tuple[tuple[str, int, int], ...]
    moved: tuple[Moved, ...]
    moved_count: int


def preview_of(user: User, draft: Definition, *, day: date) -> Preview:
    """Through the gate; both by the orders known now, so that only the definition differs."""
    running = visible_onboardings(user).filter(state=Onboarding.State.RUNNING)
    customers = {it.customer_id: it.customer for it in running}
    before = _kinds(customers.keys(), in_force(), day)
    after = _kinds(customers.keys(), draft, day)
    moved = [
        Moved(customers[pk], _label(before[pk]), _label(after[pk]))
        for pk in customers
        if before[pk] != after[pk]
    ]
    kinds = tuple(
        (kind, list(before.values()).count(kind), list(after.values()).count(kind))
        for kind in OwnerKind.values
    )
    return Preview(len(customers), kinds, tuple(moved[:FEW]), len(moved))


def _kinds(customers: Collection[int], definition: Definition, day: date) -> dict[int, str]:
    deals: dict[int, Deal] = deals_of(customers, day, definition)
    low, high = definition.sales_below, definition.team_above
    return {
        pk: brought_in_by(deal, sales_below=low, team_above=high).owner_kind
        for pk, deal in deals.items()
    }


def _label(kind: str) -> str:
    return str(OwnerKind(kind).label)

"""Models, what they said, and how that turned out.

`current` and the scores of everybody are for jobs and commands; people read through the gate.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from django.db.models import Max, QuerySet

from perennial.contracts.queries.ledger import ledger_state
from perennial.customers.models import Customer
from perennial.customers.queries import visible_customer, visible_customers
from perennial.health.inputs.served import GRACE_DAYS
from perennial.health.models import RiskModel, RiskScore
from perennial.health.queries.outcomes import LabelledRenewal, labelled_renewals
from perennial.health.risk.rules.labelled import Labelled
from perennial.health.risk.rules.trial import Quality, quality
from perennial.team.models import User

HORIZONS_DAYS = (30, 60, 90, 180)
SAID_FOR_DAYS = 45  # what was said longer ago than this before a horizon was not said at it
AHEAD_DAYS = 180  # how far ahead renewals are told


@dataclass(frozen=True, slots=True)
class Horizon:
    """What was said so many days before the renewals were due, and how that turned out."""

    days: int
    quality: Quality


def current() -> RiskModel | None:
    """The model in force."""
    return models().first()


def models() -> QuerySet[RiskModel]:
    """All models, newest first."""
    return RiskModel.objects.order_by("-trained_at", "-pk")


def newest_of(scores: QuerySet[RiskScore]) -> QuerySet[RiskScore]:
    """Of each customer and due day, what was said last."""
    last = scores.order_by().values("customer", "due_on").annotate(last=Max("pk")).values("last")
    return RiskScore.objects.filter(pk__in=last).select_related("customer", "model")


def open_risks(user: User, *, day: date) -> QuerySet[RiskScore]:
    """What was said last of each renewal that is still ahead, riskiest first; for the customers
    that the person may see."""
    theirs = RiskScore.objects.filter(customer__in=visible_customers(user), due_on__gt=day)
    return newest_of(theirs).order_by("-loss_probability", "due_on", "customer__name")


def risk_of(user: User, customer: Customer, *, day: date) -> RiskScore | None:
    """What was said last of the customer's next renewal; None: nothing, or not theirs to see."""
    theirs = RiskScore.objects.filter(
        customer__in=visible_customer(user, customer), due_on__gt=day, said_on__lte=day
    )
    return theirs.select_related("model").order_by("due_on", "-said_on").first()


def risks_said(user: User, customer: Customer, *, due_on: date) -> list[RiskScore]:
    """Everything that was said of one renewal, oldest first."""
    theirs = RiskScore.objects.filter(customer__in=visible_customer(user, customer))
    return list(theirs.filter(due_on=due_on).order_by("said_on"))


def scored(*, as_of: date) -> list[dict[str, Any]]:
    """For the command: what was last said, by `as_of`, of each renewal ahead. Not gated."""
    rows = RiskScore.objects.filter(said_on__lte=as_of, due_on__gt=as_of)
    return [
        {
            "customer": row.customer.external_id,
            "due_on": row.due_on,
            "said_on": row.said_on,
            "loss_probability": round(row.loss_probability, 6),
            "model": row.model.kind,
            "reasons": row.reasons,
        }
        for row in newest_of(rows).order_by("-loss_probability", "due_on", "customer__external_id")
    ]


def last_said(*, before: date) -> dict[tuple[int, date], RiskScore]:
    """By customer and due day, what was said last before a day."""
    rows = newest_of(RiskScore.objects.filter(said_on__lt=before, due_on__gt=before))
    return {(row.customer_id, row.due_on): row for row in rows.select_related(None)}


def said_so_far(known_on: date) -> tuple[Horizon, ...]:
    """The same as `said_against_happened`, kept until the ledger or what was said changes."""
    newest = RiskScore.objects.aggregate(pk=Max("pk"))["pk"]
    return _said_so_far(known_on, (newest, *ledger_state()))


@lru_cache(maxsize=2)
def _said_so_far(known_on: date, _state: tuple[object, ...]) -> tuple[Horizon, ...]:
    return tuple(said_against_happened(known_on=known_on))


def said_against_happened(*, known_on: date, seed: int = 0) -> list[Horizon]:
    """For each horizon: of the renewals decided by now, what had been said by then."""
    first = RiskScore.objects.order_by("said_on").values_list("said_on", flat=True).first()
    if first is None:
        return []
    decided = labelled_renewals(first, known_on - timedelta(days=GRACE_DAYS), known_on=known_on)
    said: dict[tuple[int, date], list[tuple[date, float]]] = defaultdict(list)
    rows = RiskScore.objects.filter(due_on__lte=known_on).order_by("said_on")
    for pk, due_on, said_on, told in rows.values_list(
        "customer_id", "due_on", "said_on", "loss_probability"
    ):
        said[pk, due_on].append((said_on, told))
    return [_horizon(days, decided.rows, said, seed=seed) for days in HORIZONS_DAYS]


def _horizon(
    days: int,
    decided: list[LabelledRenewal],
    said: dict[tuple[int, date], list[tuple[date, float]]],
    *,
    seed: int,
) -> Horizon:
    found = []
    for row in decided:
        told = said_by(said.get((row.customer, row.due_on), []), row.due_on - timedelta(days=days))
        if told is not None:
            amount = np.nan if row.amount is None else float(row.amount)
            found.append((told, row.lost, row.customer, amount))
    data = Labelled(
        columns={},
        lost=np.array([it[1] for it in found], dtype=np.bool_),
        groups=np.array([it[2] for it in found], dtype=np.int64),
        amount=np.array([it[3] for it in found], dtype=np.float64),
    )
    return Horizon(days, quality(np.array([it[0] for it in found]), data, seed=seed))


def said_by(said: list[tuple[date, float]], on: date) -> float | None:
    """What was said last by a day, if not too long before."""
    inside = [told for at, told in said if timedelta(0) <= on - at <= timedelta(days=SAID_FOR_DAYS)]
    return inside[-1] if inside else None

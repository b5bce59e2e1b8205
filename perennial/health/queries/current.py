"""The health of today: by customer, what is connected, whose colour changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from perennial.customers.models import Customer
from perennial.customers.queries import visible_customers
from perennial.health.models import CurrentHealth
from perennial.health.queries.history import newest_before
from perennial.health.queries.scorecard import parts_of
from perennial.health.rules import State
from perennial.team.models import User


@dataclass(frozen=True, slots=True)
class BandChange:
    customer: Customer
    before: str
    after: str
    score_before: float | None
    score: float | None


def current(customer_ids: Iterable[int]) -> dict[int, CurrentHealth]:
    """Health by customer id; the ids come from a gate."""
    return {row.customer_id: row for row in CurrentHealth.objects.filter(pk__in=customer_ids)}


def measures_connected() -> frozenset[str]:
    """Measures whose source exists in this installation, as of the last evaluation."""
    row = CurrentHealth.objects.order_by("-as_of").first()
    parts = parts_of(row.parts) if row else ()
    return frozenset(part.measure for part in parts if part.state is not State.NOT_CONNECTED)


def band_changes(user: User, *, on: date) -> list[BandChange]:
    """Whose colour changed on this day, worst first."""
    rows = (
        CurrentHealth.objects.filter(changed_on=on, as_of=on, customer__in=visible_customers(user))
        .select_related("customer")
        .order_by("score")
    )
    if not rows:
        return []
    table = newest_before(on - timedelta(days=1), columns=["band", "score"])
    before = {row["customer"]: row for row in table.to_pylist()}
    return [
        BandChange(
            row.customer,
            old["band"],
            row.band,
            old["score"],
            float(row.score) if row.score is not None else None,
        )
        for row in rows
        if (old := before.get(row.customer.external_id)) and old["band"] != row.band
    ]

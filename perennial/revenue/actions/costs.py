"""What the company spent in a month, as finance types or pastes it. Append-only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from perennial.revenue.models import MonthlyCost, MonthlyCostKind
from perennial.revenue.queries.costs import kept_costs
from perennial.team.audit import record
from perennial.team.models import User
from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence

LIMIT = Decimal(10) ** 14


@transaction.atomic
def record_costs(
    amounts: Mapping[date, Decimal | None],
    *,
    kind: str,
    channel: str = "",
    by: User | None,
    at: datetime,
) -> dict[date, Decimal | None]:
    """From now on these months (first days) cost so much; None withdraws a month. Returns those
    that changed. Raises InputRefused for a negative or endless amount, an unknown kind, and when
    nothing changes."""
    if kind not in MonthlyCostKind.values:
        raise InputRefused(sentence("Unknown kind of cost."), code="unknown_kind")
    if any(amount is not None and not 0 <= amount < LIMIT for amount in amounts.values()):
        raise InputRefused(sentence("A cost cannot be negative."), code="bad_amount")
    held = kept_costs(kind, channel=channel)
    after = {month_on: it for month_on, it in amounts.items() if it != held.get(month_on)}
    if not after:
        raise InputRefused(sentence("It is recorded so already."), code="unchanged")
    MonthlyCost.objects.bulk_create(
        MonthlyCost(
            month_on=month_on, kind=kind, channel=channel, amount=amount,
            recorded_at=at, recorded_by=by,
        )
        for month_on, amount in after.items()
    )  # fmt: skip
    before = {month_on: held.get(month_on) for month_on in after}
    record(
        "costs_recorded",
        object_type="cost",
        object_id=kind,
        summary=", ".join(f"{month_on:%Y-%m}" for month_on in sorted(after)),
        detail={"channel": channel, "before": _told(before), "after": _told(after)},
        by=by,
        at=at,
    )
    return after


def _told(amounts: Mapping[date, Decimal | None]) -> dict[str, str | None]:
    return {
        f"{month_on:%Y-%m}": None if amount is None else str(amount)
        for month_on, amount in sorted(amounts.items())
    }

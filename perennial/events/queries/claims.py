"""What events say of a customer, source by source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from perennial.customers.models import Customer
from perennial.customers.queries import records_of
from perennial.events.models import Trait
from perennial.team.models import User


@dataclass(frozen=True, slots=True)
class Claim:
    """One trait; `is_claimed`: only a browser says so, and it fills no field."""

    name: str
    value: object
    source: str
    said_at: datetime
    is_claimed: bool


def claims_of(user: User, customer: Customer) -> list[Claim]:
    """The traits of a customer that this user may see, by name, servers' before browsers'."""
    ids = records_of(user, customer).values_list("external_id", flat=True)
    traits = Trait.objects.filter(about=Trait.About.CUSTOMER, external_id__in=list(ids))
    return [
        Claim(it.name, it.value, it.source.name, it.said_at, it.claimed)
        for it in traits.select_related("source").order_by("name", "claimed", "-said_at")
    ]

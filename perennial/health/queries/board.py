"""The health of the last computed day in figures, of the customers that somebody sees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Max, Min

from perennial.customers.queries import visible_customers
from perennial.health.models import Band, CurrentHealth
from perennial.team.models import User


@dataclass(slots=True)
class Bands:
    """How many customers have which colour."""

    red: int = 0
    yellow: int = 0
    green: int = 0
    unknown: int = 0

    @property
    def whole(self) -> int:
        return self.red + self.yellow + self.green + self.unknown


@dataclass(frozen=True, slots=True)
class Day:
    """`as_of` None: nothing was judged yet. `changed` None: there is no day before."""

    as_of: date | None
    bands: Bands
    by_profile: Mapping[str, Bands] = field(default_factory=dict)
    changed: int | None = None


def day_of(user: User) -> Day:
    """Colours as they are shown, by the profile that judged."""
    rows = CurrentHealth.objects.filter(customer__in=visible_customers(user)).order_by()
    days = CurrentHealth.objects.aggregate(last=Max("as_of"), first=Min("changed_on"))
    as_of = days["last"]
    whole, by_profile = Bands(), defaultdict[str, Bands](Bands)
    for profile, band, n in rows.values_list("profile", "band").annotate(Count("pk")):
        for found in (whole, by_profile[profile]):
            setattr(found, Band(band).value, getattr(found, Band(band).value) + n)
    changed = rows.filter(changed_on=as_of).count() if days["first"] != as_of else None
    return Day(as_of, whole, dict(by_profile), changed)

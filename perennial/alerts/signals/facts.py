"""What several signals read of one day: read once, for all customers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import Max

from perennial.customers.models import Touch
from perennial.customers.queries import STANDS_AT
from perennial.health.inputs import Served
from perennial.metrics.queries import UsageRow, customer_metrics
from perennial.units.moment import day_end


@dataclass(frozen=True, slots=True)
class Facts:
    """`usage` by customer id, without those whose feed is silent: unknown is not zero.
    `touched_on`: the last contact by customer; empty where contacts are not logged."""

    day: date
    end: datetime
    customers: Mapping[int, Served]
    usage: Mapping[int, UsageRow]
    touched_on: Mapping[int, date]


def read(customers: list[Served], *, day: date, unjudged: frozenset[int], silent: bool) -> Facts:
    """`unjudged`: customers whose feed is silent; `silent`: nothing came from anybody."""
    end = day_end(day, settings.PERENNIAL_TIME_ZONE)
    rows = {} if silent else customer_metrics(as_of=day)
    touches = Touch.objects.filter(happened_at__lt=end).order_by()
    placed = touches.annotate(place=STANDS_AT).values_list("place")
    return Facts(
        day,
        end,
        {it.pk: it for it in customers},
        {
            it.pk: rows[it.external_id]
            for it in customers
            if it.external_id in rows and it.pk not in unjudged and not it.is_paused
        },
        {pk: local_day(at) for pk, at in placed.annotate(Max("happened_at"))},
    )


def local_day(at: datetime) -> date:
    return at.astimezone(settings.PERENNIAL_TIME_ZONE).date()

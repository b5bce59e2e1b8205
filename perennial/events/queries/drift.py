"""Schema drift: event names that are new, and names that have vanished."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db.models import F, Max, Min

from perennial.events.models import EventName

NEW_DAYS: Final = 7
GONE_DAYS: Final = 14  # without this name, though it had been there for as long
FORGOTTEN_DAYS: Final = 60  # then nobody waits for it any more


@dataclass(frozen=True, slots=True)
class Drift:
    """Names of events by what became of them; each with its source and day."""

    new: Sequence[EventName]
    vanished: Sequence[EventName]
    names: int


def drift(*, today: date, limit: int = 30) -> Drift:
    """A first delivery is no drift: the names of a source's first weeks are not new, and those of
    a source that has stopped altogether have not vanished."""
    border = today - timedelta(days=GONE_DAYS)
    rows = EventName.objects.all()
    lives = rows.values("source").annotate(begun_on=Min("first_on"), heard_on=Max("last_on"))
    old = [it["source"] for it in lives if it["begun_on"] <= border]
    alive = [it["source"] for it in lives if it["heard_on"] > border]
    new = rows.filter(source__in=old, first_on__gt=today - timedelta(days=NEW_DAYS))
    vanished = rows.filter(
        source__in=alive,
        last_on__lte=border,
        last_on__gt=today - timedelta(days=FORGOTTEN_DAYS),
        last_on__gte=F("first_on") + timedelta(days=GONE_DAYS),
    )
    return Drift(
        list(new.order_by("-first_on", "source", "name")[:limit]),
        list(vanished.order_by("-last_on", "source", "name")[:limit]),
        rows.count(),
    )

"""What was refused, by reason. For administrators: bodies hold what people sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, Q, QuerySet

from perennial.events.models import Reject, Source


@dataclass(frozen=True, slots=True)
class Pile:
    """All rejects of one reason; `waiting` are those that can still be sent once more."""

    reason: str
    rejects: int
    waiting: int
    first_at: datetime
    last_at: datetime
    sources: tuple[str, ...]


def rejects_of(*, source: int | None = None, reason: str = "") -> QuerySet[Reject]:
    """The rejects of a source and of a reason (None, empty: of all), the newest first."""
    rows = Reject.objects.select_related("source").order_by("-received_at", "-pk")
    if source is not None:
        rows = rows.filter(source=source)
    return rows.filter(reason=reason) if reason else rows


def can_be_replayed(rows: QuerySet[Reject]) -> QuerySet[Reject]:
    """Those that are whole, belong to a source in use, and have not been sent once more."""
    return rows.filter(whole=True, replayed_at__isnull=True, source__retired_at__isnull=True)


def piles(*, source: int | None = None) -> Sequence[Pile]:
    """One line per reason, the largest first."""
    rows = rejects_of(source=source).order_by()
    waits = Q(whole=True, replayed_at__isnull=True, source__retired_at__isnull=True)
    names: dict[str, set[str]] = {}
    for reason, name in rows.values_list("reason", "source__name").distinct():
        names.setdefault(reason, set()).add(name)
    counted = rows.values("reason").annotate(
        rejects=Count("pk"),
        waiting=Count("pk", filter=waits),
        first_at=Min("received_at"),
        last_at=Max("received_at"),
    )
    found = [Pile(**row, sources=tuple(sorted(names.get(row["reason"], ())))) for row in counted]
    return sorted(found, key=lambda pile: (-pile.rejects, pile.reason))


def sources_with_rejects() -> QuerySet[Source]:
    return Source.objects.filter(rejects__isnull=False).distinct().order_by("name")

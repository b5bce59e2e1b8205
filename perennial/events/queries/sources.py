"""Sources and their keys. Only administrators get here: there is one gate, the page's right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q, QuerySet
from django.shortcuts import get_object_or_404

from perennial.events.models import IntakeHour, Source, WriteKey
from perennial.events.rules.sources import SourceSettings
from perennial.team.models import AuditEntry


@dataclass(frozen=True, slots=True)
class Key:
    """A key as people may see it: never itself. `until_at`: it stops then, or has stopped."""

    pk: int
    hint: str
    created_at: datetime
    created_by: str
    until_at: datetime | None
    is_active: bool


def all_sources() -> QuerySet[Source]:
    """Those in use first, each group by name."""
    return Source.objects.order_by("retired_at", "name")


def source_named(name: str) -> Source | None:
    return Source.objects.filter(name=name).first()


def source_for(pk: int) -> Source:
    """The source, else 404; the caller has asked for the right to sources."""
    return get_object_or_404(Source, pk=pk)


def settings_of(source: Source) -> SourceSettings:
    """What may change at a source, as it stands."""
    return SourceSettings(
        event_bytes=source.event_bytes,
        batch_bytes=source.batch_bytes,
        requests_per_minute=source.requests_per_minute,
        origins=tuple(source.origins),
        group_type=source.group_type,
        product=source.product,
        silent_after_hours=source.silent_after_hours,
    )


def active_keys(source: Source, *, at: datetime) -> Sequence[WriteKey]:
    """The keys with which events may come at this moment, the oldest first."""
    works = Q(revoked_at__isnull=True) | Q(revoked_at__gt=at)
    return list(source.keys.filter(works).order_by("created_at", "pk"))


def keys_of(sources: Sequence[Source], *, at: datetime) -> Mapping[int, list[Key]]:
    """All keys by source, the newest first, stopped ones, too."""
    found: dict[int, list[Key]] = {source.pk: [] for source in sources}
    rows = WriteKey.objects.filter(source__in=sources).select_related("created_by")
    for row in rows.order_by("-created_at", "-pk"):
        found[row.source_id].append(
            Key(
                row.pk,
                row.hint,
                row.created_at,
                row.created_by.name if row.created_by else "",
                row.revoked_at,
                row.revoked_at is None or row.revoked_at > at,
            )
        )
    return found


def last_arrivals() -> dict[int, datetime]:
    """The last hour (its beginning) in which something came, by source; silent ones are left
    out. It is known as soon as it is loaded."""
    heard = IntakeHour.objects.filter(Q(accepted__gt=0) | Q(duplicates__gt=0)).order_by()
    return dict(heard.values_list("source_id").annotate(Max("hour_at")))


def audit_of(source: Source, *, limit: int = 20) -> QuerySet[AuditEntry]:
    """What was done to a source, the newest first."""
    rows = AuditEntry.objects.filter(object_type="source", object_id=str(source.pk))
    return rows.select_related("by").order_by("-at", "-pk")[:limit]

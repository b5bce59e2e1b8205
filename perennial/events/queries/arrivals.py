"""How the sources are doing: their hours of arrival, the verdict of this moment, sums by day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Max, Min

from perennial.events.models import IntakeHour, Source
from perennial.events.rules.arrivals import Sums
from perennial.events.rules.feed import RHYTHM_WEEKS, FeedState, Hours, judge_hours
from perennial.units.moment import business_day

RHYTHM: Final = timedelta(weeks=RHYTHM_WEEKS + 1)
WEEK: Final = timedelta(days=7)
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """A source, its verdict, and the sums of its last five weeks by hour."""

    source: Source
    verdict: Hours
    state: FeedState
    hours: Mapping[datetime, Sums]
    now: datetime

    def since(self, time: timedelta) -> Sums:
        start = self.now - time
        return Sums.of(sums for hour, sums in self.hours.items() if hour + DAY / 24 > start)

    @property
    def week(self) -> Sums:
        return self.since(WEEK)

    @property
    def day(self) -> Sums:
        return self.since(DAY)

    def by_day(self, days: int) -> list[tuple[date, Sums]]:
        """The last days in business time, today last."""
        today = business_day(self.now, settings.PERENNIAL_TIME_ZONE)
        parts: dict[date, list[Sums]] = {
            today - timedelta(days=back): [] for back in reversed(range(days))
        }
        for hour, sums in self.hours.items():
            on = business_day(hour, settings.PERENNIAL_TIME_ZONE)
            if on in parts:
                parts[on].append(sums)
        return [(on, Sums.of(found)) for on, found in parts.items()]

    def by_hour(self, hours: int) -> list[tuple[datetime, Sums]]:
        """The last hours, the running one last."""
        last = self.now.replace(minute=0, second=0, microsecond=0)
        starts = [last - timedelta(hours=back) for back in reversed(range(hours))]
        return [(start, self.hours.get(start, Sums())) for start in starts]

    @property
    def last_at(self) -> datetime | None:
        """When something came last; known to the hour, so never later than now."""
        last = self.verdict.last_at
        return min(last + DAY / 24, self.now) if last else None


def arrivals_of(sources: Sequence[Source], *, now: datetime) -> list[Arrivals]:
    """Every source with its verdict: two queries, whatever their number."""
    hours: dict[int, dict[datetime, Sums]] = {source.pk: {} for source in sources}
    rows = IntakeHour.objects.filter(source__in=sources, hour_at__gte=now - RHYTHM)
    columns = (
        "accepted", "duplicates", "rejected", "unattributed", "clamped", "bots", "late",
        "lag_seconds",
    )  # fmt: skip
    for pk, hour_at, *sums in rows.values_list("source_id", "hour_at", *columns):
        hours[pk][hour_at] = Sums(*sums)
    first = _first_hours(sources)
    return [_judged(it, hours[it.pk], first_at=first.get(it.pk), now=now) for it in sources]


def _first_hours(sources: Sequence[Source]) -> dict[int, datetime]:
    rows = IntakeHour.objects.filter(source__in=sources, accepted__gt=0).order_by()
    return dict(rows.values_list("source_id").annotate(Min("hour_at")))


def _judged(
    source: Source, hours: dict[datetime, Sums], *, first_at: datetime | None, now: datetime
) -> Arrivals:
    limit = source.silent_after_hours
    verdict = judge_hours(
        {hour: sums.accepted + sums.duplicates for hour, sums in hours.items()},
        now=now,
        first_at=first_at,
        silent_after=timedelta(hours=limit) if limit else None,
    )
    state = FeedState.RETIRED if source.retired_at else verdict.state
    return Arrivals(source, verdict, state, hours, now)


def silent_now(*, now: datetime) -> list[Arrivals]:
    """The sources in use that have fallen silent; cheap while all of them deliver."""
    rows = Source.objects.filter(retired_at__isnull=True, silent_after_hours__isnull=False)
    last = dict(
        IntakeHour.objects.filter(source__in=rows, hour_at__gte=now - RHYTHM, accepted__gt=0)
        .order_by()
        .values_list("source_id")
        .annotate(Max("hour_at"))
    )
    quiet = [
        source
        for source in rows
        if now - last.get(source.pk, now - RHYTHM) > timedelta(hours=source.silent_after_hours or 0)
    ]
    if not quiet:
        return []
    found = arrivals_of(quiet, now=now)
    return [it for it in found if it.state is FeedState.SILENT]

"""Business time: which business day a moment belongs to. The clock is read only by edges."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def business_day(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar day of an aware moment in the company's time zone."""
    return moment.astimezone(zone).date()


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """First moment of a business day, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def day_end(day: date, zone: ZoneInfo) -> datetime:
    """First moment after a business day, in UTC (periods are half-open)."""
    return day_start(day + timedelta(days=1), zone)


def last_complete_day(now: datetime, zone: ZoneInfo) -> date:
    """Yesterday in business time: the day that `perennial run` computes by default."""
    return business_day(now, zone) - timedelta(days=1)

"""Reads of events, and of what intake remembers about its sources."""

from perennial.events.queries.stored import (
    EventRow,
    EventSummary,
    Unattributed,
    event_summary,
    known_customers,
    recent_events,
    unattributed,
)

__all__ = [
    "EventRow",
    "EventSummary",
    "Unattributed",
    "event_summary",
    "known_customers",
    "recent_events",
    "unattributed",
]

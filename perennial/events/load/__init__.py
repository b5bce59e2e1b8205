"""Bulk import of events into the store."""

from perennial.events.load.attach import attach_orders, events_wait_for_orders
from perennial.events.load.daily import ReplacedSince
from perennial.events.load.file import DEFAULT_SOURCE, EventFile, Format, LoadResult, Recorded
from perennial.events.load.run import import_events
from perennial.events.load.undoing import undo_batch

__all__ = [
    "DEFAULT_SOURCE",
    "EventFile",
    "Format",
    "LoadResult",
    "Recorded",
    "ReplacedSince",
    "attach_orders",
    "events_wait_for_orders",
    "import_events",
    "undo_batch",
]

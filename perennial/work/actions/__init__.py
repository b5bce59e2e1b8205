"""Writes of the queue: making items, acting on one, handing them over, many at once."""

from perennial.work.actions.acting import complete, dismiss, reassign, reopen, snooze, start
from perennial.work.actions.changing import AlreadyChanged, CannotDoThat
from perennial.work.actions.making import Wanted, make_item, make_items

__all__ = [
    "AlreadyChanged",
    "CannotDoThat",
    "Wanted",
    "complete",
    "dismiss",
    "make_item",
    "make_items",
    "reassign",
    "reopen",
    "snooze",
    "start",
]

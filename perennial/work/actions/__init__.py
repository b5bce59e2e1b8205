"""Writes of the queue: making items, acting on one, handing them over, many at once."""

from perennial.work.actions.acting import (
    complete,
    dismiss,
    reopen,
    snooze,
    start,
)
from perennial.work.actions.bulk import Act, Left, Many, do_many, planned, undo_many
from perennial.work.actions.changing import AlreadyChanged, CannotDoThat
from perennial.work.actions.handing import Taken, claim, give_back, give_to_team, reassign
from perennial.work.actions.making import Edit, Wanted, edit_item, make_item, make_items

__all__ = [
    "Act",
    "AlreadyChanged",
    "CannotDoThat",
    "Edit",
    "Left",
    "Many",
    "Taken",
    "Wanted",
    "claim",
    "complete",
    "dismiss",
    "do_many",
    "edit_item",
    "give_back",
    "give_to_team",
    "make_item",
    "make_items",
    "planned",
    "reassign",
    "reopen",
    "snooze",
    "start",
    "undo_many",
]

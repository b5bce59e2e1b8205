"""Writes of playbooks: their texts, and their runs."""

from perennial.work.playbooks.actions.closing import choose, item_closed, item_reopened
from perennial.work.playbooks.actions.definitions import (
    bring_back,
    copy,
    discard_draft,
    publish,
    publish_text,
    retire,
    save_draft,
    set_automatic,
)
from perennial.work.playbooks.actions.enrolling import Undone, enrol, run_waiting, undo_enrolment
from perennial.work.playbooks.actions.runs import finish, skip, start, stop

__all__ = [
    "Undone",
    "bring_back",
    "choose",
    "copy",
    "discard_draft",
    "enrol",
    "finish",
    "item_closed",
    "item_reopened",
    "publish",
    "publish_text",
    "retire",
    "run_waiting",
    "save_draft",
    "set_automatic",
    "skip",
    "start",
    "stop",
    "undo_enrolment",
]

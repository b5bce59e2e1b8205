"""Writes of playbooks: their texts, and their runs."""

from perennial.work.playbooks.actions.closing import item_closed, item_reopened

__all__ = ["item_closed", "item_reopened"]

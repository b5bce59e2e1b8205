"""What an item's end means elsewhere: a playbook goes on, a touchpoint or plan action is done."""

from __future__ import annotations

from datetime import datetime

from perennial.team.models import User
from perennial.work.models import Reason, WorkItem
from perennial.work.plans.actions import settled as plans
from perennial.work.playbooks import actions as playbooks


def closed(item: WorkItem, *, outcome: str, by: User, at: datetime) -> None:
    """Inside the transaction that closed it."""
    if item.reason == Reason.STEP:
        playbooks.item_closed(item, outcome=outcome, by=by, at=at)
    plans.item_closed(item, outcome=outcome, by=by, at=at)


def reopened(item: WorkItem, *, by: User, at: datetime) -> None:
    """Inside the transaction that took the end back."""
    if item.reason == Reason.STEP:
        playbooks.item_reopened(item, by=by, at=at)
    plans.item_reopened(item, by=by, at=at)

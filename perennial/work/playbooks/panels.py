"""A card of a customer's page: the playbooks under way there, and those that ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perennial.customers.models import Customer
from perennial.team.access import Page, can
from perennial.team.models import User
from perennial.web.panels import Panel
from perennial.work.models import Run
from perennial.work.playbooks.queries.runs import runs_of
from perennial.work.playbooks.shown import run_shown

ENDED_SHOWN = 5


def under_way(user: User, customer: Customer, _day: date) -> Mapping[str, object] | None:
    """Runs under way with their open steps; the newest of those that ended."""
    runs = list(runs_of(user, customer))
    at = timezone.now()
    running = [run_shown(it, at=at) for it in runs if it.state == Run.State.RUNNING]
    ended = [it for it in runs if it.state != Run.State.RUNNING]
    can_start = can(user, Page.EDIT_CUSTOMERS)
    if not running and not ended and not can_start:
        return None
    return {
        "running": running,
        "ended": [run_shown(it, at=at) for it in ended[:ENDED_SHOWN]],
        "ended_count": len(ended),
        "can_start": can_start,
    }


PLAYBOOKS = Panel(_("Playbooks"), "work/playbooks/panel.html", under_way)

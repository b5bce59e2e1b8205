"""Tickets: how many are open, complaints among them, and how content people are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

import numpy as np
import pyarrow as pa
from django.conf import settings
from django.db.models import Q

from perennial.health.inputs.cases import Column, Flags, column
from perennial.health.inputs.scene import Scene
from perennial.tickets.models import Ticket
from perennial.units.moment import day_start

# Complaints are told by their kind.
_COUNTS: Final = """
    SELECT "case", count(*) FILTER (is_open) AS still,
        count(*) FILTER (opened_on > as_of - 28) AS opened,
        count(*) FILTER (is_open AND is_complaint) AS complaints,
        max(as_of - opened_on) FILTER (is_open AND is_complaint) AS waiting
    FROM (
        SELECT *, closed_on IS NULL OR closed_on > as_of AS is_open,
            regexp_matches(lower(kind), 'complaint|投诉') AS is_complaint
        FROM cases JOIN tickets USING (customer_id)
        WHERE opened_on <= as_of AND recorded_on <= known_on
    ) GROUP BY "case" """
_COMPLAINTS: Final = Q(kind__icontains="complaint") | Q(kind__contains="投诉")


def tickets(scene: Scene) -> pa.Table:
    """Every ticket; those that were closed long before the first day say nothing any more."""
    rows = Ticket.objects.all()
    if not scene.cases.known:
        recent = day_start(scene.days[0], settings.PERENNIAL_TIME_ZONE) - timedelta(days=28)
        rows = rows.filter(Q(closed_at=None) | Q(closed_at__gte=recent) | Q(opened_at__gte=recent))
    return scene.facts(rows, "opened_at", "closed_at", "kind")


def complaints(scene: Scene) -> pa.Table:
    return scene.facts(Ticket.objects.filter(_COMPLAINTS), "opened_at")


def counts(scene: Scene) -> pa.Table:
    return scene.ask(_COUNTS, tickets=scene.once(tickets))


def support_load(scene: Scene) -> Column:
    """Open tickets, and half of those opened in 28 days."""
    still = scene.placed(scene.once(counts), "still", absent=0.0)
    opened = scene.placed(scene.once(counts), "opened", absent=0.0)
    params = {"open": still, "opened": opened}
    return column(still + opened / 2, connected=_helped(scene), params=params)


def open_tickets(scene: Scene) -> Column:
    still = scene.placed(scene.once(counts), "still", absent=0.0)
    return column(still, connected=_helped(scene), params={"count": still})


def open_complaints(scene: Scene) -> Column:
    """Complaints that nobody has closed, and how long the oldest one waits."""
    count = scene.placed(scene.once(counts), "complaints", absent=0.0)
    waiting = scene.placed(scene.once(counts), "waiting", absent=0.0)
    return column(
        count,
        connected=scene.since_first(scene.once(complaints), "opened_on"),
        params={"count": count, "days": np.nan_to_num(waiting)},
    )


def _helped(scene: Scene) -> Flags:
    if scene.cases.known:
        return scene.since_first(scene.once(tickets), "opened_on")
    return scene.any_since(Ticket.objects.all(), "opened_at")


READERS: Mapping[str, Callable[[Scene], Column]] = {
    "support_load": support_load,
    "open_tickets": open_tickets,
    "open_complaints": open_complaints,
}

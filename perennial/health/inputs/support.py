"""Tickets: how many are open, complaints among them, and how content people are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from perennial.health.inputs.cases import Column, Flags, column
from perennial.health.inputs.scene import Scene
from perennial.tickets.models import Ticket

COMPLAINTS: Final = ("complaint", "投诉")  # a ticket's kind holds one of these words

# Complaints are told by their kind.
_COUNTS: Final = """
    SELECT "case", count(*) FILTER (is_open) AS still,
        count(*) FILTER (opened_on > as_of - 28) AS opened,
        count(*) FILTER (is_open AND is_complaint) AS complaints,
        max(as_of - opened_on) FILTER (is_open AND is_complaint) AS waiting
    FROM (
        SELECT *, closed_on IS NULL OR closed_on > as_of AS is_open
        FROM cases JOIN tickets USING (customer_id)
        WHERE opened_on <= as_of AND recorded_on <= known_on
    ) GROUP BY "case" """


def tickets(scene: Scene) -> pa.Table:
    """Every ticket, with whether it is a complaint."""
    found = scene.facts(Ticket.objects.all(), "opened_at", "closed_at", "kind")
    kinds = [(kind or "").lower() for kind in found.column("kind").to_pylist()]
    flags = [any(word in kind for word in COMPLAINTS) for kind in kinds]
    return found.append_column("is_complaint", pa.array(flags, pa.bool_()))


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
    has_kinds = bool(pc.any(scene.once(tickets).column("is_complaint")).as_py())
    return column(
        count,
        connected=_helped(scene) & has_kinds,
        params={"count": count, "days": np.nan_to_num(waiting)},
    )


def _helped(scene: Scene) -> Flags:
    return scene.since_first(scene.once(tickets), "opened_on")


READERS: Mapping[str, Callable[[Scene], Column]] = {
    "support_load": support_load,
    "open_tickets": open_tickets,
    "open_complaints": open_complaints,
}

"""Requests as the intake hands them on, normalised in one line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from perennial.events.inbox.frames import Frame
from perennial.events.intake.normalise import Normalised, SourceRules, normalise
from perennial.events.rules.settings import IntakeSettings

ARRIVAL = datetime(2026, 3, 2, 12, tzinfo=UTC)
ARRIVAL_US = (ARRIVAL - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
PK = 1


def normalised(
    *bodies: Any,
    route: str = "batch",
    agent: str = "",
    group_type: str = "",
    product: str = "",
    event_bytes: int = 32 * 1024,
    sent_us: int | None = None,
    refused: dict[int, str] | None = None,
) -> Normalised:
    """What becomes of bodies, given as bytes or as what JSON makes of them."""
    rules = SourceRules(
        PK,
        "app",
        claimed=False,
        event_bytes=event_bytes,
        group_type=group_type,
        product=product,
    )
    frames = [
        (
            f"segment:{nth}",
            Frame(
                ARRIVAL_US,
                PK,
                route,
                agent,
                body if isinstance(body, bytes) else json.dumps(body).encode(),
                sent_us,
                refused or {},
            ),
        )
        for nth, body in enumerate(bodies)
    ]
    return normalise(frames, sources={PK: rules}, settings=IntakeSettings())


def rows(*bodies: Any, **how: Any) -> list[dict[str, Any]]:
    """The staged rows; nothing may have been rejected."""
    found = normalised(*bodies, **how)
    assert found.rejects == []
    listed: list[dict[str, Any]] = found.table.to_pylist()
    return listed


def row(body: Any, **how: Any) -> dict[str, Any]:
    """The one row of a body, without what is null."""
    (found,) = rows(body, **how)
    return {name: value for name, value in found.items() if value is not None}


def reasons(*bodies: Any, **how: Any) -> list[str]:
    """The reasons of the rejects."""
    return [reject.reason.value for reject in normalised(*bodies, **how).rejects]

"""How intake is doing: what waits in the inbox, and whether it is being loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

from perennial.events.inbox.segments import sealed
from perennial.events.intake.state import moment, read_state

DAMAGED = "damaged"  # folder in the inbox: segments that could not be read whole


@dataclass(frozen=True, slots=True)
class IntakeState:
    """`waiting_*` is what is sealed and not loaded. `fault` is an English sentence with gaps for
    `fault_params`, empty while loads succeed; `torn_bytes` were never answered for."""

    waiting_segments: int
    waiting_bytes: int
    oldest_waiting_at: datetime | None
    damaged_segments: int
    damaged_bytes: int
    torn_bytes: int
    torn_at: datetime | None
    last_load_at: datetime | None
    last_accepted: int
    last_seconds: float
    fault: str = ""
    fault_code: str = ""
    fault_params: Mapping[str, str] = field(default_factory=dict)
    fault_since: datetime | None = None


def intake_state() -> IntakeState:
    """Reads names and sizes only; for pages and doctor."""
    inbox = Path(settings.PERENNIAL_HOME) / "inbox"
    waiting, state = sealed(inbox), read_state(inbox)
    damaged = list((inbox / DAMAGED).glob("*"))
    fault = state.fault
    return IntakeState(
        waiting_segments=len(waiting),
        waiting_bytes=sum(_size(path) for path in waiting),
        oldest_waiting_at=_made_at(waiting[0]) if waiting else None,
        damaged_segments=len(damaged),
        damaged_bytes=sum(_size(path) for path in damaged),
        torn_bytes=state.torn_bytes,
        torn_at=moment(state.torn_at),
        last_load_at=moment(state.last_load_at),
        last_accepted=state.last_accepted,
        last_seconds=state.last_seconds,
        fault=fault.message if fault else "",
        fault_code=fault.code if fault else "",
        fault_params=fault.params if fault else {},
        fault_since=moment(fault.since) if fault else None,
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # loaded just now
        return 0


def _made_at(path: Path) -> datetime | None:
    """A segment's name begins with the microsecond of its making."""
    digits = path.stem.partition("-")[0]
    if not digits.isdigit():
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(digits))

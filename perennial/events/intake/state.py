"""What the loader last did, in a file beside the inbox: readable without the database."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

FILE: Final = "loader.json"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why loads fail: the error's code, sentence and gaps, and since when."""

    code: str
    message: str
    params: dict[str, str]
    since: str  # ISO 8601
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class LoaderState:
    """`last_load_at` in ISO 8601, and what that load brought; `fault` while loads fail."""

    last_load_at: str | None = None
    last_accepted: int = 0
    last_seconds: float = 0.0
    torn_bytes: int = 0  # of requests never answered, over all loads
    torn_at: str | None = None
    fault: Fault | None = None


def read_state(inbox: Path) -> LoaderState:
    """The state; empty when nothing was loaded yet."""
    try:
        kept = json.loads((inbox / FILE).read_text(encoding="utf-8"))
        fault = kept.pop("fault", None)
        return LoaderState(**kept, fault=Fault(**fault) if fault else None)
    except (FileNotFoundError, ValueError, TypeError):
        return LoaderState()


def write_state(inbox: Path, state: LoaderState) -> None:
    """Keep it as far as the disk lets us: a full one is what it may have to tell of."""
    with suppress(OSError):
        new = inbox / (FILE + ".new")
        new.write_text(json.dumps(asdict(state)), encoding="utf-8")
        new.replace(inbox / FILE)


def moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)

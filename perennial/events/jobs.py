"""The day's step: the store is kept tidy (the HTTP intake will load its inbox here)."""

from __future__ import annotations

from datetime import date

from perennial.events.store import compact, open_store, sweep
from perennial.units.progress import Progress, silent


def fill(*, day: date, progress: Progress = silent) -> dict[str, int]:  # noqa: ARG001
    """Compact months that lie in many small files, and delete what nobody needs any more."""
    store = open_store()
    merged = sum(compact(store, name) for name in ("events", "health_history"))
    return {"files_merged": merged, "files_deleted": sweep(store)}

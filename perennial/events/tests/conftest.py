"""A store of its own for every test, and a short way to load a file into it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from perennial.events.load import EventFile, Format, LoadResult, import_events
from perennial.events.store import Store
from perennial.units.mapping import parse_map
from perennial.units.progress import Progress, silent

if TYPE_CHECKING:
    from perennial.events.tests.inbox import Posted

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


@dataclass
class Loader:
    """Writes text to a file and imports it; every import is a batch of its own."""

    store: Store
    folder: Path
    known: list[str] = field(default_factory=lambda: ["acme"])
    batch: int = 0

    def __call__(
        self,
        content: str | Path,
        *,
        maps: tuple[str, ...] = (),
        progress: Progress = silent,
        **options: Any,
    ) -> LoadResult:
        self.batch += 1
        path = content
        if isinstance(content, str):
            path = self.folder / f"events-{self.batch}.{options.get('format', Format.CSV)}"
            path.write_text(content, encoding="utf-8")
        chosen: dict[str, Any] = {
            "format": Format.CSV,
            "batch": self.batch,
            "time_zone": SHANGHAI,
        } | options
        return import_events(
            EventFile(path=Path(path), mapping=parse_map(maps), **chosen),
            store=self.store,
            known_customers=pa.table({"customer": pa.array(self.known, pa.string())}),
            zone=SHANGHAI,
            at=NOW,
            progress=progress,
        )

    def rows(self, columns: str = "event", *, where: str = "true") -> list[tuple[Any, ...]]:
        """What the store holds, ordered by all columns asked for."""
        with self.store.reading("events") as session:
            return session.rows(f"SELECT {columns} FROM events WHERE {where} ORDER BY ALL")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def load(store: Store, tmp_path: Path) -> Callable[..., LoadResult]:
    return Loader(store, tmp_path)


@pytest.fixture
def posted(tmp_path: Path) -> Posted:
    """A home of its own with an inbox."""
    from perennial.events.tests.inbox import Posted  # models: not for processes without Django

    return Posted(tmp_path, Store(tmp_path / "store"))

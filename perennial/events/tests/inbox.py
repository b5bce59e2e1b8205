"""Items put into an inbox as accepted requests, and what the store holds of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from perennial.events.inbox.frames import Frame, pack
from perennial.events.inbox.segments import Segment
from perennial.events.intake.loading import LoadReport, load
from perennial.events.models import Source
from perennial.events.store import Store

NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)  # in Shanghai


@dataclass
class Posted:
    """A home's inbox and store; `post` is one accepted request, `load` the loader's turn."""

    home: Path
    store: Store
    last: str = ""
    sources: dict[str, int] = field(default_factory=dict)

    @property
    def inbox(self) -> Path:
        return self.home / "inbox"

    def source(self, name: str = "web", kind: str = "server", **settings: Any) -> int:
        if name not in self.sources:
            made = Source.objects.create(name=name, kind=kind, created_at=NOON, **settings)
            self.sources[name] = made.pk
        return self.sources[name]

    def post(
        self,
        *items: dict[str, Any],
        at: datetime = NOON,
        source: str = "web",
        sent: datetime | None = None,
        route: str = "batch",
    ) -> Path:
        """A sealed segment of one request with these items."""
        body: dict[str, Any] = {"batch": list(items)}
        if sent:
            body["sentAt"] = sent.isoformat()
        self.inbox.mkdir(parents=True, exist_ok=True)
        segment = Segment(self.inbox, after=self.last)
        self.last = segment.name
        micros = round((at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))
        segment.write(
            pack(Frame(micros, self.source(source), route, "test/1.0", json.dumps(body).encode()))
        )
        segment.seal()
        return self.inbox / f"{segment.name}.sealed"

    def load(self) -> LoadReport:
        return load(self.store, inbox=self.inbox)

    def rows(self, columns: str = "event", *, where: str = "true") -> list[tuple[Any, ...]]:
        with self.store.reading("events") as session:
            return session.rows(f"SELECT {columns} FROM events WHERE {where} ORDER BY ALL")


def track(
    message_id: str | None = "m1", *, at: datetime | None = NOON, **more: Any
) -> dict[str, Any]:
    """A track call of a stock client."""
    item: dict[str, Any] = {"type": "track", "event": "login", "userId": "u1", **more}
    if message_id is not None:
        item["messageId"] = message_id
    if at is not None:
        item["timestamp"] = at.isoformat()
    return item

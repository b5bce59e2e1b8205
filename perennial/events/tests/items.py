"""Items as they stand between the inbox and the store, in few words; and a loader of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from perennial.events.intake.attribution import attribute
from perennial.events.intake.later import attribute_later
from perennial.events.intake.links import links_of
from perennial.events.intake.staged import STAGED
from perennial.events.rules.kinds import Kind
from perennial.events.store import EVENTS, LINKS, Store

ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Item:
    """An accepted item; a server's track unless it says otherwise."""

    at: datetime
    user: str | None = None
    anonymous: str | None = None
    group: str | None = None
    kind: Kind = Kind.TRACK
    previous: str | None = None
    context_group: str | None = None
    claimed: bool = False
    received_at: datetime | None = None
    traits: str | None = None

    @property
    def arrived_at(self) -> datetime:
        return self.received_at or self.at


def staged(items: Iterable[Item], *, first: int = 0) -> pa.Table:
    """Items as a staged table; ids count up from `first`, so that they can be told apart."""
    rows: list[dict[str, Any]] = [
        {
            "position": number,
            "source": "web" if item.claimed else "app",
            "claimed": item.claimed,
            "kind": item.kind.value,
            "event": "used" if item.kind is Kind.TRACK else f"${item.kind.value}",
            "message_id": hashlib.md5(str(number).encode(), usedforsecurity=False).digest(),
            "received_at": item.arrived_at,
            "ts": item.at,
            "original_at": item.at,
            "anonymous_id": item.anonymous,
            "user_id": item.user,
            "previous_id": item.previous,
            "group_id": item.group,
            "context_group_id": item.context_group,
            "traits": item.traits,
            "value": 1.0,
            "bot": False,
        }
        for number, item in enumerate(items, start=first)
    ]
    return pa.Table.from_pylist(rows, schema=STAGED)


@dataclass
class Arrivals:
    """Loads items as the worker does: links, then events, then what becomes known later."""

    store: Store
    count: int = 0

    def __call__(self, *items: Item, on: date | None = None) -> int:
        """Load items; how many older rows became known otherwise."""
        table = staged(items, first=self.count)
        self.count += len(items)
        self.load(table)
        arrived = on or max(item.arrived_at for item in items).astimezone(ZONE).date()
        return attribute_later(self.store, received_on=arrived)

    def load(self, table: pa.Table) -> None:
        with self.store.writing(), self.store.session() as session:
            session.offer("staged", table)
            self._append("links", links_of(session, self.store, staged="staged"), session)
            found = attribute(session, self.store, staged="staged", is_gathered=True)
            self._append("events", f"SELECT * FROM {found}", session)

    def _append(self, name: str, select: str, session: Any) -> None:
        columns = ", ".join({"events": EVENTS, "links": LINKS}[name].columns)
        session.run(f"CREATE OR REPLACE TEMP TABLE appended AS SELECT {columns} FROM ({select})")
        change = self.store.change(name, session)
        days = [day for (day,) in session.rows("SELECT DISTINCT day FROM appended ORDER BY 1")]
        for month in sorted({day.replace(day=1) for day in days}):
            change.add(
                f"SELECT * FROM appended WHERE date_trunc('month', day) = '{month}'", month=month
            )
        if days:
            self.store.commit(change, days=days)

    def seen(self, *, known_by: date | None = None) -> dict[int, tuple[str | None, str | None]]:
        """(person, customer) of every item as known at the end of a day, by its number."""
        numbers = {
            hashlib.md5(str(number).encode(), usedforsecurity=False).digest(): number
            for number in range(self.count)
        }
        with self.store.reading("events", known_by=known_by) as session:
            rows = session.rows("SELECT message_id, person, customer FROM events")
        found = {numbers[message]: (person, customer) for message, person, customer in rows}
        assert len(found) == len(rows), "an item stands twice"
        return found

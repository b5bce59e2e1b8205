"""Days of events that arrive over HTTP, as a stock client sends them, from the inbox to figures.

Of `bench.usage`: they stand in the inbox, as the intake leaves them, when the clock starts.
"""

from __future__ import annotations

import json
import random
import statistics
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bench.store import CUSTOMERS, Taken, timed

BATCH = 100
ARRIVALS = 5  # days that arrive, the first one to warm up
SEGMENT_BYTES = 48 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Arrived:
    """What came of some days that arrived: the median of all but the first, and bytes an event."""

    taken: Taken
    loading: Taken
    event_bytes: float
    index_bytes: float


def requests(day: date, *, events: int) -> Iterator[tuple[datetime, bytes]]:
    """One day of batches as a stock client sends them, with the moments of their arrival."""
    chance = random.Random(day.toordinal())
    start = datetime.combine(day, datetime.min.time(), UTC) - timedelta(hours=8)  # in Shanghai
    for first in range(0, events, BATCH):
        items = []
        for number in range(first, first + BATCH):
            customer = f"c{chance.randrange(CUSTOMERS)}"
            items.append(
                {
                    "type": "track",
                    "messageId": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
                    "timestamp": _iso(start + timedelta(seconds=number * 86_000 / events)),
                    "userId": f"{customer}-{chance.randrange(15)}",
                    "event": f"feature_{chance.randrange(40)}",
                    "context": {
                        "groupId": customer,
                        "library": {"name": "analytics-python", "version": "2.3.5"},
                    },
                    "properties": {
                        "report": ("Renewals", "Usage", "Health")[chance.randrange(3)],
                        "rows": chance.randrange(1000),
                        "shared": chance.random() < 0.5,
                        "seconds": chance.randrange(100) / 10,
                    },
                }
            )
        sent = start + timedelta(seconds=(first + BATCH) * 86_000 / events + 1)
        yield sent, json.dumps({"batch": items, "sentAt": _iso(sent)}).encode()


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def fill_inbox(day: date, *, source: int, events: int) -> None:
    """The frames of a day in sealed segments, as the intake leaves them."""
    from perennial.events.inbox.frames import Frame, pack
    from perennial.events.inbox.segments import Segment
    from perennial.events.intake.loading import inbox_folder

    folder, name, size = inbox_folder(), "", 0
    folder.mkdir(exist_ok=True)
    waiting: list[bytes] = []

    def seal() -> str:
        segment = Segment(folder, after=name)
        segment.write(b"".join(waiting))
        segment.seal()
        waiting.clear()
        return segment.name

    for moment, body in requests(day, events=events):
        received_us = int((moment + timedelta(milliseconds=80)).timestamp() * 1e6)
        waiting.append(pack(Frame(received_us, source, "batch", "analytics-python/2.3.5", body)))
        size += len(body)
        if size >= SEGMENT_BYTES:
            name, size = seal(), 0
    seal()


def arrive(*, after: date, events: int) -> Arrived:
    """From the inbox to fresh figures, some days one after the other."""
    from perennial.events.intake.loading import load as load_inbox
    from perennial.events.models import Source, SourceKind
    from perennial.events.store import open_store
    from perennial.metrics.jobs import fill
    from perennial.metrics.queries import customer_metrics

    made = {"kind": SourceKind.SERVER, "created_at": datetime.now(UTC)}
    source = Source.objects.get_or_create(name="bench-http", defaults=made)[0].pk
    store = open_store()
    loads, all_of_it, event_bytes = [], [], 0.0
    indexed = 0  # after the first day: before it the history is put into the index
    for number in range(1, ARRIVALS + 1):
        day = after + timedelta(days=number)
        fill_inbox(day, source=source, events=events)
        loading, report = timed(lambda: load_inbox(store))
        assert report.accepted == events, report
        rest, _ = timed(lambda day=day: (fill(day=day), customer_metrics(as_of=day)))  # type: ignore[misc]
        loads.append(loading)
        all_of_it.append(
            Taken(loading.seconds + rest.seconds, loading.cpu_seconds + rest.cpu_seconds)
        )
        event_bytes = sum(it.size for it in store.snapshot("events").between(day, day)) / events
        indexed = indexed or _index_size()
    index_bytes = (_index_size() - indexed) / ((ARRIVALS - 1) * events)
    return Arrived(median(all_of_it[1:]), median(loads[1:]), event_bytes, index_bytes)


def _index_size() -> int:
    from perennial.events.store import open_store

    return sum(it.stat().st_size for it in (open_store().path / "fingerprints").glob("*.run"))


def median(taken: list[Taken]) -> Taken:
    return Taken(
        statistics.median(it.seconds for it in taken),
        statistics.median(it.cpu_seconds for it in taken),
    )

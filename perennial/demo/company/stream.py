"""Events day by day into one Parquet file, in order of time, in row groups: memory stays flat."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from perennial.demo.company.features import NAMES, PRODUCT_OF, SLOTS, choice_tables
from perennial.demo.company.usage import Users
from perennial.demo.parameters import PRODUCTS, CompanyParameters
from perennial.units.progress import Progress, silent

ROWS_PER_GROUP = 500_000
UTC_OFFSET_HOURS = 8  # Asia/Shanghai has no summer time
DAY_MS = 86_400_000

# Share of a working day's events in each hour of business time.
HOURS = (
    *(0.1, 0.05, 0.05, 0.05, 0.05, 0.1, 0.4, 1.5, 7, 13, 13, 10),
    *(3.5, 7, 11.5, 11, 10, 8, 3.5, 2, 1.5, 1, 0.6, 0.3),
)
MOMENT = pa.timestamp("ms", tz="UTC")
CHOICE = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        ("event", CHOICE),
        ("timestamp", MOMENT),
        ("received_at", MOMENT),
        ("customer_id", CHOICE),
        ("user_id", CHOICE),
        ("product", CHOICE),
        ("message_id", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Base:
    """What stays the same for every day: who there is, and how choices are made."""

    customer_ids: tuple[str, ...]
    breadths: NDArray[np.int8]
    users: Users
    sets: list[tuple[int, int, int]]
    counts: NDArray[np.int32]
    start_on: date
    parameters: CompanyParameters


def write_events(path: Path, *, base: Base, seed: int, progress: Progress = silent) -> int:
    """Writes every event and returns how many. One thread makes days, another writes them."""
    maker = _Days(base, seed=seed)
    waiting: list[pa.RecordBatch] = []
    writing: Future[None] | None = None
    rows, total, last = 0, int(base.counts.sum(dtype=np.int64)), base.counts.shape[1] - 1
    file = pq.ParquetWriter(
        path,
        SCHEMA,
        compression="zstd",
        compression_level=1,
        use_dictionary=[field.name for field in SCHEMA if field.type == CHOICE],
        write_statistics=["timestamp", "received_at"],
        store_schema=False,
    )
    with file as writer, ThreadPoolExecutor(1) as thread:
        for day in range(last + 1):
            waiting.append(maker.day(day))
            rows += waiting[-1].num_rows
            if day < last and sum(each.num_rows for each in waiting) < ROWS_PER_GROUP:
                continue
            if writing:
                writing.result()
            table = pa.Table.from_batches(waiting)
            writing = thread.submit(writer.write_table, table, row_group_size=ROWS_PER_GROUP)
            waiting = []
            progress(rows, total)
        if writing:
            writing.result()
    return rows


class _Days:
    """Makes the events of one day after the other."""

    def __init__(self, base: Base, *, seed: int) -> None:
        users = base.users
        self.base = base
        self.generator = np.random.Generator(np.random.SFC64([seed, 3]))
        self.tables = choice_tables().reshape(-1)
        self.owned = np.zeros(len(base.customer_ids), dtype=np.int32)
        for _, customer, owned in reversed(base.sets):  # before the first day: the first set
            self.owned[customer] = owned
        self.later = [change for change in base.sets if change[0] > 0]
        self.moments = _moments()
        self.customers = pa.array(base.customer_ids)
        self.user_ids = pa.array(
            [
                f"{base.customer_ids[customer]}-U{number:03d}"
                for customer, number in zip(
                    users.customer.tolist(), users.number.tolist(), strict=True
                )
            ]
        )
        self.names, self.products = pa.array(NAMES), pa.array(PRODUCTS)
        self.history_end = _midnight_ms(base.start_on + timedelta(days=base.counts.shape[1]))

    def day(self, day: int) -> pa.RecordBatch:
        """The events of one business day, in order of time."""
        while self.later and self.later[0][0] <= day:
            _, customer, owned = self.later.pop(0)
            self.owned[customer] = owned
        counts = self.base.counts[:, day]
        customers = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        draws = self.generator.integers(0, 1 << 32, size=(6, len(customers)), dtype=np.uint32)
        millis = self.moments[draws[0] >> 18] + (draws[0] & 0x3FFFF) % 21_000
        order = np.argsort(millis, kind="stable")
        customers, millis = customers[order], millis[order]
        users = self._users(customers, day=day, draw=draws[1])
        features = self._features(customers, users=users, draw=draws[2])
        at = millis.astype(np.int64) + _midnight_ms(self.base.start_on + timedelta(days=day))
        columns = [
            _choice(features, self.names),
            pa.array(at).cast(MOMENT),
            pa.array(self._received(at, draw=draws[2])).cast(MOMENT),
            _choice(customers, self.customers),
            _choice(users, self.user_ids),
            _choice(PRODUCT_OF[features], self.products),
            _message_ids(at, draws[3:]),
        ]
        return pa.record_batch(columns, schema=SCHEMA)

    def _users(
        self, customers: NDArray[np.int32], *, day: int, draw: NDArray[np.uint32]
    ) -> NDArray[np.int32]:
        """Index of the person of each event, −1 when nobody is there. Some work more."""
        users = self.base.users
        present = np.flatnonzero((users.from_day <= day) & (day < users.to_day)).astype(np.int32)
        there = np.bincount(users.customer[present], minlength=len(self.owned))
        starts = np.concatenate(([0], np.cumsum(there)[:-1]))
        share = draw.astype(np.float32) / np.float32(2**32)
        place = (share * np.sqrt(share) * there[customers]).astype(np.int64)
        place = np.minimum(place, np.maximum(there[customers] - 1, 0)) + starts[customers]
        if not len(present):
            return np.full(len(customers), -1, dtype=np.int32)
        found = present[np.minimum(place, len(present) - 1)]
        return np.where(there[customers] > 0, found, -1).astype(np.int32)

    def _features(
        self, customers: NDArray[np.int32], *, users: NDArray[np.int32], draw: NDArray[np.uint32]
    ) -> NDArray[np.int8]:
        manager = np.where(users >= 0, self.base.users.manager[users], False)
        row = self.owned[customers] * 3 + self.base.breadths[customers]
        picked: NDArray[np.int8] = self.tables[(row * 2 + manager) * SLOTS + (draw & (SLOTS - 1))]
        return picked

    def _received(self, at: NDArray[np.int64], *, draw: NDArray[np.uint32]) -> NDArray[np.int64]:
        """Seconds later as a rule; some hours later (offline phones), a few of them days."""
        parameters = self.base.parameters
        chance = (draw >> 10).astype(np.float64) / (1 << 22)
        delay = 300 + (chance * 1e9 % 9_000)
        hours = chance < parameters.late_event_share
        delay[hours] = 3_600_000 * (1 + chance[hours] * 1e5 % 14)
        days = chance < parameters.very_late_event_share
        delay[days] = DAY_MS * (1 + chance[days] * 1e5 % 5)
        received: NDArray[np.int64] = np.minimum(at + delay.astype(np.int64), self.history_end - 1)
        return received


def _choice(codes: NDArray[np.integer], values: pa.Array) -> pa.Array:
    """A dictionary column; −1 is null."""
    missing = codes < 0
    return pa.DictionaryArray.from_arrays(
        pa.array(codes.astype(np.int32), mask=missing if missing.any() else None), values
    )


def _midnight_ms(day: date) -> int:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=UTC_OFFSET_HOURS)
    return int(start.timestamp()) * 1000


def _moments() -> NDArray[np.int64]:
    """Milliseconds of the day at 16,384 equal shares of a working day's events."""
    edges = np.concatenate(([0.0], np.cumsum(HOURS)))
    shares = (np.arange(1 << 14) + 0.5) / (1 << 14) * edges[-1]
    hours = np.interp(shares, edges, np.arange(25))
    moments: NDArray[np.int64] = np.minimum(hours * 3_600_000, DAY_MS - 21_001).astype(np.int64)
    return moments


HEX = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), dtype=np.uint16)
# Where the sixteen bytes stand in the 36 characters of a UUID.
PLACES = (0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34)


def _message_ids(at: NDArray[np.int64], draws: NDArray[np.uint32]) -> pa.Array:
    """UUIDs of version 7: 48 bits of milliseconds, then chance; written as text."""
    rows = len(at)
    raw = np.empty((rows, 16), dtype=np.uint8)
    raw[:, :6] = at.astype(">i8").view(np.uint8).reshape(rows, 8)[:, 2:]
    raw[:, 6:] = np.ascontiguousarray(draws.T).view(np.uint8).reshape(rows, 12)[:, :10]
    raw[:, 6] = 0x70 | raw[:, 6] & 0x0F
    raw[:, 8] = 0x80 | raw[:, 8] & 0x3F
    text = np.full((rows, 36), ord("-"), dtype=np.uint8)
    pairs = HEX[raw].view(np.uint8).reshape(rows, 16, 2)
    for byte, place in enumerate(PLACES):
        text[:, place : place + 2] = pairs[:, byte]
    offsets = pa.array(np.arange(rows + 1, dtype=np.int32) * 36)
    return pa.StringArray.from_buffers(rows, offsets.buffers()[1], pa.py_buffer(text))

"""Which items of a load are new: identity is (source, message id), the first arrival wins.

Copies come inside the load; or the index of fingerprints points to a day; or the time as sent
is older than the index reaches, and the item's own day tells. Where there may be one, the store
is asked, so that only a real copy is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from perennial.events.intake.fingerprints import EVER, Index, Prints, fingerprints
from perennial.events.store import Session, Store, literal

_EPOCH: Final = date(1970, 1, 1)
_MARGIN_DAYS: Final = 2  # a client's clock and time zones, at the horizon
_DAYS_AT_ONCE: Final = 40  # of the store, asked in one query


@dataclass(frozen=True, slots=True)
class Judged:
    """A load's items by place: what is new, and what the index must know of it.

    Days are business days since 1970: of the event, of the time as sent (−1 << 62: none was
    sent) and of arrival.
    """

    new: npt.NDArray[np.bool_]
    prints: Prints
    day: npt.NDArray[np.int64]
    sent_day: npt.NDArray[np.int64]
    received_day: npt.NDArray[np.int64]

    def remember(self, index: Index, name: str) -> None:
        """Put what is new into the index; the same name again changes nothing."""
        moved = self.new & (self.sent_day != _NONE) & (self.sent_day != self.day)
        usual = self.new & ~moved
        if usual.any():
            came = self.received_day[usual]
            arrived = (int(came.min()), int(came.max()))
            index.add(name, self.prints[usual], self.day[usual], arrived=arrived)
        index.add(name, self.prints[moved], self.day[moved], arrived=(EVER, EVER))


_NONE: Final = -1 << 62


def judge(
    session: Session, store: Store, index: Index, *, staged: pa.Table, zone: ZoneInfo, horizon: int
) -> Judged:
    """Tell new items from copies; `staged` lies in order of arrival, `horizon` in days."""
    source = staged.column("source").combine_chunks().dictionary_encode()
    codes = source.indices.to_numpy().astype(np.int64)
    ids = _bytes(staged.column("message_id"))
    prints = fingerprints(source.dictionary.to_pylist(), codes, ids)
    day, sent_day, received_day = _days(session, staged, zone)
    order = np.argsort(prints, kind="stable")  # copies lie beside each other, the first one first
    new = np.ones(len(prints), bool)
    new[_later_copies(order, prints, codes, ids)] = False

    firsts = order[new[order]]
    place, there = index.look_up(prints[firsts])
    old = np.flatnonzero(
        new & (sent_day != _NONE) & (sent_day < received_day - horizon + _MARGIN_DAYS)
    )
    rows = np.concatenate([firsts[place], old])
    new[_stored(store, session, staged, rows, np.concatenate([there, sent_day[old]]))] = False
    return Judged(new, prints, day, sent_day, received_day)


def _bytes(column: pa.ChunkedArray) -> bytes:
    """The 16 bytes of every id, one after the other."""
    ids = column.cast(pa.binary(16)).combine_chunks()
    found = ids.buffers()[1].to_pybytes() if len(ids) else b""
    return found[16 * ids.offset : 16 * (ids.offset + len(ids))]


def _days(
    session: Session, staged: pa.Table, zone: ZoneInfo
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    session.offer("moments", staged.select(["position", "ts", "original_at", "received_at"]))
    days = ", ".join(
        f"(timezone({literal(zone.key)}, {moment})::DATE - DATE '1970-01-01')::BIGINT AS {name}"
        for moment, name in (("ts", "day"), ("original_at", "sent"), ("received_at", "received"))
    )
    found = session.arrays(f"SELECT {days} FROM moments ORDER BY position")
    return (
        np.asarray(found["day"]),
        np.ma.filled(found["sent"], _NONE),
        np.asarray(found["received"]),
    )


def _later_copies(
    order: npt.NDArray[np.intp], prints: Prints, codes: npt.NDArray[np.int64], ids: bytes
) -> list[int]:
    """The rows whose identity stands in an earlier row; few share a fingerprint."""
    sorted_prints = prints[order]
    beside = np.flatnonzero(sorted_prints[1:] == sorted_prints[:-1])
    seen: set[tuple[int, bytes]] = set()
    copies = []
    for row in order[np.union1d(beside, beside + 1)].tolist():
        identity = (int(codes[row]), ids[16 * row : 16 * row + 16])
        if identity in seen:
            copies.append(row)
        seen.add(identity)
    return copies


def _stored(
    store: Store,
    session: Session,
    staged: pa.Table,
    rows: npt.NDArray[np.intp],
    days: npt.NDArray[np.int64],
) -> npt.NDArray[np.intp]:
    """Those of the rows whose identity the store holds on the day where to look."""
    if not len(rows):
        return rows
    snapshot = store.snapshot("events")
    copies = [np.empty(0, np.int64)]
    wanted = np.unique(days)
    for start in range(0, len(wanted), _DAYS_AT_ONCE):
        span = wanted[start : start + _DAYS_AT_ONCE]
        those = np.isin(days, span)
        suspects = staged.select(["source", "message_id"]).take(pa.array(rows[those]))
        suspects = suspects.append_column("row", pa.array(rows[those]))
        suspects = suspects.append_column(
            "day", pa.array(days[those], pa.int32()).cast(pa.date32())
        )
        on = [_EPOCH + timedelta(days=int(number)) for number in span]
        files = tuple(
            file
            for file in snapshot.between(on[0], on[-1])
            if any(file.first_on <= day <= file.last_on for day in on)
        )
        session.offer("suspects", suspects)
        found = session.arrays(
            "SELECT DISTINCT suspects.row AS row FROM suspects SEMI JOIN "
            f"(SELECT day, source, message_id FROM ({snapshot.sql(files)}) "
            f"WHERE day BETWEEN '{on[0]}' AND '{on[-1]}') AS stored "
            "USING (day, source, message_id)"
        )
        copies.append(np.asarray(found["row"]))
    return np.concatenate(copies).astype(np.intp)

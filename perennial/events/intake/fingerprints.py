"""The index of what has arrived: an 8-byte fingerprint of (source, message id) → event day.

It only points: whoever finds something looks into the store, so that two ids with one
fingerprint never cost an event, and an index that is ahead of the store does no harm. It lies
in sorted runs that never change (10 bytes an entry), merged as they gather; a run whose arrivals
are all older than the horizon goes as a whole. Entries whose day is not that of the time as sent
are kept for ever. Why not a key-value library: docs/decisions/0006-fingerprints.md.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from perennial.units.durable import sync_folder

Prints = npt.NDArray[np.uint64]
Days = npt.NDArray[np.uint16]  # days since DAY_ZERO, round again after _ROUND
DAY_ZERO: Final = -25_567  # 1900-01-01, in days since 1970
_ROUND: Final = 65_536
_LAST_DAY: Final = 84_005  # 2199-12-31: the years of rules.clock
EVER: Final = 9_999_999  # "last arrival" of entries that are kept for ever
_ENTRY: Final = 10
_FAN: Final = 4  # so many runs of a size become one
_SMALLEST: Final = 4_096
_LARGEST: Final = 8_000_000  # entries; merging more would hold up a load
_SPAN_DAYS: Final = 14  # of arrivals in one run, so that it can go as a whole


@dataclass(frozen=True, slots=True)
class Run:
    """A file of entries, sorted by fingerprint. Its name tells the days of arrival."""

    path: Path
    first_day: int
    last_day: int
    prints: Prints
    days: Days


class Index:
    """The runs in a folder. One writer (the loader, under the store's lock)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runs: dict[str, Run] = {}

    def runs(self) -> list[Run]:
        """All runs, opened once."""
        names = {path.name for path in self._folder.glob("*.run")}
        self._runs = {
            name: self._runs.get(name) or _open(self._folder / name) for name in sorted(names)
        }
        return list(self._runs.values())

    @property
    def entries(self) -> int:
        return sum(len(run.prints) for run in self.runs())

    def look_up(self, prints: Prints) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.int64]]:
        """What may have come before: places in `prints` (sorted) and the event days (since 1970)
        to look at; one place may have several."""
        places, days = [np.empty(0, np.intp)], [np.empty(0, np.int64)]
        for run in self.runs():
            at = np.searchsorted(run.prints, prints)
            place = np.arange(len(prints))
            while True:  # more than once only where a run holds a fingerprint twice
                inside = at < len(run.prints)
                at, place = at[inside], place[inside]
                same = run.prints[at] == prints[place]
                at, place = at[same], place[same]
                if not len(at):
                    break
                places.append(place)
                days.append(run.days[at].astype(np.int64) + DAY_ZERO)
                at = at + 1
        return _either_way(np.concatenate(places), np.concatenate(days))

    def add(
        self, name: str, prints: Prints, days: npt.NDArray[np.int64], *, arrived: tuple[int, int]
    ) -> None:
        """A run of entries, durable when this returns; the same name again replaces it.

        `days` and `arrived` (first, last; EVER, EVER for those kept for ever) are days since
        1970.
        """
        if len(prints):
            order = np.argsort(prints, kind="stable")
            packed = (days[order] - DAY_ZERO).astype(np.uint16)
            self._write(f"{arrived[0]:07d}-{arrived[1]:07d}-{name}", prints[order], packed)

    def tidy(self, *, oldest: int, horizon: int) -> None:
        """Merge runs as they gather; drop those whose arrivals all lie before the day `oldest`.

        But only when something came in the `horizon` of days after they had become too old: a
        clock that is at 2099 for a minute must not make us forget what came yesterday.
        """
        runs = self.runs()
        for run in runs:
            due = run.last_day + horizon
            if run.last_day < oldest and any(
                it.last_day >= due and it.first_day <= due + horizon for it in runs
            ):
                run.path.unlink()
        while group := next(self._gathered(), None):
            self._merge(group)

    def _gathered(self) -> Iterator[Sequence[Run]]:
        sizes: dict[tuple[bool, int], list[Run]] = {}
        for run in self.runs():
            if len(run.prints) >= _LARGEST:
                continue
            group = sizes.setdefault((run.last_day == EVER, _size(run)), [])
            if group and run.last_day - group[0].first_day > _SPAN_DAYS:
                group.clear()
            group.append(run)
            if len(group) == _FAN:
                yield group

    def _merge(self, group: Sequence[Run]) -> None:
        prints = np.concatenate([run.prints for run in group])
        days = np.concatenate([run.days for run in group])
        order = np.argsort(prints, kind="stable")  # merges what is sorted already
        prints, days = prints[order], days[order]
        again = np.zeros(len(prints), bool)
        again[1:] = (prints[1:] == prints[:-1]) & (days[1:] == days[:-1])
        first, last = min(it.first_day for it in group), max(it.last_day for it in group)
        name = group[-1].path.stem.split("-", 2)[2] + "m"  # nobody else has that name
        self._write(f"{first:07d}-{last:07d}-{name}", prints[~again], days[~again])
        for run in group:
            run.path.unlink(missing_ok=True)

    def _write(self, name: str, prints: Prints, days: Days) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        new = self._folder / f"{name}.new"
        with new.open("wb") as handle:
            handle.write(prints.tobytes())
            handle.write(days.tobytes())
            handle.flush()
            os.fsync(handle.fileno())
        new.replace(self._folder / f"{name}.run")
        sync_folder(self._folder)
        self._runs.pop(f"{name}.run", None)


def fingerprints(sources: Sequence[str], codes: npt.NDArray[np.int64], ids: bytes) -> Prints:
    """The fingerprints of rows: `sources[codes[row]]` and 16 bytes of `ids` a row."""
    halves = np.frombuffer(ids, "<u8").reshape(-1, 2)
    seeds = np.array([_seed(name) for name in sources], np.uint64)
    return _mixed(halves[:, 0] ^ _mixed(halves[:, 1] ^ seeds[codes]))


@lru_cache(maxsize=1024)
def _seed(source: str) -> int:
    return int.from_bytes(
        hashlib.md5(source.encode(), usedforsecurity=False).digest()[:8], "little"
    )


def _mixed(number: Prints) -> Prints:
    """splitmix64: ids made by the clock or by counting spread as well as random ones."""
    number = (number ^ (number >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    number = (number ^ (number >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return number ^ (number >> np.uint64(31))


def _either_way(
    places: npt.NDArray[np.intp], days: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.int64]]:
    """Two bytes hold 179 years: a day before 2020 may also be one after 2079 (clocks jump)."""
    both = days + _ROUND <= _LAST_DAY
    return np.concatenate([places, places[both]]), np.concatenate([days, days[both] + _ROUND])


def _size(run: Run) -> int:
    """The size class of a run: 0 up to a few thousand entries, then one for each fourfold."""
    return max(0, (len(run.prints) // _SMALLEST).bit_length() + 1) // 2


def _open(path: Path) -> Run:
    first, last, _ = path.stem.split("-", 2)
    data = np.memmap(path, mode="r")
    entries = len(data) // _ENTRY
    prints, days = data[: 8 * entries].view(np.uint64), data[8 * entries :].view(np.uint16)
    return Run(path, int(first), int(last), prints, days)

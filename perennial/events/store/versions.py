"""The versions of the store's tables: the last one, what has been consumed, what changed since."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path

from deltalake import DeltaTable, Schema

from perennial.events.store.commits import Digest, entry, read_digest, read_note
from perennial.events.store.engine import named_errors
from perennial.events.store.schema import CONFIGURATION
from perennial.events.store.snapshot import Snapshot, read_snapshot
from perennial.events.store.tables import TABLES, Table
from perennial.units.durable import sync_files

KEPT_FROM = "kept_from"  # an application transaction whose version is a day's ordinal


class Versions:
    """Delta tables in a folder, opened once and followed as they grow."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._guard = threading.RLock()
        self._deltas: dict[str, DeltaTable] = {}
        self._snapshots: dict[str, Snapshot] = {}
        self._seen: dict[str, int] = {}  # when the folder of a table's log last changed, ns
        self._digests: dict[str, Digest] = {}

    def snapshot(self, name: str) -> Snapshot:
        """The file list of a table's last version, cached until there is a newer one."""
        with self._guard:
            delta, known = self.delta(name), self._snapshots.get(name)
            version = -1 if delta is None else delta.version()
            if known is None or known.version != version:
                known = read_snapshot(TABLES[name], self.path / name, delta)
                self._snapshots[name] = known
            return known

    def consumed(self, name: str, application: str) -> int:
        """The last version that an application recorded in a table's commits; -1 if none."""
        delta = self.delta(name)
        found = delta.transaction_version(application) if delta else None
        return -1 if found is None else int(found)

    def kept_from(self, name: str) -> date | None:
        """The first day whose rows are kept; those before went for their age. None: all are."""
        found = self.consumed(name, KEPT_FROM)
        return None if found < 0 else date.fromordinal(found)

    def changed_days(self, name: str, *, since: int) -> set[date] | None:
        """The days touched by commits after a version; None when nobody knows any more."""
        with self._guard:
            return self._digest(name).since(max(since, 0))

    def last_change(self, name: str) -> int:
        """The last version that changed what a table says; files merged since are no change."""
        with self._guard:
            digest = self._digest(name)
            return max(digest.touched.values(), default=digest.first)

    def facts(self, name: str, *, application: str) -> dict[str, int] | None:
        """The figures of the commit in which an application was recorded, if still known."""
        for version in range(self.snapshot(name).version, 0, -1):
            note = read_note(self._log(name), version)
            if note is not None and application in note.applications:
                return dict(note.facts)
        return None

    def imported_since(self, name: str, version: int) -> set[int] | None:
        """The imports (their batches) committed after a version; None when the log is cleaned."""
        batches: set[int] = set()
        for number in range(version + 1, self.snapshot(name).version + 1):
            note = read_note(self._log(name), number)
            if note is None:
                return None
            imports = (it for it in note.applications if it.startswith("import:"))
            batches |= {int(it.removeprefix("import:")) for it in imports}
        return batches

    def _log(self, name: str) -> Path:
        return self.path / name / "_delta_log"

    def sync_log(self, name: str, *, first: int, last: int) -> bool:
        """Make the entries of these versions durable; whether a checkpoint was among them."""
        log = self._log(name)
        checkpoints = [
            path for it in range(first, last + 1) for path in log.glob(f"{it:020}.checkpoint*")
        ]
        pointer = [log / "_last_checkpoint"] if checkpoints else []
        entries = [entry(log, it) for it in range(first, last + 1)]
        sync_files([*entries, *checkpoints, *pointer], within=self.path.parent)
        return bool(checkpoints)

    def keep_digest(self, name: str) -> None:
        """Keep the sum of the notes: before a checkpoint, which cleans the log."""
        self._digest(name).write(self._digest_path(name))

    def _digest_path(self, name: str) -> Path:
        return self.path / name / "_digest.json"  # Delta overlooks names that begin so

    def _digest(self, name: str) -> Digest:
        version = self.snapshot(name).version
        known = self._digests.get(name)
        if known is None or known.last > version:
            known = read_digest(self._digest_path(name))
        if known.last > version:  # of a table that was deleted
            known = Digest(0, 0, {})
        self._digests[name] = known.up_to(version, log=self._log(name))
        return self._digests[name]

    def delta(self, name: str) -> DeltaTable | None:
        """The table at its last version; None when it is not there yet."""
        log = self._log(name)
        with self._guard:
            try:
                changed = log.stat().st_mtime_ns
            except FileNotFoundError:  # not yet made, or deleted, to be rebuilt
                for known in (self._deltas, self._snapshots, self._digests, self._seen):
                    known.pop(name, None)
                return None
            delta = self._deltas.get(name)
            with named_errors():
                if delta is not None and entry(log, delta.version() + 1).exists():
                    delta.update_incremental()
                elif delta is None or (
                    self._seen.get(name) != changed and not entry(log, delta.version()).exists()
                ):  # new to us, or so old that the log was cleaned since
                    if not DeltaTable.is_deltatable(str(self.path / name)):
                        return None
                    delta = self._deltas[name] = DeltaTable(self.path / name)
            self._seen[name] = changed
            return delta

    def create(self, table: Table) -> DeltaTable:
        """A new table, empty."""
        folder = self.path / table.name
        folder.mkdir(parents=True, exist_ok=True)
        delta = DeltaTable.create(
            folder,
            schema=Schema.from_arrow(table.schema),
            mode="ignore",
            partition_by=["month"],
            configuration=CONFIGURATION,
        )
        return self._deltas.setdefault(table.name, delta)

"""What our commits note in the Delta log: the days they touched, what they consumed, figures."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from deltalake import CommitProperties, Transaction

_KEY = "perennial"
_DAY_ZERO = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Note:
    """The note of one version of a table."""

    days: frozenset[date]
    facts: Mapping[str, int]
    applications: frozenset[str]


def properties(
    *, days: Iterable[date], transactions: Mapping[str, int], facts: Mapping[str, int]
) -> CommitProperties:
    """A commit's note, in Delta's terms."""
    return CommitProperties(
        custom_metadata={_KEY: {"days": encode_days(days), "facts": dict(facts)}},
        max_commit_retries=0,  # one writer at a time: the lock of Store.writing
        app_transactions=[Transaction(name, to) for name, to in transactions.items()],
    )


def entry(log: Path, version: int) -> Path:
    """The file of a version in a table's log."""
    return log / f"{version:020}.json"


def read_note(log: Path, version: int) -> Note | None:
    """The note of a version; None when its log entry is gone (the log is cleaned)."""
    try:
        text = entry(log, version).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    noted: dict[str, list[list[int]] | dict[str, int]] = {}
    applications = set()
    for line in text.splitlines():
        if not line.startswith(('{"commitInfo"', '{"txn"')):
            continue  # files by the hundred do not concern us
        action = json.loads(line)
        if "commitInfo" in action:
            noted = action["commitInfo"].get(_KEY, {})
        elif "txn" in action:
            applications.add(action["txn"]["appId"])
    days, facts = noted.get("days", []), noted.get("facts", {})
    return Note(
        frozenset(decode_days(days)) if isinstance(days, list) else frozenset(),
        facts if isinstance(facts, dict) else {},
        frozenset(applications),
    )


@dataclass(frozen=True, slots=True)
class Digest:
    """The notes of the versions (first, last], summed up: the last version that touched a day.

    It is kept beside the log, so that the log may be cleaned and thousands of small commits
    cost one reading. Without it (an older store, a copy) it is made from what the log has.
    """

    first: int
    last: int
    touched: Mapping[date, int]

    def since(self, version: int) -> set[date] | None:
        """The days touched after a version; None when that is before our time."""
        if version < self.first:
            return None
        return {day for day, last in self.touched.items() if last > version}

    def up_to(self, version: int, *, log: Path) -> Digest:
        """The same with the notes of later versions; anew from the log's end at a gap."""
        digest, touched = self, dict(self.touched)
        for number in range(self.last + 1, version + 1):
            note = read_note(log, number)
            if note is None:
                touched, digest = {}, replace(digest, first=number)
            else:
                touched |= dict.fromkeys(note.days, number)
        return Digest(digest.first, max(version, self.last), touched)

    def write(self, path: Path) -> None:
        """Put it in the place of what is there, whole or not at all."""
        versions: dict[int, list[date]] = {}
        for day, version in self.touched.items():
            versions.setdefault(version, []).append(day)
        days = {str(version): encode_days(those) for version, those in versions.items()}
        text = json.dumps({"first": self.first, "last": self.last, "days": days})
        new = path.with_suffix(".new")
        with new.open("w", encoding="utf-8") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
        new.replace(path)


def read_digest(path: Path) -> Digest:
    """The digest kept at a path; an empty one when there is none to be read."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        touched = {
            day: int(version) for version, runs in kept["days"].items() for day in decode_days(runs)
        }
        return Digest(int(kept["first"]), int(kept["last"]), touched)
    except (FileNotFoundError, ValueError, KeyError):
        return Digest(0, 0, {})


def encode_days(days: Iterable[date]) -> list[list[int]]:
    """Days as runs [first, last] of days since 1970, so that long histories stay short."""
    runs: list[list[int]] = []
    for number in sorted({day.toordinal() - _DAY_ZERO for day in days}):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return runs


def decode_days(runs: Iterable[Iterable[int]]) -> set[date]:
    """The inverse of `encode_days`."""
    return {
        date.fromordinal(_DAY_ZERO + number)
        for first, last in runs
        for number in range(first, last + 1)
    }

"""What our commits note in the Delta log: the days they touched, what they consumed, figures."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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


def read_note(log: Path, version: int) -> Note | None:
    """The note of a version; None when its log entry is gone (Delta keeps entries for 30 days)."""
    try:
        text = (log / f"{version:020}.json").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    noted: dict[str, list[list[int]] | dict[str, int]] = {}
    applications = set()
    for line in text.splitlines():
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

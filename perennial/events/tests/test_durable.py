"""What a power cut may cost: a segment goes only when the store holds its events durably."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from perennial.events.inbox import segments
from perennial.events.intake import loading
from perennial.events.store import Store, schema
from perennial.events.tests.inbox import Posted, track

pytestmark = pytest.mark.django_db


def test_a_segment_goes_only_when_its_events_are_durable(
    posted: Posted, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[int] = set()
    needed: list[Path] = []
    really_sync, really_retire = os.fsync, segments.retire

    def sync(handle: int) -> None:
        synced.add(os.fstat(handle).st_ino)
        really_sync(handle)

    def retire(paths: Sequence[Path]) -> None:
        for name in ("events", "links"):
            log = store.path / name / "_delta_log"
            needed.extend(sorted(log.glob("*.json")))
            needed.extend([log, log.parent])
            files = [log.parent / it.path for it in store.snapshot(name).files]
            needed.extend([*files, *(path.parent for path in files)])
        missing = [path for path in needed if path.stat().st_ino not in synced]
        assert not missing, f"not durable: {missing}"
        really_retire(paths)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(loading, "retire", retire)
    posted.post(track("a", groupId="acme"), track("b", userId="u2"))
    assert posted.load().accepted == 2
    assert len(needed) > 6


def test_an_old_log_is_cleaned_only_behind_a_durable_checkpoint(
    posted: Posted, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[int] = set()
    really_sync = os.fsync

    def sync(handle: int) -> None:
        synced.add(os.fstat(handle).st_ino)
        really_sync(handle)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setitem(schema.CONFIGURATION, "delta.checkpointInterval", "4")
    log = store.path / "events" / "_delta_log"
    number = 0
    while not (log / "_last_checkpoint").exists():
        assert number < 8
        posted.post(track(f"m{number}"))
        posted.load()
        number += 1
    checkpoints = [*log.glob("*.checkpoint*"), log / "_last_checkpoint"]
    assert len(checkpoints) == 2
    assert all(path.stat().st_ino in synced for path in checkpoints)

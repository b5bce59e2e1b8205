"""The worker loads what was accepted, and a failure neither ends it nor fills the log."""

from __future__ import annotations

import errno
import logging
import time
from pathlib import Path

import pytest

from perennial.config import inbox_loop, loops
from perennial.config.doctor import examination
from perennial.events.queries.intake import intake_state
from perennial.events.store import open_store
from perennial.events.tests.inbox import Posted, track

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(home: Path) -> Posted:
    return Posted(home, open_store())


def codes() -> set[str]:
    return {finding.code for finding in examination.examine()}


def test_what_waits_is_loaded(here: Posted) -> None:
    here.post(track("a"))
    before = intake_state()
    assert (before.waiting_segments, before.last_load_at) == (1, None)
    assert before.oldest_waiting_at is not None
    assert inbox_loop.turn()
    assert intake_state().waiting_segments == 0
    assert intake_state().last_accepted == 1
    assert here.rows() == [("login",)]


def test_a_full_disk_is_told_once_and_the_next_turn_goes_on(
    here: Posted, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    here.post(track("a"))
    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
        patch.setattr(inbox_loop, "load", full)
        assert not inbox_loop.turn()
        assert not inbox_loop.turn()
    assert len(caplog.records) == 1
    assert "disk is full" in intake_state().fault
    assert "loading_failed" in codes()
    assert inbox_loop.turn()
    assert intake_state().fault == ""
    assert "loading_failed" not in codes()


def test_doctor_tells_of_what_waits_and_of_damage(
    here: Posted, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = here.post(track("a"))
    old = int((time.time() - 3600) * 1e6)
    path.rename(path.with_name(f"{old:017d}-00000000.sealed"))
    (here.inbox / "damaged").mkdir()
    (here.inbox / "damaged" / path.name).write_bytes(b"x")
    assert {"inbox_waits", "inbox_damaged"} <= codes()


@pytest.mark.django_db(transaction=True)
def test_the_thread_ends_with_the_worker(here: Posted) -> None:
    with loops.running({"inbox-loader": inbox_loop.turn}):
        pass
    assert here.load().loads == 0

"""A disk that is really full (ENOSPC): nothing acknowledged is lost, everybody says what to do,
and all goes on by itself when there is room again."""

from __future__ import annotations

import contextlib
import http.client
import json
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from perennial.units.errors import ExitCode
from tests.crash.crew import Crew
from tests.crash.verdict import ids, wrongs

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
MEGABYTES = 48
PATIENCE_SECONDS = 90


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "small"
    disk.mkdir()
    size = f"size={MEGABYTES}m,mode=0700"
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "none", disk], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("a small disk cannot be mounted here: mount needs root")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def fill(disk: Path) -> Path:
    """Take all the room there is; removing the file gives it back."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(65_536))
    with ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x")
    return ballast


class Sender:
    """Posts batches; keeps the clients' notes as `tests.crash.client` does."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew

    def post(self, keys: list[uuid.UUID]) -> int:
        """The answer's status, 0 when nobody answered."""
        items = [
            {"type": "track", "event": "Login", "userId": "u1", "messageId": str(key)}
            | {"context": {"groupId": "C1"}, "properties": {"filling": "x" * 2_000}}
            for key in keys
        ]
        self.note("sent", keys)
        connection = http.client.HTTPConnection("127.0.0.1", self.crew.port, timeout=20)
        try:
            body = {"writeKey": self.crew.key, "batch": items}
            connection.request("POST", "/v1/batch", json.dumps(body))
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()
        if status == 200:
            self.note("acked", keys)
        return status

    def note(self, kind: str, keys: list[uuid.UUID]) -> None:
        with (self.crew.notes / f"{kind}-test").open("ab") as file:
            file.write(b"".join(key.bytes for key in keys))

    def until(self, status: int) -> list[uuid.UUID]:
        """Post new batches until one is answered so; its ids."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            keys = [uuid.uuid4() for _ in range(20)]
            if (said := self.post(keys)) == status:
                return keys
            assert said in {0, 200, 503}
        raise AssertionError(f"no answer {status}")


def wait(reached: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        assert time.monotonic() < end, what
        time.sleep(0.2)


def findings(crew: Crew) -> dict[str, str]:
    """What doctor finds: code → its sentences."""
    found = crew.ask("doctor", fine=(0, 1))["findings"]
    return {it["code"]: f"{it['message']} {it['what_to_do']}" for it in found}


def page_status(crew: Crew) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", crew.port, timeout=20)
    connection.request("GET", "/log-in/")
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.fixture
def crew_in(tmp_path: Path) -> Iterator[Callable[[Path, Path], Crew]]:
    crews: list[Crew] = []

    def make(home: Path, inbox: Path) -> Crew:
        crew = Crew(home)
        crews.append(crew)
        crew.settle(2, notes=tmp_path / "notes")
        inbox.mkdir(mode=0o700)
        crew.inbox.symlink_to(inbox)
        crew.start("intake")
        crew.start("loader")
        return crew

    yield make
    for crew in crews:
        crew.kill_all()


def test_a_full_inbox_answers_503_and_takes_events_again_when_there_is_room(
    small_disk: Path, tmp_path: Path, crew_in: Callable[[Path, Path], Crew]
) -> None:
    crew = crew_in(tmp_path / "large", small_disk / "inbox")
    sender = Sender(crew)
    sender.until(200)
    ballast = fill(small_disk)
    refused = sender.until(503)
    assert sender.post(refused) in {200, 503}  # the loader may have made room meanwhile
    ballast.unlink()
    wait(lambda: sender.post(refused) == 200, "the intake does not recover")
    crew.start("day")
    crew.rest()
    assert not wrongs(crew)


def test_a_full_store_keeps_what_was_accepted_says_so_and_goes_on_by_itself(
    small_disk: Path, tmp_path: Path, crew_in: Callable[[Path, Path], Crew]
) -> None:
    crew = crew_in(small_disk / "home", tmp_path / "inbox")
    sender = Sender(crew)
    sender.until(200)
    wait(lambda: crew.is_at_work("loader"), "nothing is loaded")
    assert page_status(crew) == 200
    ballast = fill(small_disk)
    for _ in range(5):
        sender.until(200)
    wait(lambda: findings(crew).get("loading_failed"), "doctor does not tell")
    told = findings(crew)
    assert "The disk is full" in told["loading_failed"]
    assert any("disk" in sentence and "free" in sentence for sentence in told.values())
    assert page_status(crew) == 200
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    refused = crew.ask("run", "--day", today, fine=(ExitCode.ENVIRONMENT,))
    assert "The disk is full" in refused["error"]["message"]
    assert len(ids(crew.notes, "acked")) >= 120

    ballast.unlink()
    wait(lambda: "loading_failed" not in findings(crew), "the loader does not recover")
    crew.start("day")
    crew.rest()
    small = "GB of disk are free"  # this disk is, even when it is empty
    assert not [it for it in wrongs(crew) if small not in it]

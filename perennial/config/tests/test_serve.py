"""`serve`, from outside: an address, a first administrator, one worker, a clean end."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from perennial.config import server
from perennial.team.models import InstallationFact

RUN = [sys.executable, "-m", "perennial.config.cli"]


@contextmanager
def serving(home: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A server in a process of its own; yields it and its JSON document."""
    environment = os.environ | {
        "PERENNIAL_HOME": str(home),
        "LANG": "C",
        "DJANGO_SETTINGS_MODULE": "perennial.config.settings",
    }
    process = subprocess.Popen(
        [*RUN, "serve", "--port", "0", "--json", *options],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            stream.close()


def get(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.mark.slow
def test_an_empty_home_offers_a_link_for_the_first_administrator_and_logs_nothing_of_it(home: Path):
    with serving(home, "--no-worker") as (_process, document):
        link = document["first_administrator"]
        status, page = get(link)
        assert (status, "password" in page) == (200, True)
        stylesheet = re.search(r'href="(/static/[^"]+\.css)"', page)
        assert stylesheet, "static files carry a fingerprint"
        assert get(document["address"] + stylesheet[1])[0] == 200
        token = link.rstrip("/").rpartition("/")[2]
        logs = [it.read_text(encoding="utf-8") for it in (home / "logs").glob("*")]
        assert (home / "perennial.sqlite3").exists()
        assert not any(token in log for log in logs)


@pytest.mark.slow
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_the_worker_ends_with_the_server(home: Path, sent: signal.Signals, code: int):
    with serving(home) as (process, _document):
        assert process.stderr is not None
        for line in process.stderr:
            if "worker is at work" in line:
                break
        process.send_signal(sent)
        assert process.wait(30) == code
        assert workers_beside(process.pid) == []


@pytest.mark.slow
def test_a_worker_whose_server_was_killed_ends_by_itself(home: Path):
    with serving(home) as (process, _document):
        assert process.stderr is not None
        for line in process.stderr:
            if "worker is at work" in line:
                break
        assert workers_beside(process.pid)
        process.kill()
        process.wait()
        until = time.monotonic() + 30
        while workers_beside(process.pid) and time.monotonic() < until:
            time.sleep(0.2)
        assert workers_beside(process.pid) == []


def workers_beside(pid: int) -> list[str]:
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"--beside" in words and str(pid).encode() in words:
            found.append(file.parent.name)
    return found


@pytest.mark.django_db
def test_a_demo_home_is_served_to_this_machine_only(perennial: Callable[..., Any]):
    InstallationFact.objects.create(name="demo", value={})
    outcome = perennial("serve", "--host", "0.0.0.0", "--json")
    assert outcome.code == 3
    assert outcome.document["error"]["code"] == "demo_home"


@pytest.mark.django_db
def test_a_port_that_is_taken_is_said_so(perennial: Callable[..., Any]):
    taken = server.bind("127.0.0.1", 0)
    port = taken.getsockname()[1]
    outcome = perennial("serve", "--port", str(port), "--json")
    taken.close()
    assert outcome.code == 5
    assert str(port) in outcome.document["error"]["message"]


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False),
     ("example.com", False), ("192.168.1.4", False)],
)  # fmt: skip
def test_loopback_is_told_from_the_rest(host: str, loopback: bool):
    assert server.is_loopback(host) == loopback

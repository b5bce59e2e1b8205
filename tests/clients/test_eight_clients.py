"""Eight stock clients send the same six events, with nothing changed but the host: each lands
once, with the right customer, person and time; also when the server says 503 first, and when it
is killed right after it accepted (contract: docs/guide/event-fields.md)."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.clients.gate import Gate, opened
from tests.clients.home import Home

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(300)]
HERE = Path(__file__).parent
CLIENTS = Path(sys.prefix) / "clients"  # `make clients` puts them here
MODULES = CLIENTS / "node_modules"
PYTHON = ("segment-python", "rudder-python", "posthog-python")
NODE = ("segment-node", "rudder-node", "posthog-node")
BUNDLES = {
    "segment-browser": "@segment/analytics-next/dist/umd/index.js",
    "posthog-browser": "posthog-js/dist/array.full.no-external.js",
}
ALL = (*BUNDLES, *PYTHON, *NODE)
STATED = datetime(2026, 1, 5, 3, 4, 5, tzinfo=UTC)  # the time that callers name for one event


@dataclass(frozen=True, slots=True)
class Sender:
    """What one client needs to know."""

    client: str
    host: str
    key: str
    user: str
    group: str

    def arguments(self) -> list[str]:
        at = STATED.isoformat()
        return [self.client, self.host, self.key, self.user, self.group, at]


def need(what: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI needs {what}")
    pytest.skip(f"needs {what}")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    if shutil.which("node") is None:
        need("Node: install Debian's packages `nodejs` and `npm`")
    if not MODULES.is_dir():
        need("the clients of Node: run `make clients`")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = Home(tmp_path_factory.mktemp("clients") / "home", port)
    file = home.path.parent / "customers.csv"
    customers = (f"acme-{it}-{what},Acme\n" for it in ALL for what in ("plain", "503", "kill"))
    file.write_text("external_id,name\n" + "".join(customers))
    home.run("import", "customers", file)  # a browser's group creates no customer
    for kind in ("browser", "server"):
        home.keys[kind] = home.run("sources", "add", f"our {kind}", "--kind", kind)["key"]
    home.start()
    try:
        yield home
    finally:
        home.stop(signal.SIGINT)


@pytest.fixture(scope="module")
def pages(chromium: Browser) -> Iterator[str]:
    """The address of a site whose pages load a client."""
    site = partial(_Quiet, directory=str(MODULES))
    server = ThreadingHTTPServer(("127.0.0.1", 0), site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


def senders_of(home: Home, hosts: dict[str, str], what: str) -> list[Sender]:
    """Each client with its host, and a person and a customer of its own."""
    return [
        Sender(
            client,
            host,
            home.keys["browser" if client in BUNDLES else "server"],
            user=f"{client}-{what}",
            group=f"acme-{client}-{what}",
        )
        for client, host in hosts.items()
    ]


@contextmanager
def sending(senders: list[Sender], chromium: Browser, site: str) -> Iterator[list[Page]]:
    """All clients at work at once; those that are programs have ended well at the end."""
    programs = []
    for sender in senders:
        if sender.client in BUNDLES:
            continue
        python = sender.client in PYTHON
        command = (
            [sys.executable, str(HERE / "send.py")] if python else ["node", str(HERE / "send.cjs")]
        )
        environment = os.environ | {"NODE_PATH": str(MODULES), "NO_PROXY": "*"}
        programs.append(
            subprocess.Popen([*command, *sender.arguments()], env=environment, text=True)
        )
    found = []
    with ExitStack() as stack:
        for sender in senders:
            if sender.client in BUNDLES:
                page = stack.enter_context(chromium.new_context()).new_page()
                page.goto(f"{site}/{Path(BUNDLES[sender.client]).parent}/")
                page.add_script_tag(url=f"{site}/{BUNDLES[sender.client]}")
                page.add_script_tag(path=HERE / "send.js")
                told = dict(
                    zip(
                        ("client", "host", "key", "user", "group", "at"),
                        sender.arguments(),
                        strict=True,
                    )
                )
                page.evaluate("told => send(told)", told)
                found.append(page)
        try:
            yield found
            for program in programs:
                assert program.wait(60) == 0, program.args
        finally:
            for program in programs:
                program.kill()
                program.wait()


def landed(home: Home, senders: list[Sender], pages: list[Page]) -> dict[str, list[dict[str, Any]]]:
    """The events of each client, as soon as all are there, and then for a while no more."""
    until = time.monotonic() + 60
    quiet = 0
    while quiet < 2 and time.monotonic() < until:
        for page in pages:
            page.wait_for_timeout(500)  # a page's clients work only while Playwright listens
        rows = home.events()
        found = {
            sender.client: [
                row
                for row in rows
                if row["person"] == sender.user or row["customer"] == sender.group
            ]
            for sender in senders
        }
        quiet = quiet + 1 if all(len(mine) >= 6 for mine in found.values()) else 0
    return found


def assert_right(
    rows: list[dict[str, Any]], sender: Sender, began: datetime, ended: datetime
) -> None:
    """The six events, once each, with their customer, person and time."""
    said = {(row["kind"], row["event"]): row for row in rows}
    assert sorted(said) == [
        ("group", "group"),
        ("identify", "identify"),
        ("page", "page"),
        ("screen", "screen"),
        ("track", "Login"),
        ("track", "Report exported"),
    ]
    assert len(rows) == 6 == len({row["message_id"] for row in rows})
    for (kind, event), row in said.items():
        posthogs_group = kind == "group" and sender.client.startswith("posthog")
        assert row["person"] == (None if posthogs_group else sender.user), row
        if kind != "identify":
            assert row["customer"] == sender.group, row
        if event == "Report exported":
            assert row["ts"] == STATED
            assert json.loads(row["properties"])["rows"] == 3
        else:
            assert began - timedelta(seconds=1) <= row["ts"] <= ended, row
    assert json.loads(said["page", "page"]["properties"])["url"].startswith("http")
    assert json.loads(said["screen", "screen"]["properties"])["name"] == "Main"


def check(home: Home, senders: list[Sender], pages: list[Page], began: datetime) -> None:
    found = landed(home, senders, pages)
    ended = datetime.now(UTC)
    for sender in senders:
        assert_right(found[sender.client], sender, began, ended)


def test_each_event_lands_once(home: Home, chromium: Browser, pages: str) -> None:
    gates = dict.fromkeys(ALL, f"http://127.0.0.1:{home.port}")
    senders = senders_of(home, gates, "plain")
    began = datetime.now(UTC)
    with sending(senders, chromium, pages) as open_pages:
        check(home, senders, open_pages, began)


def test_each_event_lands_once_after_503(home: Home, chromium: Browser, pages: str) -> None:
    with ExitStack() as stack:
        gates = {client: Gate(home.port, refuse=1) for client in ALL}
        hosts = {client: stack.enter_context(opened(gate)) for client, gate in gates.items()}
        senders = senders_of(home, hosts, "503")
        began = datetime.now(UTC)
        with sending(senders, chromium, pages) as open_pages:
            check(home, senders, open_pages, began)
    for client, gate in gates.items():
        assert gate.statuses.count(503) == 1 and set(gate.statuses) == {200, 503}, client


def test_each_event_lands_once_when_the_server_is_killed_after_it_accepted(
    home: Home, chromium: Browser, pages: str
) -> None:
    with ExitStack() as stack:
        gates = {client: Gate(home.port, hold=True) for client in ALL}
        hosts = {client: stack.enter_context(opened(gate)) for client, gate in gates.items()}
        senders = senders_of(home, hosts, "kill")
        began = datetime.now(UTC)
        with sending(senders, chromium, pages) as open_pages:
            for client, gate in gates.items():
                for _ in range(60):
                    if gate.held.is_set():
                        break
                    open_pages[0].wait_for_timeout(250)
                assert gate.held.is_set(), f"nothing came from {client}"
            home.stop(signal.SIGKILL)
            for gate in gates.values():
                gate.lost.set()
            home.start()
            for gate in gates.values():
                gate.back.set()
            check(home, senders, open_pages, began)
    for client, gate in gates.items():
        assert gate.statuses.count(0) == 1 and set(gate.statuses) == {0, 200}, client

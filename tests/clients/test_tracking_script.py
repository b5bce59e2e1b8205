"""The tracking script against a real server: from one tag to rows of the right customer."""

from __future__ import annotations

import signal
import socket
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.gate import Gate, opened
from tests.clients.home import Home
from tests.tracked import tracked

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(180)]
PAGE = """<title>Deals</title><main id="app"><form id="deal"><input id="name"><input type="password"
id="pw"><button id="save" type="button">Save deal</button></form></main>"""
CALLS = """perennial.group('acme'); perennial.identify('u1', {role: 'cfo'});
perennial.track('Deal won', {amount: 3})"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = Home(tmp_path_factory.mktemp("script") / "home", port)
    file = home.path.parent / "customers.csv"
    file.write_text("external_id,name\nacme,Acme\n")
    home.run("import", "customers", file)
    home.keys["browser"] = home.run("sources", "add", "site", "--kind", "browser")["key"]
    home.start()
    yield home
    home.stop(signal.SIGTERM)


def landed(home: Home, count: int) -> Counter[tuple[str, str | None, str | None]]:
    """How often which event of whom lies in the store, once there are so many."""
    until = time.monotonic() + 45
    while time.monotonic() < until:
        found = home.events()
        if len(found) >= count:
            return Counter((it["event"], it["customer"], it["person"]) for it in found)
        time.sleep(0.5)
    raise AssertionError(f"{count} events did not land: {found}")


def test_what_happens_on_a_page_lands_once_and_nothing_typed_does(chromium, home: Home):
    gate = Gate(home.port, refuse=2)  # 503 first
    with tracked() as site, opened(gate) as host:
        site.pages["/"] = (
            f'{PAGE}<script async src="{host}/sdk/perennial.js" '
            f'data-key="{home.keys["browser"]}"></script>'
        )
        context = chromium.new_context(base_url=site.url)
        page = context.new_page()
        page.goto("/deals?token=secret-1947")
        page.wait_for_function("window.perennial && perennial.version")
        page.evaluate(CALLS)
        page.fill("#name", "typed-1947")
        page.fill("#pw", "password-1947")
        page.click("#save")
        page.evaluate("history.pushState({}, '', '/deals/7')")
        page.wait_for_function("perennial.state().waiting === 0", timeout=30_000)
        home.stop(signal.SIGKILL)
        page.evaluate("perennial.track('While it was down')")
        page.wait_for_timeout(1500)
        home.start()
        page.wait_for_function("perennial.state().waiting === 0", timeout=60_000)
        context.close()
        rows = landed(home, 7)
    assert rows == {
        ("page", "acme", "u1"): 2,
        ("group", "acme", "u1"): 1,
        ("identify", "acme", "u1"): 1,
        ("Deal won", "acme", "u1"): 1,
        ("$click", "acme", "u1"): 1,
        ("While it was down", "acme", "u1"): 1,
    }
    assert 503 in gate.statuses
    kept = [it for it in Path(home.path).rglob("*") if it.is_file()]
    assert not [it for it in kept if b"-1947" in it.read_bytes()]
    assert "-1947" not in str(home.events())

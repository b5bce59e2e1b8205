"""The tracking script in a real browser: nothing that it took is lost, and nothing counts twice."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.tracked import tracked

pytestmark = pytest.mark.browser
NO_LOCKS = "Object.defineProperty(Navigator.prototype, 'locks', {get() {}})"
QUICK = "Math.random = () => 0"  # no jitter upwards


@pytest.fixture
def site():
    with tracked() as running:
        running.pages["/"] = f"<title>T</title><button>Go</button>{running.tag()}"
        yield running


@pytest.fixture
def context(chromium, site):
    context = chromium.new_context(base_url=site.url)
    yield context
    context.close()


def opened(context, *, before: str = ""):
    page = context.new_page()
    if before:
        page.add_init_script(before)
    page.goto("/")
    page.wait_for_function("window.perennial && perennial.version")
    return page


def ids(items) -> Counter[str]:
    return Counter(it["messageId"] for it in items)


def test_what_happens_offline_is_sent_when_the_network_is_back(context, site):
    page = opened(context)
    site.wait(1, "page")
    context.set_offline(True)
    page.evaluate("for (let n = 0; n < 250; n++) perennial.track('Offline', {n})")
    page.wait_for_timeout(1500)
    assert site.events("Offline") == []
    context.set_offline(False)
    found = site.wait(250, "Offline")
    assert [it["properties"]["n"] for it in found] == list(range(250))
    assert set(ids(found).values()) == {1}


def test_the_queue_survives_a_reload_and_a_closed_tab(context, site):
    page = opened(context)
    site.wait(1, "page")
    context.set_offline(True)
    page.evaluate("perennial.track('Before the end')")
    page.close()
    context.set_offline(False)
    opened(context)
    assert set(ids(site.wait(1, "Before the end")).values()) == {1}


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_server_in_trouble_gets_each_event_again_until_it_took_it_once(context, site, status):
    site.answers = [status, status]
    page = opened(context, before=QUICK)
    page.evaluate("perennial.track('Stubborn')")
    site.wait(1, "Stubborn")
    page.wait_for_timeout(1500)
    tries = [it["messageId"] for it in site.sent if it.get("event") == "Stubborn"]
    assert len(tries) >= 2 and len(set(tries)) == 1
    assert set(ids(site.landed).values()) == {1}
    assert page.evaluate("perennial.state().waiting") == 0


@pytest.mark.parametrize("status", [400, 401, 413])
def test_what_the_server_refuses_for_good_is_not_sent_again(context, site, status):
    site.answers = [status]
    page = opened(context)
    page.wait_for_timeout(4000)
    assert site.statuses == [status]
    assert page.evaluate("perennial.state().waiting") == 0


@pytest.mark.parametrize(
    "before", [pytest.param("", id="web locks"), pytest.param(NO_LOCKS, id="a lease")]
)
def test_two_tabs_do_not_send_twice(context, site, before):
    site.slow_seconds = 0.4
    tabs = [opened(context, before=before) for _ in range(2)]
    for _ in range(3):
        for page in tabs:
            page.evaluate("for (let n = 0; n < 40; n++) perennial.track('Both', {n})")
        tabs[0].wait_for_timeout(400)
    found = site.wait(240, "Both", seconds=25)
    tabs[0].wait_for_timeout(1500)
    assert set(ids(site.sent).values()) == {1}
    assert len(found) == 240


def test_a_page_that_closes_leaves_its_events_with_the_browser(context, site):
    page = opened(context)
    site.wait(1, "page")
    page.evaluate("perennial.track('Last word')")
    page.close(run_before_unload=True)
    (last,) = site.wait(1, "Last word", seconds=3)
    opened(context)  # nobody told whether the beacon arrived: the same id comes once more
    assert {it["messageId"] for it in site.wait(2, "Last word")} == {last["messageId"]}


def test_a_beacon_stays_within_what_browsers_allow(context, site):
    page = opened(context)
    site.wait(1, "page")
    site.slow_seconds = 0.3
    page.evaluate("for (let n = 0; n < 29; n++) perennial.track('Big', {text: '字'.repeat(1500)})")
    page.close(run_before_unload=True)
    site.wait(5, "Big", seconds=3)
    opened(context)
    site.wait(40, "Big")  # eleven by the beacon, and all of them again
    assert max(len(body) for body in site.bodies) <= 64 * 1024
    assert len(ids(site.events("Big"))) == 29


BLOCKED = """
Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('blocked'); }});
"""
NO_COOKIE = "Object.defineProperty(Document.prototype, 'cookie', {get() { return ''; }, set() {}});"


def test_without_local_storage_a_cookie_knows_the_visitor(context, site):
    page = opened(context, before=BLOCKED)
    page.evaluate("perennial.identify('u1')")
    page.reload()
    page.wait_for_function("window.perennial && perennial.version")
    page.evaluate("perennial.track('Again')")
    (again,) = site.wait(1, "Again")
    assert again["userId"] == "u1"
    assert {it["anonymousId"] for it in site.landed} == {again["anonymousId"]}


def test_with_storage_and_cookies_blocked_memory_has_to_do(context, site):
    site.answers = [503]
    page = opened(context, before=BLOCKED + NO_COOKIE + NO_LOCKS)
    page.evaluate("perennial.track('One'); perennial.track('Two')")
    site.wait(1, "Two")
    assert len({it["anonymousId"] for it in site.landed}) == 1
    assert set(ids(site.landed).values()) == {1}


def test_an_event_over_the_limit_is_said_and_harms_no_other(context, site):
    page = opened(context)
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.evaluate("perennial.track('Huge', {text: 'x'.repeat(40000)}); perennial.track('Small')")
    site.wait(1, "Small")
    assert site.events("Huge") == []
    assert said == ["perennial: Huge is over 32 KB and was not sent"]


def test_a_damaged_entry_of_the_queue_is_left_out(context, site):
    page = opened(context)
    site.wait(1, "page")
    page.evaluate("localStorage.setItem('perennial.q.k1.0.x.1', '{not json')")
    page.evaluate("perennial.track('Whole')")
    site.wait(1, "Whole")
    page.wait_for_timeout(300)
    assert page.evaluate("perennial.state().waiting") == 0

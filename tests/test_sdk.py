"""The tracking script in a real browser: what it captures, and what never leaves the page."""

from __future__ import annotations

import json

import brotli
import pytest

from tests.tracked import SCRIPT, STRICT, tracked

pytestmark = pytest.mark.browser
FIELDS = """<title>Deals</title><main id="deals">
<form id="new-deal" action="/deals?token=abc"><label>Name <input id="name" name="name"></label>
<input type="password" id="pw"><input type="email" id="mail"><input type="search" id="find">
<input type="tel" id="tel"><input type="number" id="num"><input type="hidden" value="hidden-1947">
<textarea id="notes"></textarea><select id="pick"><option>a</option>
<option value="select-1947">chosen-1947</option></select>
<div id="rich" contenteditable="true">x</div><div id="box" role="textbox" contenteditable>y</div>
<div data-private><button id="secret">private-1947</button></div>
<button id="save" type="submit" data-feature="save-deal">Save deal</button></form>
<button id="plain" class="btn btn-primary">Export <i>now</i></button>
<a id="out" href="/customers/7?token=query-1947#part-1947">Customer</a>
<a id="mailto" href="mailto:someone-1947@example.com">Write</a>
<label for="agree">I agree <input type="checkbox" id="agree"></label>
</main>"""


@pytest.fixture
def site():
    with tracked() as running:
        yield running


@pytest.fixture
def context(chromium, site):
    context = chromium.new_context(base_url=site.url)
    yield context
    context.close()


@pytest.fixture
def errors():
    return []


@pytest.fixture
def page(context, errors):
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == [], "the script threw into the page"


def test_the_script_stays_under_8_kb():
    assert len(brotli.compress(SCRIPT.read_bytes())) < 8 * 1024


def test_one_tag_is_enough_and_a_view_says_where(page, site):
    site.pages["/"] = f"<title>Start</title>{site.tag(query='tab')}"
    page.goto("/start?tab=won&token=s3cret#top")
    (view,) = site.wait(1, "page")
    assert view["properties"] == {
        "url": f"{site.url}/start?tab=won",
        "path": "/start",
        "title": "Start",
    }
    assert view["anonymousId"] and view["messageId"] and view["timestamp"].endswith("Z")
    body = json.loads(site.bodies[0])
    assert body["writeKey"] == "k1" and body["sentAt"].endswith("Z")
    assert "Cookie" not in site.headers[0]


def test_it_works_under_a_strict_content_policy(page, site):
    site.policy = STRICT
    site.pages["/own.js"] = (
        '(window.perennial = window.perennial || []).push(["identify", "u1"], ["track", "Own"])'
    )
    site.pages["/"] = f'<script src="/own.js"></script>{site.tag()}'
    refused = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto("/")
    site.wait(1, "Own")
    assert not [it for it in refused if "Content Security Policy" in it]


def test_pages_of_a_single_page_application_are_views(page, site):
    site.pages["/"] = site.tag()
    page.goto("/a")
    site.wait(1, "page")
    page.evaluate("history.pushState({}, '', '/b')")
    page.wait_for_timeout(30)
    page.evaluate("history.replaceState({}, '', '/b?page=2')")  # the same page
    page.wait_for_timeout(30)
    page.evaluate("history.replaceState({}, '', '/c')")
    page.wait_for_timeout(30)
    page.evaluate("location.hash = '#/deals/won?x=1'")
    page.wait_for_timeout(30)
    page.go_back()
    views = site.wait(5, "page")
    assert [it["properties"]["url"].removeprefix(site.url) for it in views] == [
        "/a",
        "/b",
        "/c",
        "/c#/deals/won",
        "/c",
    ]
    assert views[1]["properties"]["referrer"] == f"{site.url}/a"


CLICKS = [
    pytest.param(
        "#plain",
        {"selector": "button#plain", "tag": "button", "id": "plain", "text": "Export now"},
        id="a button by its id",
    ),
    pytest.param(
        "#plain i",
        {"selector": "button#plain", "tag": "button", "text": "Export now"},
        id="what lies in a button is the button",
    ),
    pytest.param(
        "#save",
        {"selector": 'button[data-feature="save-deal"]', "feature": "save-deal"},
        id="a mark of the developer",
    ),
    pytest.param("#agree", {"selector": "input#agree", "tag": "input"}, id="a box"),
]


@pytest.mark.parametrize(("target", "expected"), CLICKS)
def test_a_click_names_its_element(page, site, target, expected):
    site.pages["/"] = FIELDS + site.tag()
    page.goto("/deals")
    page.evaluate("document.addEventListener('submit', (e) => e.preventDefault())")
    page.click(target)
    (click,) = site.wait(1, "$click")
    assert expected.items() <= click["properties"].items()
    assert click["properties"]["path"] == "/deals"


def test_a_label_and_its_box_are_one_click(page, site):
    site.pages["/"] = FIELDS + site.tag()
    page.goto("/")
    page.click("label[for=agree]", position={"x": 2, "y": 2})
    page.click("#plain")
    assert [it["properties"]["tag"] for it in site.wait(2, "$click")] == ["input", "button"]


def test_rows_of_a_list_are_one_element_and_columns_are_not(page, site):
    row = (
        "<tr><td>a</td><td><button class='x3f9a21 edit'>Edit</button><button>No</button></td></tr>"
    )
    site.pages["/"] = f"<table class=deals><tbody>{row * 3}</tbody></table>{site.tag()}"
    page.goto("/")
    for at in (0, 2, 3):
        page.locator("button").nth(at).click()
    paths = [it["properties"]["selector"] for it in site.wait(3, "$click")]
    start = "table.deals>tbody>tr>td:nth(2)>"
    assert paths == [f"{start}button.edit:nth(1)"] * 2 + [f"{start}button:nth(2)"]


def test_what_is_typed_never_leaves(page, site):
    site.pages["/"] = FIELDS + site.tag()
    page.goto("/deals?password=address-1947")
    for name in ("name", "pw", "find", "tel", "notes", "rich", "box"):
        page.click(f"#{name}")
        page.keyboard.type(f"typed-{name}-1947")
    page.fill("#mail", "typed-1947@example.com")
    page.fill("#num", "1947")
    page.select_option("#pick", "select-1947")
    for target in ("#name", "#pw", "#pick", "#rich", "#box", "#secret", "#num", "#agree", "main"):
        page.click(target, force=True, position={"x": 1, "y": 1})
    page.evaluate("for (const it of document.querySelectorAll('*')) it.click?.call(it)")
    page.evaluate("document.addEventListener('click', (e) => e.preventDefault())")
    page.click("#out")
    page.click("#mailto")
    page.evaluate("document.addEventListener('submit', (e) => e.preventDefault())")
    page.click("#save")
    page.wait_for_timeout(300)
    page.goto("about:blank")
    site.wait(1, "$submit")
    said = b"".join(site.bodies)
    assert said.count(b"$click") > 10
    assert b"1947" not in said
    assert b"token" not in said
    assert b'"x"' not in said and b'"y"' not in said


def test_a_sent_form_is_known_by_its_identity_alone(page, site):
    site.pages["/"] = FIELDS + site.tag()
    page.goto("/deals")
    page.evaluate("document.addEventListener('submit', (e) => e.preventDefault())")
    page.fill("#name", "Acme")
    page.press("#name", "Enter")
    (form,) = site.wait(1, "$submit")
    properties = form["properties"]
    assert (properties["selector"], properties["tag"]) == ("form#new-deal", "form")
    assert properties["action"] == f"{site.url}/deals"
    assert "text" not in properties


def test_calls_before_the_script_came_are_kept_and_say_who_it_is(page, site):
    site.pages["/"] = (
        "<script>window.perennial = window.perennial || [];"
        "perennial.push(['group', 'acme', {plan: 'pro'}], ['identify', 'u1', {role: 'cfo'}]);"
        "perennial.push(['track', 'Deal won', {amount: 3, when: new Date(0)}]);"
        f"window.kept = perennial</script>{site.tag()}"
    )
    page.goto("/")
    site.wait(1, "Deal won")
    page.evaluate("kept.push(['track', 'Later'])")
    page.evaluate("kept.track('Latest')")
    site.wait(1, "Latest")
    by_name = {it.get("event", it["type"]): it for it in site.landed}
    assert by_name["identify"]["traits"] == {"role": "cfo"}
    assert by_name["group"]["groupId"] == "acme"
    assert by_name["Deal won"]["properties"] == {"amount": 3, "when": "1970-01-01T00:00:00.000Z"}
    assert {"page", "Later"} <= set(by_name)
    for name in ("page", "Deal won", "Latest"):
        assert by_name[name]["userId"] == "u1"
        assert by_name[name]["context"]["groupId"] == "acme"


def test_who_it_is_survives_a_reload_and_ends_with_reset(page, site):
    site.pages["/"] = site.tag()
    page.goto("/")
    page.evaluate("perennial.identify('u1')")
    page.reload()
    page.evaluate("perennial.track('Again')")
    page.evaluate("perennial.reset()")
    page.evaluate("perennial.track('Nobody')")
    (again,), (nobody,) = site.wait(1, "Again"), site.wait(1, "Nobody")
    assert again["userId"] == "u1"
    assert "userId" not in nobody
    assert nobody["anonymousId"] != again["anonymousId"]


def test_another_user_at_the_same_desk_gets_another_anonymous_id(page, site):
    site.pages["/"] = site.tag()
    page.goto("/")
    page.evaluate("perennial.identify('u1'); perennial.identify('u2'); perennial.alias('u3', 'u2')")
    first, second = site.wait(2, "identify")
    assert first["anonymousId"] != second["anonymousId"]
    assert site.wait(1, "alias")[0]["previousId"] == "u2"


REFUSALS = [
    pytest.param("Object.defineProperty(Navigator.prototype,'doNotTrack',{get:()=>'1'})", id="DNT"),
    pytest.param(
        "Object.defineProperty(Navigator.prototype,'globalPrivacyControl',{get:()=>true})", id="GPC"
    ),
]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_browser_that_asks_not_to_be_tracked_is_not(context, page, site, refusal):
    page.add_init_script(refusal)
    site.pages["/"] = FIELDS + site.tag()
    page.goto("/")
    page.click("#plain")
    page.evaluate("perennial.track('X'); perennial.identify('u1'); perennial.group('g')")
    page.wait_for_timeout(1500)
    assert site.bodies == []
    assert page.evaluate("Object.keys(localStorage)") == []
    page.evaluate("perennial.optIn()")  # a person's own word is stronger
    page.click("#plain")
    site.wait(1, "$click")
    assert len(site.events("page")) == 1


def test_who_opts_out_is_forgotten_and_stays_out(page, site):
    site.pages["/"] = FIELDS + site.tag()
    page.goto("/")
    site.wait(1, "page")
    page.evaluate("perennial.track('Unsent'); perennial.optOut()")
    page.reload()
    page.click("#plain")
    page.wait_for_timeout(1500)
    assert len(site.landed) == 1
    assert page.evaluate("Object.keys(localStorage)") == ["perennial.consent"]


def test_what_is_captured_can_be_chosen_and_changed(page, site):
    site.pages["/"] = FIELDS + site.tag(capture="clicks", text="off")
    page.goto("/")
    page.click("#plain")
    (click,) = site.wait(1, "$click")
    assert "text" not in click["properties"]
    assert site.events("page") == []


def test_a_site_may_change_or_stop_what_is_sent(page, site):
    site.pages["/"] = f'<script src="{site.intake}/sdk/perennial.js"></script>'
    page.goto("/")
    page.evaluate(
        """perennial.load("k2", {beforeSend: (it) => it.event === "No" ? null
        : Object.assign(it, {userId: "masked"})})"""
    )
    page.evaluate("perennial.track('No'); perennial.track('Yes')")
    assert site.wait(1, "Yes")[0]["userId"] == "masked"
    assert site.events("No") == []


HOSTILE = """
for (const type of [Array, Object, String, Number, Date])
  Object.defineProperty(type.prototype, 'toJSON', {value() { return 'bent'; }, enumerable: false});
Array.prototype.extra = 1; Object.prototype.polluted = () => 1;
JSON.stringify = () => { throw new Error('bent'); };
Element.prototype.closest = () => { throw new Error('bent'); };
window.fetch = () => { throw new Error('bent'); };
window.setTimeout = () => { throw new Error('bent'); };
Storage.prototype.key = () => { throw new Error('bent'); };
0"""


def test_a_page_that_bends_its_prototypes_is_not_harmed(page, site):
    site.pages["/"] = FIELDS + site.tag()
    page.goto("/")
    site.wait(1, "page")
    page.evaluate(HOSTILE)
    page.evaluate("perennial.track('Bent', {list: [1, 2], deep: {a: 'b'}})")
    page.evaluate("perennial.track('Odd', {get x() { throw new Error('y'); }})")
    page.evaluate("const a = {}; a.a = a; perennial.track('Round', a)")
    page.evaluate("document.getElementById('plain').dispatchEvent(new Event('click'))")
    (bent,) = site.wait(1, "Bent")
    assert bent["properties"] == {"list": [1, 2], "deep": {"a": "b"}}
    site.wait(1, "Round")


def test_a_full_storage_leaves_the_queue_in_memory(page, site):
    site.pages["/"] = site.tag()
    page.goto("/")
    site.wait(1, "page")
    page.evaluate(
        """for (let size = 4e6; size >= 1; size /= 2)
        try { localStorage.setItem("full" + size, "x".repeat(size)); } catch (full) {}; 0"""
    )
    page.evaluate("perennial.track('Kept in memory')")
    site.wait(1, "Kept in memory")


def test_ten_thousand_clicks_keep_memory_bounded(page, site):
    site.pages["/"] = FIELDS + site.tag()
    page.goto("/")
    site.wait(1, "page")
    page.context.set_offline(True)
    took = page.evaluate(
        """() => { const it = document.getElementById('plain'), from = performance.now();
        for (let n = 0; n < 10000; n++) it.click(); return performance.now() - from; }"""
    )
    state = page.evaluate("perennial.state()")
    assert state["waiting"] <= 1000
    assert state["waiting"] + state["dropped"] == 10_000
    assert page.evaluate("JSON.stringify(localStorage).length") < 700_000
    assert took / 10_000 < 3, "milliseconds a click"
    page.context.set_offline(False)
    site.wait(900, "$click")

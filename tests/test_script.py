"""The interface's own script in a real browser: palette, rows, keys, layers, toasts.

Pages are made up here and served by the test, so that only the script is under test.
"""

from __future__ import annotations

import time

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGE = """<!doctype html><html lang="en" data-theme="light"><head><title>Rows</title>
<meta name="csrf-token" content="t"><link rel="stylesheet" href="/static/web/app.css">
<script src="/static/django_htmx/htmx-4.min.js" defer></script>
<script src="/static/web/app.js" defer></script></head><body>
<main><input data-filter id="filter"><table data-grid><tbody>%s</tbody></table>
<button data-key="l" data-sheet="/form/">Log</button></main>
<div data-bulk hidden><b data-bulk-n>0</b><button data-bulk-clear>x</button></div>
<aside id="peek" hidden></aside><dialog id="sheet"></dialog><dialog id="keys">keys</dialog>
<dialog id="palette" data-url="/find/"><input id="pal-q"><div id="pal-list"></div></dialog>
<div id="toasts" data-undo="Undo" data-failed="Failed" data-offline="Offline"></div>
</body></html>"""
ROW = (
    '<tr data-peek="/peek/{n}/"><td><input type="checkbox" name="id" value="{n}"></td>'
    '<td><a href="/row/{n}/">Row {n}</a> <button data-key="e" id="e{n}">done</button></td></tr>'
)


@pytest.fixture
def page(chromium, live_server):
    """A list of five rows at /list/; what other addresses answer is set by `answer`."""
    context = chromium.new_context(base_url=live_server.url)
    page = context.new_page()
    html = PAGE % "".join(ROW.format(n=n) for n in range(5))
    page.route("**/list/", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.route("**/row/**", lambda route: route.fulfill(body="row", content_type="text/html"))
    page.route(
        "**/peek/**",
        lambda route: route.fulfill(body=f"<h2>{route.request.url}</h2>", content_type="text/html"),
    )
    page.goto("/list/")
    yield page
    context.close()


def chosen(page):
    return page.locator("[data-bulk-n]").inner_text(), page.locator("tr.sel").count()


def test_rows_are_walked_chosen_and_opened_by_keys(page):
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert chosen(page) == ("1", 1)
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/row/0/")


def test_shift_chooses_a_range_and_the_bar_counts_it(page):
    boxes = page.locator("tbody input")
    boxes.nth(1).click()
    boxes.nth(3).click(modifiers=["Shift"])
    assert chosen(page) == ("3", 3)
    page.locator("[data-bulk-clear]").click()
    assert not page.locator("[data-bulk]").is_visible()


def test_space_shows_the_preview_and_walking_on_keeps_it_up(page):
    page.keyboard.press("j")
    page.keyboard.press(" ")
    page.locator("#peek", has_text="/peek/0/").wait_for()
    page.keyboard.press("j")
    page.locator("#peek", has_text="/peek/1/").wait_for()
    page.keyboard.press("Escape")
    assert not page.locator("#peek").is_visible()


def test_a_key_presses_the_button_of_the_current_row(page):
    page.evaluate("window.pressed=[];addEventListener('click',e=>pressed.push(e.target.id))")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("e")
    assert page.evaluate("pressed") == ["e1"]


def test_a_row_that_is_done_leaves_the_place_in_the_list_and_z_takes_it_back(page):
    page.evaluate(
        """() => { const row = document.querySelectorAll("tbody tr")[2]; row.querySelector("button")
        .onclick = () => { row.outerHTML = '<tr hidden></tr>'; document.querySelector("table")
        .insertAdjacentHTML("beforeend", '<caption><button data-key="z">Undo</button></caption>');
        document.querySelector("[data-key=z]").onclick = () => { window.undone = true; };
        document.dispatchEvent(new Event("htmx:after:swap")); }; }"""
    )
    for key in "jjjej":
        page.keyboard.press(key)
    assert page.locator("tr.cur a").inner_text() == "Row 3"
    page.keyboard.press("z")
    assert page.evaluate("window.undone")


def test_escape_leaves_a_field_as_it_was(page):
    page.evaluate(
        """() => { document.querySelector("main").insertAdjacentHTML("beforeend",
        '<form><input id="size"><a data-cancel href="#cancelled">Cancel</a></form>'); }"""
    )
    page.locator("#size").fill("3000")
    page.keyboard.press("Escape")
    page.wait_for_url("**/list/#cancelled")


def test_keys_rest_while_typing_or_composing(page):
    page.keyboard.press("/")
    page.keyboard.type("jx?")
    assert page.locator("#filter").input_value() == "jx?"
    assert page.locator("tr.cur").count() == 0
    page.keyboard.press("Escape")
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown',"
        "{key:'?',isComposing:true,bubbles:true}))"
    )
    assert not page.locator("#keys").is_visible()


def test_enter_in_the_palette_never_opens_a_stale_result(page):
    """The answer for `a` is slow; who types on to `ab` and presses Enter gets `ab`."""

    def find(route):
        asked = route.request.url.partition("q=")[2]
        time.sleep(0.3 if asked == "a" else 0.05)
        body = f'<a role="option" href="/row/{asked or "none"}/">{asked}</a>'
        route.fulfill(body=body, content_type="text/html")

    page.route("**/find/**", find)
    page.keyboard.press("Control+k")
    page.locator("[role=option]").wait_for()
    page.keyboard.type("a")
    page.wait_for_timeout(120)  # the search for `a` is under way
    page.keyboard.type("b")
    page.keyboard.press("Enter")
    page.wait_for_url("**/row/ab/")


def test_escape_closes_the_palette_and_the_keys_work_again_at_once(page):
    page.route("**/find/**", lambda route: route.fulfill(body="", content_type="text/html"))
    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    assert not page.locator("#palette").is_visible()


def test_the_sheet_opens_filled_and_closes_when_the_server_says_so(page):
    page.route(
        "**/form/",
        lambda route: (
            route.fulfill(
                body='<form hx-post="/form/" hx-swap="none"><input name="note" id="note"></form>',
                content_type="text/html",
            )
            if route.request.method == "GET"
            else route.fulfill(
                status=204,
                headers={"HX-Trigger": '{"sheet:close": {}, "toast": {"text": "Saved"}}'},
            )
        ),
    )
    page.keyboard.press("l")
    page.locator("#note").wait_for()
    assert page.evaluate("document.activeElement.id") == "note"
    page.keyboard.type("Called Zheng Kai")
    page.keyboard.press("Enter")
    page.locator(".toast", has_text="Saved").wait_for()
    assert not page.locator("#sheet").is_visible()


def test_what_is_about_to_be_replaced_dims_until_it_is(page):
    waiting = []
    page.route("**/slow/", lambda route: waiting.append(route))
    page.evaluate("void htmx.ajax('GET', '/slow/', {target: 'main', swap: 'innerHTML'})")
    page.locator("main.loading").wait_for()
    waiting[0].fulfill(body="<b>new</b>", content_type="text/html")
    page.locator("main:not(.loading) b", has_text="new").wait_for()


def broken_address(page):
    """What asks /undo/, which never answers."""
    asked = []

    def answer(route):
        asked.append(route.request)
        route.abort()

    page.route("**/undo/", answer)
    return asked


def test_a_toast_offers_undo_and_a_failure_says_that_nothing_changed(page):
    undone = broken_address(page)
    page.evaluate(
        "document.body.dispatchEvent(new CustomEvent('toast',"
        "{bubbles:true,detail:{text:'Done',undo:'/undo/'}}))"
    )
    page.locator(".toast button").click()
    page.locator(".toast", has_text="Offline").wait_for()
    assert [request.method for request in undone] == ["POST"]


def test_every_post_carries_the_token(page):
    seen = broken_address(page)
    page.evaluate("htmx.ajax('POST', '/undo/', {source: document.body, swap: 'none'})")
    page.wait_for_timeout(200)
    assert [request.headers["x-csrftoken"] for request in seen] == ["t"]

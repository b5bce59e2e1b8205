"""Pages in a real browser and the budgets that users feel."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import brotli
from axe_playwright_python.base import AXE_SCRIPT
from django.contrib.staticfiles import finders
from django.urls import reverse

from perennial.team.actions import create_link
from perennial.team.models import User

LANGUAGES = ("zh-CN", "en-US")
WIDTHS, DESK = (390, 768, 1280, 1920), {"width": 1280, "height": 860}
COLD_PAGE_BYTES, MOST_NODES, MOST_REQUESTS, MOST_MOVED = 120_000, 2_500, 10, 0.02
MOVED = """new PerformanceObserver(list => {
  for (const shift of list.getEntries()) window.moved = (window.moved || 0) + shift.value;
}).observe({type: "layout-shift", buffered: true})"""
QUIET = "!document.querySelector('.htmx-request') && document.fonts.status === 'loaded'"
AXE = """async colours => (await axe.run(
  colours ? {runOnly: ["color-contrast", "link-in-text-block"], resultTypes: ["violations"]}
          : {resultTypes: ["violations"]}
)).violations.map(it => `${it.id}: ${it.nodes.slice(0, 3).map(node => node.target)}`)"""
TOO_WIDE = "Math.max(0, document.documentElement.scrollWidth - innerWidth)"


def link_for(user: User, to: str) -> str:
    """An address that logs this user in and leads on."""
    token = create_link(user, by=None, at=datetime.now(UTC))
    return f"{reverse('team:link', args=[token])}?next={to}"


def opened(
    chromium: Any,
    live_server: Any,
    *,
    language: str = "zh-CN",
    theme: str = "light",
    width: int = 1280,
    state: Any = None,
    policy: bool = False,
    link: str = "",
) -> Any:
    """A page of a browser that was never here, logged in by `state` or `link`.

    It collects in `complaints` what the console says. The tools that look at pages break the
    policy of their content, so only with `policy` the browser heeds it.
    """
    page: Any = chromium.new_page(
        base_url=live_server.url,
        locale=language,
        color_scheme=theme,
        viewport={"width": width, "height": 860},
        storage_state=state,
        bypass_csp=not policy,
    )
    page.complaints = []
    page.on("console", lambda said: said.type == "error" and page.complaints.append(said.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    if link:
        page.goto(link)
    return page


def asset_bytes(address: str) -> int:
    """What a static file weighs on the wire: brotli, as WhiteNoise sends it."""
    path = Path(str(finders.find(address.removeprefix("/static/").partition("#")[0])))
    content = path.read_bytes()
    return len(content) if path.suffix == ".woff2" else len(brotli.compress(content))


def cold(page: Any, address: str) -> Iterator[str]:
    """What a first visit breaks: bytes, requests, movement, nodes.

    What rows fetch as they come into view is no request of the page.
    """
    answers: list[Any] = []

    def keep(answer: Any) -> None:
        if "hx-request" not in answer.request.headers:
            answers.append(answer)

    page.on("response", keep)
    page.add_init_script(MOVED)
    answer = page.goto(address, wait_until="load")
    page.wait_for_function(QUIET)
    page.remove_listener("response", keep)
    if answer.status != 200:
        yield f"status {answer.status}"
    statics = [urlsplit(it.url).path for it in answers if "/static/" in it.url]
    total = len(gzip.compress(answers[0].body())) + sum(map(asset_bytes, statics))
    limits = (
        ("bytes", total, COLD_PAGE_BYTES),
        ("requests", len(answers), MOST_REQUESTS),
        ("moved", page.evaluate("window.moved || 0"), MOST_MOVED),
        ("nodes", page.evaluate("document.querySelectorAll('*').length"), MOST_NODES),
    )
    yield from (f"{name}: {found:,}" for name, found, most in limits if found > most)


def barriers(page: Any) -> Iterator[str]:
    """What keeps somebody from using the page that is open: in both themes, at all widths.

    Only colours differ between the themes, so the dark one is asked for those alone.
    """
    page.wait_for_function(QUIET)
    page.evaluate(AXE_SCRIPT)
    yield from page.evaluate(AXE, False)
    page.emulate_media(color_scheme="dark")
    yield from (f"dark {said}" for said in page.evaluate(AXE, True))
    page.emulate_media(color_scheme="light")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 860})
        if wide := page.evaluate(TOO_WIDE):
            yield f"at {width}: {wide} too wide"
    page.set_viewport_size(DESK)

"""The screens with a company in them, in a real browser: the budgets that users feel."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from perennial.config.pipeline import run
from perennial.customers.assessments import actions as assessments
from perennial.customers.assessments.rules.shipped import PROMT
from perennial.customers.conversation.actions import attach, say
from perennial.customers.models import Customer
from perennial.customers.segments.actions import Wanted, make_segment
from perennial.demo.cast import State
from perennial.demo.plant import plant, write_usage
from perennial.desk.segments.filling import fill as fill_segments
from perennial.work.actions import make_item
from tests.test_shell import COLD_PAGE_BYTES, MOVED, asset_bytes, link_for

DAY = date(2026, 6, 30)
WIDTHS = (390, 768, 1280, 1920)
MOST_NODES, MOST_REQUESTS, MOST_MOVED = 2_500, 10, 0.02


@pytest.fixture
def company(transactional_db, tmp_path, perennial):
    """The cast with its usage after the day's run; its administrator and the pages to look at."""
    planted = plant(end_on=DAY)
    usage = write_usage(tmp_path, end_on=DAY)
    outcome = perennial("import", "events", usage)
    assert outcome.code == 0, outcome.err
    run(day=DAY)
    wilting = planted.customers[State.WILTING].pk
    pages = ["/", "/customers/", f"/customers/{wilting}/", "/revenue/", "/alerts/"]
    pages += ["/health/", "/health/profiles/steady/", "/health/profiles/steady/edit/"]
    pages += ["/inbox/", "/inbox/wishes/", "/inbox/channels/", "/inbox/channels/add/", "/mailbox/"]
    pages += [f"/customers/{wilting}/?tab={it}" for it in ("people", "assessments")]
    pages += [f"/customers/{wilting}/people/{_assessed(planted, wilting)}/"]
    pages += ["/customers/standards/", "/customers/standards/grades/edit/?product=CRM"]
    pages += ["/customers/standards/forms/promt/", "/customers/standards/solutions/"]
    pages += ["/segments/", "/segments/new/?filter=1;(tier.in.S|usage.lte.-0.25);renewal.within.90"]
    pages += ["/customers/silent/", "/customers/duplicates/", _segment(planted)]
    pages += ["/work/?tab=all", "/work/?tab=closed", _talked_about(planted, wilting), "/touch/"]
    pages += [f"/work/new/?customer={wilting}", f"/customers/{wilting}/touch/"]
    pages += [f"/customers/{wilting}/?tab={it}" for it in ("actions", "talk")]
    pages += ["/calendar/?scope=all", "/team/", "/work/assumptions/", "/profile/absence/"]
    pages += ["/profile/calendar/"]
    pages += [f"/onboarding/{it}" for it in ("", "handovers/", "deliveries/", "time-to-value/")]
    pages += ["/onboarding/plan/", "/onboarding/plan/edit/", f"/customers/{wilting}/?tab=journey"]
    return planted.users["admin@demo.invalid"], pages


def _talked_about(planted, pk: int) -> str:
    """The page of a call to action with a text, comments and a file."""
    customer, by, at = Customer.objects.get(pk=pk), planted.owner, timezone.now()
    item = make_item(customer, title="Prepare", text="# One\n\n- two\n- three", by=by, at=at)
    where = {"about": "work_item", "about_id": item.pk}
    say(customer, text="**so**\n\n> said\n\n1. first", **where, by=by, at=at)
    offer = SimpleUploadedFile("offer.pdf", b"%PDF-1.7 offer")
    attach(customer, **where, upload=offer, by=by, at=at)
    return f"/work/{item.pk}/"


def _segment(planted) -> str:
    """The page of a segment with somebody in it."""
    made = make_segment(
        Wanted("known", "已知", "Known", "1;tier.known"),
        by=planted.users["admin@demo.invalid"],
        at=timezone.now(),
    )
    fill_segments(DAY)
    return f"/segments/{made.name}/"


def _assessed(planted, pk: int) -> int:
    """Two assessments, an offer and a diagnosis of a customer; one of its people."""
    customer = Customer.objects.get(pk=pk)
    at, by = datetime(2026, 6, 30, 12, tzinfo=UTC), planted.users["admin@demo.invalid"]
    for month, points in ((1, 2), (5, 1)):
        answers = {f"{it.name}.{it.questions[0].name}": points for it in PROMT.areas}
        assessments.assess(
            customer, template="promt", answers=answers, note="", made_on=date(2026, month, 3),
            by=by, at=at,
        )  # fmt: skip
    assessments.propose(customer, solution="training", assessment=None, area="team", by=by, at=at)
    judged = {"motivation": 2, "ability": 6, "trigger": 7}
    assessments.diagnose(
        customer, judged=judged, stuck_at="", response="", made_on=date(2026, 6, 1), by=by, at=at
    )
    top, *others = customer.people.order_by("pk")
    customer.people.filter(pk__in=[it.pk for it in others]).update(reports_to=top)
    return top.pk


def opened(chromium, live_server, *, state=None, language="zh-CN", theme="light"):
    """A page of a browser that was never here, logged in by `state`."""
    page = chromium.new_page(
        base_url=live_server.url,
        locale=language,
        color_scheme=theme,
        viewport={"width": 1280, "height": 860},
        storage_state=state,
        bypass_csp=True,
    )
    page.complaints = []
    page.on("console", lambda said: said.type == "error" and page.complaints.append(said.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    return page


def cold(page, address: str) -> Iterator[str]:
    """What a first visit breaks: bytes, requests, movement, nodes.

    What rows fetch as they come into view is no request of the page.
    """
    answers = []
    page.on(
        "response",
        lambda it: "hx-request" in it.request.headers or answers.append(it),
    )
    page.add_init_script(MOVED)
    page.goto(address, wait_until="networkidle")
    statics = [urlsplit(it.url).path for it in answers if "/static/" in it.url]
    total = len(gzip.compress(answers[0].body())) + sum(map(asset_bytes, statics))
    moved = page.evaluate("window.moved || 0")
    nodes = page.evaluate("document.querySelectorAll('*').length")
    limits = (
        ("bytes", total, COLD_PAGE_BYTES),
        ("requests", len(answers), MOST_REQUESTS),
        ("moved", moved, MOST_MOVED),
        ("nodes", nodes, MOST_NODES),
    )
    yield from (f"{name}: {found:,}" for name, found, most in limits if found > most)


@pytest.mark.browser
@pytest.mark.slow
def test_l_logs_a_touch_of_the_row_one_stands_on(chromium, live_server, company):
    admin, _pages = company
    page = opened(chromium, live_server)
    page.goto(link_for(admin, "/customers/"))
    page.keyboard.press("j")
    name = page.locator("tr.cur .nm a").inner_text()
    page.keyboard.press("l")
    page.locator("#sheet form").wait_for()
    assert name in page.locator("#sheet").inner_text()
    page.context.close()

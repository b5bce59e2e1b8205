"""A call is logged in four steps at most, from anywhere, by keyboard alone; and by thumb.

Counted is what a hand does: a key, a text typed in one go, a press of the finger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, ViewportSize, expect

from perennial.customers.models import Comment, Customer, Touch
from perennial.desk.tests.scene import Office, office
from perennial.notify.models import Notice
from perennial.work import actions
from perennial.work.models import State, WorkItem

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORDS = {
    "zh-hans": {"logged": "已记录跟进", "back": "跟进已撤回", "closed": "成功"},
    "en": {"logged": "Touch logged", "back": "Touch taken back", "closed": "successful"},
}


@dataclass(slots=True)
class Hand:
    """Presses and types, and counts each."""

    page: Page
    steps: int = 0
    done: list[str] = field(default_factory=list)

    def key(self, key: str) -> None:
        self._step(key)
        self.page.keyboard.press(key)

    def types(self, text: str) -> None:
        self._step(text)
        self.page.keyboard.type(text)

    def taps(self, selector: str) -> None:
        self._step(selector)
        self.page.locator(selector).first.tap()

    def _step(self, what: str) -> None:
        self.steps += 1
        self.done.append(what)


Open = Callable[..., tuple[Hand, Office]]


@pytest.fixture
def opened(chromium: Browser, live_server) -> Iterator[Open]:
    contexts = []

    def open_page(address: str, *, language: str, phone: bool = False) -> tuple[Hand, Office]:
        scene = office()
        scene.owner.language = language
        scene.owner.save()
        client = Client()
        client.force_login(scene.owner)
        width, height = (390, 844) if phone else (1280, 800)
        size = ViewportSize(width=width, height=height)
        context = chromium.new_context(
            base_url=live_server.url, viewport=size, has_touch=phone, locale=language
        )
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies(
            [
                {
                    "name": settings.SESSION_COOKIE_NAME,
                    "value": cookie,
                    "url": live_server.url,
                }
            ]
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(address)
        return Hand(page), scene

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_call_is_logged_from_anywhere_in_four_steps(opened: Open, language: str):
    hand, scene = opened("/work/", language=language)
    hand.key("l")
    expect(hand.page.locator("#sheet input[type=search]")).to_be_focused()
    hand.types("szms\n")  # pinyin, and Enter takes the first
    expect(hand.page.locator("#sheet textarea")).to_be_focused()
    hand.types("Asked for a price")
    hand.key("Control+Enter")
    expect(hand.page.locator(".toast")).to_contain_text(WORDS[language]["logged"])
    assert hand.steps <= 4, hand.done
    touch = Touch.objects.get()
    assert (touch.customer, touch.kind, touch.note) == (scene.shenzhen, "call", "Asked for a price")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_on_a_customers_page_it_takes_three(opened: Open, language: str):
    hand, scene = opened("/profile/", language=language)
    hand.page.goto(f"/customers/{scene.beijing.pk}/")
    hand.key("l")
    expect(hand.page.locator("#sheet textarea")).to_be_focused()
    hand.types("They are happy")
    hand.key("Control+Enter")
    expect(hand.page.locator(".toast")).to_contain_text(WORDS[language]["logged"])
    expect(hand.page.locator("#timeline")).to_contain_text("They are happy")
    assert hand.steps <= 3, hand.done
    hand.page.locator(".toast button").click()
    expect(hand.page.locator("#timeline")).to_contain_text(WORDS[language]["back"])
    assert not Touch.objects.exists()


def test_l_logs_a_touch_of_the_row_one_stands_on(opened: Open):
    hand, _scene = opened("/customers/", language="en")
    hand.key("j")
    name = hand.page.locator("tr.cur .nm a").inner_text()
    hand.key("l")
    expect(hand.page.locator("#sheet form")).to_be_visible()
    expect(hand.page.locator("#sheet")).to_contain_text(name)


def test_a_task_is_made_and_closed_by_keyboard(opened: Open):
    hand, scene = opened("/profile/", language="en")
    hand.page.goto(f"/customers/{scene.quiet.pk}/?tab=actions")
    hand.key("c")
    expect(hand.page.locator("#sheet #id_title")).to_be_focused()
    hand.types("Send the summary")
    hand.key("Control+Enter")
    expect(hand.page.locator("#items")).to_contain_text("Send the summary")
    item = WorkItem.objects.get(title="Send the summary")
    assert item.customer == scene.quiet
    hand.key("j")
    hand.key("e")
    expect(hand.page.locator("#items .acts-list[data-grid]")).to_have_count(0)
    item.refresh_from_db()
    assert item.state == State.DONE
    hand.page.locator(".toast button").last.click()
    expect(hand.page.locator("#items .acts-list[data-grid]")).to_contain_text("Send the summary")
    item.refresh_from_db()
    assert item.state == State.OPEN


def test_a_colleague_is_named_by_the_keyboard(opened: Open):
    hand, scene = opened("/profile/", language="en")
    hand.page.goto(f"/customers/{scene.beijing.pk}/?tab=talk")
    area = hand.page.locator(".say textarea")
    area.click()
    hand.types("Look at this, @lea")
    expect(hand.page.locator(".colleagues [aria-selected=true]")).to_contain_text("leader")
    hand.key("Enter")
    expect(area).to_have_value("Look at this, @leader ")
    hand.key("Control+Enter")
    expect(hand.page.locator(".remarks .mention")).to_have_text("@leader")
    assert Comment.objects.get().mentions.get().user == scene.leader
    assert Notice.objects.get().user == scene.leader


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_thumb_logs_looks_up_and_closes(opened: Open, language: str):
    hand, scene = opened("/profile/", language=language, phone=True)
    item = actions.make_item(
        scene.quiet,
        title="Ring back",
        by=scene.owner,
        at=scene.quiet.recorded_at + timedelta(days=1),
    )
    hand.page.goto("/work/")
    hand.taps(".dock [data-sheet]")  # log
    hand.taps("#touch-found a")
    hand.page.locator("#sheet textarea").fill("Rang, nobody there")
    hand.taps("#sheet .btn-primary")
    expect(hand.page.locator(".toast")).to_contain_text(WORDS[language]["logged"])
    hand.taps(".dock [data-open-palette]")  # look up
    expect(hand.page.locator("#palette [role=option]").first).to_be_visible()
    hand.page.keyboard.press("Escape")
    hand.page.goto(f"/work/{item.pk}/")
    hand.taps(".item-acts .btn-primary")  # close
    hand.taps("#sheet .btn-primary")
    expect(hand.page.locator("#item-head .st")).to_contain_text(WORDS[language]["closed"])
    item.refresh_from_db()
    assert item.state == State.DONE
    assert Customer.objects.filter(touches__note="Rang, nobody there").exists()

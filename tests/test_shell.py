"""The frame of every page in a real browser: readable for all, quiet, no wider than the window."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import translation
from django.views import defaults

from perennial.team.actions import add_user
from perennial.team.models import DayRun, User
from tests.pages import (
    COLD_PAGE_BYTES,
    LANGUAGES,
    MOST_MOVED,
    MOVED,
    asset_bytes,
    barriers,
    link_for,
    opened,
)

NOW = datetime.now(UTC)
INSIDE = (
    "/",
    "/customers/",
    "/revenue/",
    "/revenue/cohorts/",
    "/revenue/closes/",
    "/revenue/definitions/",
    "/revenue/planner/",
    "/alerts/",
    "/imports/",
    "/users/",
    "/users/new/",
    "/profile/",
)


@pytest.fixture
def admin(db) -> User:
    return add_user("admin@demo.invalid", name="林晓", role="admin", team="华东", by=None, at=NOW)


@pytest.fixture
def inside(admin) -> Client:
    client = Client()
    client.force_login(admin)
    return client


@pytest.mark.parametrize("address", ["/log-in/", "/profile/", "/users/"])
def test_a_cold_page_is_light_and_asks_for_few_files(inside, address):
    client = Client() if address == "/log-in/" else inside
    html = client.get(address).content
    assets = set(re.findall(r'"(/static/[^"#]+)', html.decode()))
    total = len(gzip.compress(html)) + sum(asset_bytes(asset) for asset in assets)
    assert total <= COLD_PAGE_BYTES, f"{total:,} bytes"
    assert len(assets) <= 9, assets


def test_pages_carry_a_strict_policy_and_stay_out_of_caches(inside):
    response = inside.get("/profile/")
    policy = response["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "no-store" in response["Cache-Control"]
    assert "HX-Request" in response["Vary"]
    assert response["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("address", ["/log-in/", "/profile/", "/users/", "/users/new/"])
def test_no_page_has_inline_script_or_style(inside, address):
    client = Client() if address == "/log-in/" else inside
    html = client.get(address).content.decode()
    assert not re.search(r"\sstyle=|\son\w+=|hx-on|<style", html)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html))


def test_the_day_of_the_figures_and_a_stopped_run_stand_in_the_frame(inside):
    day, later = datetime(2026, 7, 22, tzinfo=UTC), datetime(2026, 7, 23, tzinfo=UTC)
    done = {"state": "done", "started_at": day, "finished_at": day}
    DayRun.objects.create(day=day.date(), step="desk", **done)
    page = inside.get("/profile/").content.decode()
    assert "2026-07-22" in page
    assert "no later day was computed" in page
    DayRun.objects.create(
        day=later.date(), step="health", state="failed", started_at=later, error="Disk full"
    )
    page = inside.get("/profile/").content.decode()
    assert "The run of 2026-07-23 stopped" in page
    assert "Disk full" in page


@pytest.mark.parametrize(("status", "words"), [(404, "There is nothing here"), (403, "your role")])
def test_error_pages_speak_plainly(inside, admin, status, words):
    if status == 403:
        User.objects.filter(pk=admin.pk).update(role="viewer")
    response = inside.get("/users/" if status == 403 else "/no/such/page/")
    assert response.status_code == status
    assert words in response.content.decode()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("view", [defaults.server_error, defaults.bad_request])
def test_a_broken_server_still_speaks_plainly_in_both_languages(rf, view, language):
    """These two are drawn without a context, perhaps without a database."""
    with translation.override(language):
        request = rf.get("/")
        failed = view(request) if view is defaults.server_error else view(request, ValueError("x"))
    page = failed.content.decode()
    assert failed.status_code in (500, 400)
    assert "ValueError" not in page
    assert ("系统出错了" in page or "无法读取" in page) == (language == "zh-hans")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", LANGUAGES)
def test_everybody_can_use_the_frame(chromium, live_server, admin, language):
    page = opened(chromium, live_server, language=language)
    for address in ("/log-in/", link_for(admin, "/"), *INSIDE):
        page.goto(address)
        assert not list(barriers(page)), address
    page.context.close()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_no_page_complains_of_its_policy(chromium, live_server, admin):
    page = opened(chromium, live_server, policy=True)
    for address in ("/log-in/", link_for(admin, "/profile/"), *INSIDE):
        page.goto(address)
    assert not page.complaints
    page.context.close()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_moves_while_a_page_loads(chromium, live_server, admin, width):
    page = opened(chromium, live_server, width=width)
    page.add_init_script(MOVED)
    for address in ("/log-in/", link_for(admin, "/users/"), "/profile/"):
        page.goto(address, wait_until="networkidle")
        assert page.evaluate("window.moved || 0") <= MOST_MOVED, address
    page.context.close()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_keys_lead_through_the_frame(chromium, live_server, admin):
    page = opened(chromium, live_server, link=link_for(admin, "/users/"))
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    page.locator("#keys").wait_for(state="hidden")  # until then keys are the dialog's
    page.keyboard.press("j")
    assert page.locator("tr.cur").count() == 1
    page.keyboard.press("Enter")
    page.wait_for_url("**/users/*/")
    page.locator("#id_name").fill("j?x")  # keys rest while typing
    assert page.locator("#id_name").input_value() == "j?x"
    assert not page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("u")
    page.wait_for_url("**/users/")
    page.context.close()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_theme_changes_at_once_and_stays(chromium, live_server, admin):
    page = opened(chromium, live_server, link=link_for(admin, "/profile/"))
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    with page.expect_response("**/theme/"):
        page.locator("[data-theme-flip]").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.context.close()

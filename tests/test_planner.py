"""The planner's sliders in a real browser: number, slider, results and address stay in step."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from perennial.team.actions import add_user, create_link

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NOW = datetime.now(UTC)


@pytest.fixture
def planner(chromium, live_server):
    """The planner of an empty company, in English."""
    admin = add_user("admin@demo.invalid", name="Lin", role="admin", team="", by=None, at=NOW)
    link = create_link(admin, by=None, at=NOW)
    context = chromium.new_context(base_url=live_server.url, locale="en-US")
    page = context.new_page()
    page.goto(f"/link/{link}/?next=/revenue/planner/")
    yield page
    context.close()


def says(page, words: str) -> None:
    page.locator(".pl-says", has_text=words).wait_for()


def test_the_number_and_the_results_follow_the_slider(planner):
    says(planner, "1.15 times the base")  # 80 % against 90 % renewal
    planner.locator("[data-of=renewal]").focus()
    for _half_point in range(20):
        planner.keyboard.press("ArrowLeft")
    says(planner, "Both scenarios end at the same ARR")
    assert planner.locator("#renewal").input_value() == "80"
    planner.wait_for_url("**renewal=80&**")
    planner.reload()
    assert planner.locator("#renewal").input_value() == "80"


def test_the_slider_follows_the_number_and_an_error_stands_beside_it(planner):
    planner.locator("#renewal").fill("60")
    says(planner, "0.")
    assert planner.locator("[data-of=renewal]").input_value() == "60"
    planner.locator("#renewal").fill("160")
    planner.locator("#renewal_error", has_text="100").wait_for()
    assert planner.locator(".pl-says").count() == 0
    planner.locator("#renewal").fill("")  # still being typed: nothing is wrong yet
    planner.locator("#renewal").fill("80")
    says(planner, "Both scenarios end at the same ARR")
    assert not planner.locator("#renewal_error").is_visible()
    planner.locator("#renewal").fill("")
    planner.wait_for_timeout(300)
    says(planner, "Both scenarios end at the same ARR")
    planner.locator("#renewal").blur()
    planner.locator("#renewal_error", has_text="required").wait_for()


def test_what_matters_most_can_be_judged_by_another_outcome(planner):
    planner.locator("[data-outcome=contribution]").click()
    planner.locator("[data-outcome=contribution][aria-current]").wait_for()
    planner.wait_for_url("**outcome=contribution**")
    assert planner.locator("[data-print]").is_visible()

"""A plan is shared with its customer, talked about, and taken back, in two browsers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from perennial.demo.cast import State
from perennial.demo.plans import agree
from perennial.demo.plant import Planted, plant
from perennial.work.models import Plan, Touchpoint
from perennial.work.plans.actions.sharing import share
from perennial.work.plans.planning import plan_touchpoints
from tests.pages import barriers, link_for, opened

WORDS = {
    "zh-CN": {
        "share": "分享给客户",
        "revoke": "撤销",
        "send": "发送",
        "closed": "这个页面没有开放",
    },
    "en-US": {"share": "Share", "revoke": "Revoke", "send": "Send", "closed": "not open"},
}


@pytest.fixture
def planted(transactional_db: None) -> Planted:
    """The cast with the demo's plans as they stand today."""
    today = timezone.localdate()
    planted = plant(end_on=today - timedelta(days=1))
    at = datetime.combine(today, datetime.min.time(), UTC) - timedelta(days=3)
    agree(end_on=today - timedelta(days=1), language="zh", at=at)
    plan_touchpoints(day=today - timedelta(days=1))
    late = today - timedelta(days=5)
    customer = planted.customers[State.BLOOMING]
    Touchpoint.objects.create(
        customer=customer, kind="review", planned_on=late, due_on=late, recorded_at=at
    )
    return planted


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("language", WORDS)
def test_a_plan_is_shared_answered_and_revoked(chromium, live_server, planted, language: str):
    words = WORDS[language]
    owner = planted.owner
    owner.language = "zh-hans" if language == "zh-CN" else "en"
    owner.save()
    plan = Plan.objects.get(customer=planted.customers[State.BLOOMING])
    page = opened(chromium, live_server, language=language)
    page.goto(link_for(owner, reverse("plans:plan", args=[plan.pk])))
    page.get_by_role("link", name=words["share"], exact=True).click()
    page.locator("#id_comments").select_option("1")
    page.locator("#id_language").select_option(owner.language)
    page.wait_for_function("document.querySelector('#preview #said')")
    page.locator("#id_confirmed").fill(plan.customer.name)
    page.locator("form .btn-primary").click()
    address = page.locator("#id_address").input_value()

    customer = opened(chromium, live_server, language=language)
    customer.goto(address)
    customer.locator("#id_name").fill("张立")
    customer.locator("#id_text").fill("下周三可以吗？ <b>谢谢</b>")
    customer.get_by_role("button", name=words["send"]).click()
    customer.get_by_text("下周三可以吗？ <b>谢谢</b>").wait_for()
    customer.locator(".todo form .tick").first.click()
    customer.wait_for_load_state("networkidle")

    page.goto(reverse("plans:plan", args=[plan.pk]))
    page.get_by_text("下周三可以吗？").wait_for()
    assert plan.actions.filter(done_by=plan.customer.name, done_on=timezone.localdate()).exists()
    page.locator(".stk form .btn-danger").first.click()
    page.locator("#toasts .toast").wait_for()
    assert customer.goto(address).status == 404
    assert words["closed"] in customer.content()
    assert plan.title not in customer.content()
    assert page.complaints == []
    page.context.close()
    customer.context.close()


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("language", WORDS)
def test_what_the_customer_sees_is_open_to_everybody(chromium, live_server, planted, language: str):
    """No barrier for any reader, and no page wider than its window."""
    plan = Plan.objects.get(customer=planted.customers[State.BLOOMING])
    page = opened(chromium, live_server, language=language)
    faults = []
    for address in (shared_address(plan, planted), "/plans/shared/nothing/"):
        page.goto(address)
        faults += [f"{address} {said}" for said in barriers(page)]
    assert faults == [], "\n".join(faults)
    page.context.close()


def shared_address(plan: Plan, planted: Planted) -> str:
    made = share(
        plan,
        comments=True,
        language="zh-hans",
        days=30,
        note="",
        confirmed=plan.customer.name,
        by=planted.owner,
        at=timezone.now(),
    )
    return reverse("plans:shared", args=[made.token])

"""A plan at its link: what the customer sees and may do, and how the link ends."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from perennial.customers.models import Comment, Customer, Person
from perennial.demo.plant import Planted
from perennial.notify.models import Notice
from perennial.team.models import AuditEntry, SecretLink
from perennial.team.secret_links import Made
from perennial.work.models import Plan, PlanAction
from perennial.work.plans.actions.changing import undo
from perennial.work.plans.actions.goals import add_goal
from perennial.work.plans.actions.joint import add_action, set_strategy
from perennial.work.plans.actions.plans import edit_plan, judge, make_plan, set_state
from perennial.work.plans.actions.sharing import MOST_SAID, revoke, share
from perennial.work.plans.tests.conftest import NOW

TOKEN = re.compile(rb'name="csrf-token" content="[^"]*"')  # new in every answer
SECRET = "绝密暗号"  # planted wherever only we may read it
SHOWN = ("回款提速", "月底前能看到回款", "订单量", "开放接口", "给您的路线图")
PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


@pytest.fixture
def plan(planted: Planted, customer: Customer) -> Plan:
    """A plan whose inner parts all hold the secret word."""
    by, at = planted.owner, NOW
    plan = make_plan(
        customer, title="回款提速", starts_on=date(2026, 6, 1), ends_on=None, by=by, at=at
    )
    words = {"success_words": "月底前能看到回款", "expectation_gap": f"差距{SECRET}"}
    edit_plan(plan, changes=words, version=1, by=by, at=at)
    judge(plan, fit="target", reason=f"判断{SECRET}", version=2, by=by, at=at)
    set_state(plan, state="active", version=3, by=by, at=at)
    for title, shared, metric in (
        ("订单量", True, ""),
        (f"内部目标{SECRET}", False, ""),
        (f"逾期{SECRET}", False, "overdue"),
    ):
        values: dict[str, Any] = {"title": title, "metric": metric, "target": 20.0}
        add_goal(plan, values=values | {"is_shared": shared, "baseline": 10.0}, by=by, at=at)
    for title, side, shared in (
        ("开放接口", "theirs", True),
        ("上线看板", "ours", True),
        (f"摸底{SECRET}", "theirs", False),
        (f"内部准备{SECRET}", "ours", False),
    ):
        action = {"title": title, "side": side, "is_shared": shared}
        add_action(plan, values=action, by=by, at=at)
    person = Person.objects.filter(customer=customer).first()
    assert person is not None
    about = {"person_id": person.pk, "wants": SECRET, "approach": SECRET}
    set_strategy(plan, strategy=None, values=about, version=1, by=by, at=at)
    Comment.objects.create(
        customer=customer, about_type="plan", about_id=plan.pk, text=SECRET, by=by, at=at
    )
    return plan


def shared(plan: Plan, planted: Planted, **options: Any) -> Made:
    usual: dict[str, Any] = {
        "comments": True,
        "language": "zh-hans",
        "days": 30,
        "note": "给您的路线图",
        "confirmed": plan.customer.name,
    }
    return share(plan, **usual | options, by=planted.owner, at=NOW)


def get(token: str, query: str = "") -> Any:
    return Client().get(reverse("plans:shared", args=[token]) + query)


def word(page: str) -> str:
    """The signed word of the page's forms."""
    return page.partition('name="form" value="')[2].partition('"')[0]


def test_the_customer_sees_what_is_shared_and_nothing_else(plan: Plan, planted: Planted):
    page = get(shared(plan, planted).token).content.decode()
    for text in SHOWN:
        assert text in page
    assert SECRET not in page
    for inner in ("期望差距", "策略", "健康", "¥", plan.customer.external_id):
        assert inner not in page


def test_the_page_speaks_the_language_of_the_link_until_the_reader_switches(
    plan: Plan, planted: Planted
):
    token = shared(plan, planted, language="en").token
    assert "What we do together" in get(token).content.decode()
    chinese = get(token, "?lang=zh-hans").content.decode()
    assert "我们一起做的事" in chinese
    assert 'lang="zh-Hans"' in chinese


def test_the_token_is_stored_nowhere(plan: Plan, planted: Planted):
    made = shared(plan, planted)
    assert len(made.token) >= 22  # 128 bits
    rows = [*SecretLink.objects.values(), *AuditEntry.objects.values(), *Notice.objects.values()]
    assert made.token not in repr(rows)


def test_whatever_happens_the_answer_is_private(plan: Plan, planted: Planted):
    token = shared(plan, planted).token
    for answer in (get(token), get("x" * 22), Client().post(f"/plans/shared/{token}/say/")):
        assert {name: answer[name] for name in PRIVATE} == PRIVATE
        assert "noindex" in answer["X-Robots-Tag"]


def test_wrong_expired_and_revoked_links_are_one_and_the_same_page(plan: Plan, planted: Planted):
    ended, late = shared(plan, planted), shared(plan, planted, days=1)
    revoke(plan, link=ended.link, by=planted.owner, at=NOW)
    with time_machine.travel(NOW + timedelta(days=1, seconds=1), tick=False):
        answers = [get(it) for it in ("y" * 22, ended.token, late.token)]
    assert {it.status_code for it in answers} == {404}
    pages = {TOKEN.sub(b"", it.content) for it in answers}
    assert len(pages) == 1
    assert plan.title not in answers[0].content.decode()


def test_a_revoked_link_closes_between_two_requests(plan: Plan, planted: Planted):
    made = shared(plan, planted)
    page = get(made.token)
    assert page.status_code == 200
    client = Client(headers={"HX-Request": "true"})
    client.force_login(planted.owner)
    address = reverse("plans:revoke", args=[plan.pk, made.link.pk])
    assert client.post(address).status_code == 204
    assert get(made.token).status_code == 404
    said = {"name": "张", "text": "还在吗", "form": word(page.content.decode())}
    assert Client().post(f"/plans/shared/{made.token}/say/", said).status_code == 404
    assert not Comment.objects.filter(author="张").exists()


def test_guessing_is_slowed_down(plan: Plan, planted: Planted):
    token = shared(plan, planted).token
    for n in range(30):
        get(f"guess{n:018}")
    assert get(token).status_code == 404
    with time_machine.travel(NOW + timedelta(minutes=16), tick=False):
        assert get(token).status_code == 200


def test_opening_is_counted(plan: Plan, planted: Planted):
    made = shared(plan, planted)
    for _ in range(3):
        get(made.token)
    made.link.refresh_from_db()
    assert (made.link.used_times, made.link.used_at) == (3, NOW)


def test_a_customer_writes_and_the_csm_is_told(plan: Plan, planted: Planted):
    made = shared(plan, planted)
    client = Client(enforce_csrf_checks=True)
    page = client.get(reverse("plans:shared", args=[made.token])).content.decode()
    text = "<script>alert(1)</script> 何时上线？\x07"
    said = {"name": "张立", "text": text, "form": word(page)}
    answer = client.post(f"/plans/shared/{made.token}/say/", said, follow=True)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "\x07" not in page
    notice = Notice.objects.get(topic="share")
    assert notice.user == planted.owner
    assert "张立" in str(notice.said)


@pytest.mark.parametrize(
    ("given", "status"),
    [
        pytest.param({"form": ""}, 403, id="a form that is not ours"),
        pytest.param({"form": "1:bad:word"}, 403, id="a forged word"),
        pytest.param({"name": ""}, 422, id="nobody"),
        pytest.param({"text": " \n "}, 422, id="nothing"),
        pytest.param({"text": "长" * 2001}, 422, id="too long"),
        pytest.param({"text": "长" * 350_000}, 422, id="a megabyte"),
    ],
)
def test_remarks_are_bounded_and_ours(
    plan: Plan, planted: Planted, given: dict[str, str], status: int
):
    made = shared(plan, planted)
    page = get(made.token).content.decode()
    said = {"name": "张", "text": "好", "form": word(page)} | given
    answer = Client().post(f"/plans/shared/{made.token}/say/", said)
    assert answer.status_code == status
    assert not Comment.objects.filter(author="张").exists()


def test_a_flood_of_remarks_is_stopped(plan: Plan, planted: Planted):
    made = shared(plan, planted)
    said = {"name": "张", "text": "好", "form": word(get(made.token).content.decode())}
    address = f"/plans/shared/{made.token}/say/"
    codes = [Client().post(address, said).status_code for _ in range(MOST_SAID + 1)]
    assert codes == [302] * MOST_SAID + [422]


def test_a_link_for_reading_takes_nothing(plan: Plan, planted: Planted):
    writing, reading = shared(plan, planted), shared(plan, planted, comments=False)
    page = get(reading.token).content.decode()
    assert "<form" not in page
    other = word(get(writing.token).content.decode())  # the word of another link
    said = {"name": "张", "text": "好", "form": other}
    assert Client().post(f"/plans/shared/{reading.token}/say/", said).status_code == 403


def test_the_customer_ticks_its_own_part_and_we_can_undo_it(plan: Plan, planted: Planted):
    made = shared(plan, planted)
    form = {"form": word(get(made.token).content.decode())}
    theirs, ours = plan.actions.get(title="开放接口"), plan.actions.get(title="上线看板")
    hidden = plan.actions.get(title__startswith="摸底")
    for action, done in ((theirs, True), (ours, False), (hidden, False)):
        Client().post(f"/plans/shared/{made.token}/done/{action.pk}/", form)
        action.refresh_from_db()
        assert (action.done_on is not None) is done, action.title
    assert theirs.done_by == plan.customer.name
    entry = AuditEntry.objects.filter(action="plan.action_done").latest("pk")
    undo(entry, by=planted.owner, at=NOW)
    assert PlanAction.objects.get(pk=theirs.pk).done_on is None


def test_sharing_asks_for_the_name_and_shows_what_will_be_seen(plan: Plan, planted: Planted):
    client = Client()
    client.force_login(planted.owner)
    address = reverse("plans:share", args=[plan.pk])
    page = client.get(address).content.decode()
    preview = page.partition('id="preview"')[2]
    assert "开放接口" in preview
    assert SECRET not in page
    typed = {"comments": "1", "language": "zh-hans", "days": "30", "note": "", "confirmed": "别人"}
    assert client.post(address, typed).status_code == 422
    assert not SecretLink.objects.exists()
    answer = client.post(address, typed | {"confirmed": plan.customer.name})
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert "/plans/shared/" in answer.content.decode()
    too_long = typed | {"confirmed": plan.customer.name, "days": "366"}
    assert client.post(address, too_long).status_code == 422


def test_nobody_shares_a_foreign_plan(plan: Plan, planted: Planted):
    made = shared(plan, planted)
    client = Client()
    client.force_login(planted.outsider)
    for name, arguments in (
        ("share", [plan.pk]),
        ("preview", [plan.pk]),
        ("answer", [plan.pk]),
        ("revoke", [plan.pk, made.link.pk]),
    ):
        assert client.post(reverse(f"plans:{name}", args=arguments)).status_code == 404
    assert get(made.token).status_code == 200


def test_what_we_think_or_are_owed_cannot_be_ticked_as_shared(plan: Plan, planted: Planted):
    """Even a row that says so is left out of the customer's page."""
    goal = plan.goals.get(metric="overdue")
    type(goal).objects.filter(pk=goal.pk).update(is_shared=True)
    assert SECRET not in get(shared(plan, planted).token).content.decode()

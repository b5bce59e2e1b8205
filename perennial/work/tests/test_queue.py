"""From causes to cards: one item per reason, acts are kept, foreign items do not exist."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.utils.translation import override

from perennial.customers.models import Customer
from perennial.revenue.actions.definitions import set_rate
from perennial.revenue.queries.exchange import exchange
from perennial.team.models import AuditEntry, Role, User
from perennial.work import actions, jobs
from perennial.work.cause import Cause
from perennial.work.causes import Book
from perennial.work.models import Reason, WorkItem
from perennial.work.queries import changes, queue, totals
from perennial.work.wording import advice, money_note, sentence, terms

DAY = date(2026, 6, 30)
NOW = datetime(2026, 7, 1, 1, tzinfo=UTC)  # 09:00 on the morning after
FELL = {"days": 7, "expected": 120, "observed": 42, "drop_rate": 0.65}
pytestmark = pytest.mark.django_db


def user(name: str, role: str = Role.CSM) -> User:
    return User.objects.create(email=f"{name}@example.com", name=name, role=role)


def customer(name: str, owner: User) -> Customer:
    return Customer.objects.create(external_id=name, name=name, owner=owner, recorded_at=NOW)


@pytest.fixture
def owner() -> User:
    return user("owner")


@pytest.fixture
def due(owner: User) -> Customer:
    return customer("北京卓泽", owner)


def fell(of: Customer, *, severity: float = 0.65) -> Cause:
    return Cause(of.pk, Reason.USAGE_DROP, severity, DAY, "sudden", None, FELL)


def red(of: Customer) -> Cause:
    params = {"score": 31, "since_on": "2026-06-20", "weakest": None}
    return Cause(of.pk, Reason.LOW_HEALTH, 0.69, DAY, params=params)


class Day:
    """Runs the day with causes set by the test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch

    def run(self, day: date, *causes: Cause, yearly: dict[int, Decimal] | None = None) -> None:
        book = Book(list(causes), yearly or {}, {}, exchange(day))
        self.monkeypatch.setattr(jobs, "gather", lambda day: book)
        jobs.fill(day=day)


@pytest.fixture
def the_day(monkeypatch: pytest.MonkeyPatch) -> Day:
    return Day(monkeypatch)


def unpaid(of: Customer, amount: str) -> Cause:
    params = {"days": 40, "count": 1, "amount": amount, "currency": "USD"}
    return Cause(of.pk, Reason.INVOICE_OVERDUE, 0.5, DAY, params=params)


def test_what_is_owed_in_dollars_ranks_in_our_currency(the_day: Day, due: Customer):
    the_day.run(DAY, unpaid(due, "1000"))
    assert WorkItem.objects.get().money_at_risk is None, "unknown without a rate, never 1,000"
    set_rate("USD", rate=Decimal("7.1"), by=None, at=NOW)
    the_day.run(DAY, unpaid(due, "1000"))
    item = WorkItem.objects.get()
    assert (item.money_at_risk, item.currency) == (Decimal(7100), "CNY")
    with override("en"):
        assert "$1.0K" in sentence(item)


def test_a_renewal_of_unknown_amount_is_told_so(the_day: Day, due: Customer):
    params = {"days": 9, "due_on": "2026-07-09", "amount": None, "currency": "CNY", "quiet": 3}
    the_day.run(DAY, Cause(due.pk, Reason.RENEWAL_DUE, 0.5, DAY, params=params))
    with override("en"):
        assert "unknown" in sentence(WorkItem.objects.get())


def test_a_customer_is_one_card_with_all_its_reasons(the_day: Day, owner: User, due: Customer):
    other = customer("other", owner)
    the_day.run(
        DAY,
        fell(due),
        red(due),
        fell(other),
        yearly={due.pk: Decimal(90_000), other.pk: Decimal(9)},
    )
    cards = queue(owner, on=DAY)
    assert [card.customer for card in cards] == [due, other]
    assert len(cards[0].items) == 2
    assert cards[0].money_at_risk == 90_000
    assert cards[0].rank_value == max(item.rank_value for item in cards[0].items)
    assert totals(owner, on=DAY).lanes["risk"] == 2


def test_good_news_waits_behind_the_rest_and_puts_nothing_at_risk(
    the_day: Day, owner: User, due: Customer
):
    happy = customer("happy", owner)
    praise = Cause(happy.pk, Reason.PROMOTER, 1.0, DAY, params={"score": 10, "comment": ""})
    yearly = {due.pk: Decimal(900), happy.pk: Decimal(9_000_000)}
    the_day.run(DAY, praise, fell(due), red(due), yearly=yearly)
    assert [card.customer for card in queue(owner, on=DAY)] == [due, happy]
    assert [card.customer for card in queue(owner, on=DAY, limit=1)] == [due]
    waiting = totals(owner, on=DAY)
    assert (waiting.customers, waiting.money_at_risk) == (2, Decimal(900))
    assert {lane: n for lane, n in waiting.lanes.items() if n} == {"risk": 1, "good_news": 1}


def test_news_are_counted_beyond_those_shown(the_day: Day, owner: User, due: Customer):
    the_day.run(DAY, fell(due), red(due))
    news = changes(owner, on=DAY, limit=1)
    assert (len(news.raised), news.raised_count, news.resolved) == (1, 2, [])
    assert changes(user("stranger"), on=DAY).raised_count == 0


def test_the_same_day_twice_changes_nothing(the_day: Day, due: Customer):
    the_day.run(DAY, fell(due))
    before = list(WorkItem.objects.values())
    the_day.run(DAY, fell(due))
    assert list(WorkItem.objects.values()) == before


def test_a_refire_updates_the_item(the_day: Day, due: Customer):
    the_day.run(DAY, fell(due))
    the_day.run(DAY + timedelta(days=1), fell(due, severity=0.9))
    item = WorkItem.objects.get()
    assert (item.fired_days, item.raised_on, item.terms["severity_rate"]) == (2, DAY, 0.9)


def test_an_item_closes_itself_when_its_cause_is_gone(the_day: Day, owner: User, due: Customer):
    the_day.run(DAY, fell(due), red(due))
    the_day.run(DAY + timedelta(days=1), fell(due))
    assert WorkItem.objects.get(reason="low_health").outcome == "auto_resolved"
    settled = changes(owner, on=DAY + timedelta(days=1)).resolved
    assert [item.reason for item in settled] == ["low_health"]


def test_what_somebody_closed_stays_closed_for_its_cool_down(
    the_day: Day, owner: User, due: Customer
):
    the_day.run(DAY, fell(due))
    actions.complete(WorkItem.objects.get(), by=owner, at=NOW)
    the_day.run(DAY, fell(due))
    the_day.run(DAY + timedelta(days=14), fell(due))
    assert WorkItem.objects.count() == 1
    the_day.run(DAY + timedelta(days=16), fell(due))
    assert WorkItem.objects.filter(state="open").count() == 1


def test_a_snoozed_item_sleeps_and_wakes(the_day: Day, owner: User, due: Customer):
    the_day.run(DAY, fell(due))
    actions.snooze(WorkItem.objects.get(), days=7, by=owner, at=NOW)
    asleep, morning = DAY + timedelta(days=6), DAY + timedelta(days=7)
    the_day.run(asleep, fell(due))
    assert queue(owner, on=asleep) == []
    the_day.run(morning, fell(due))
    assert [card.customer for card in queue(owner, on=morning)] == [due]
    assert WorkItem.objects.get().state == "open"


def test_undo_puts_back_what_was(the_day: Day, owner: User, due: Customer):
    the_day.run(DAY, fell(due))
    item = WorkItem.objects.get()
    actions.snooze(item, days=7, by=owner, at=NOW)
    actions.complete(item, outcome="failed", note="没打通", by=owner, at=NOW)
    actions.reopen(item, by=owner, at=NOW)
    assert (item.state, item.snoozed_until, item.outcome) == ("snoozed", date(2026, 7, 8), "")
    with pytest.raises(actions.CannotDoThat):
        actions.reopen(item, by=owner, at=NOW)
    done = AuditEntry.objects.filter(object_type="work_item").order_by("pk")
    assert [line.action for line in done] == ["work.snoozed", "work.completed", "work.undone"]


def test_the_second_of_two_people_is_told(the_day: Day, owner: User, due: Customer):
    the_day.run(DAY, fell(due))
    mine, yours = WorkItem.objects.get(), WorkItem.objects.get()
    actions.complete(mine, by=owner, at=NOW)
    with pytest.raises(actions.AlreadyChanged):
        actions.snooze(yours, days=7, by=owner, at=NOW)


def test_nobody_gets_an_item_whose_customer_they_cannot_see(
    the_day: Day, owner: User, due: Customer
):
    the_day.run(DAY, fell(due))
    with pytest.raises(actions.CannotDoThat):
        actions.reassign(WorkItem.objects.get(), owner=user("stranger"), by=owner, at=NOW)
    boss = user("boss", Role.ADMIN)
    item = actions.reassign(WorkItem.objects.get(), owner=boss, by=owner, at=NOW)
    assert [card.owner for card in queue(boss, on=DAY, scope="mine")] == [boss]
    assert queue(owner, on=DAY, scope="mine") == []
    assert item.owner == boss


def test_the_words_say_why_what_and_how_much(the_day: Day, due: Customer):
    the_day.run(DAY, fell(due), yearly={due.pk: Decimal(264_000)})
    item = WorkItem.objects.get()
    with override("zh-hans"):
        assert sentence(item) == "近 7 天使用 42 次，按以往应有 120 次左右，下降 65%"
        assert "核心使用人" in advice(item)
        assert money_note(item) == "\u00a526.4 万"
        assert dict(terms(item))["严重程度"] == "65%"


def test_an_unknown_amount_says_so(the_day: Day, owner: User, due: Customer):
    other = customer("other", owner)
    the_day.run(DAY, fell(due), fell(other), yearly={other.pk: Decimal(50_000)})
    item = WorkItem.objects.get(customer=due)
    assert item.money_at_risk is None
    with override("zh-hans"):
        assert money_note(item) == "金额未知：按中位客户排序"
        assert dict(terms(item))["涉及金额"] == "未知（按中位数 \u00a55.0 万）"


def test_every_reason_has_words(due: Customer):
    kinds = {Reason.USAGE_DROP: "sudden", Reason.GROWTH: "seats"}
    for reason in Reason:
        item = WorkItem(customer=due, reason=reason, kind=kinds.get(reason, ""), terms={})
        assert advice(item)
        assert reason.label


@pytest.mark.parametrize("act", ["complete", "dismiss", "snooze", "reopen", "reassign"])
def test_a_foreign_item_does_not_exist(the_day: Day, due: Customer, client: Client, act: str):
    the_day.run(DAY, fell(due))
    stranger = user("stranger")
    client.force_login(stranger)
    data = {"owner": str(stranger.pk)}
    assert client.post(f"/work/{WorkItem.objects.get().pk}/{act}/", data).status_code == 404


@time_machine.travel(NOW, tick=False)
def test_one_key_acts_say_what_was_done_and_how_to_undo_it(
    the_day: Day, owner: User, due: Customer, client: Client
):
    the_day.run(DAY, fell(due))
    Customer.objects.update(name="北极星", name_en="Polaris")
    item = WorkItem.objects.get()
    client.force_login(owner)
    answer = client.post(f"/work/{item.pk}/complete/", headers={"HX-Request": "true"})
    said = json.loads(answer.headers["HX-Trigger"])
    assert (answer.status_code, said["workChanged"]) == (204, {"item": item.pk})
    assert said["toast"]["undo"] == f"/work/{item.pk}/reopen/"
    assert "Polaris" in said["toast"]["text"]
    item.refresh_from_db()
    assert (item.state, item.outcome, item.closed_on) == ("done", "success", date(2026, 7, 1))
    again = client.post(f"/work/{item.pk}/complete/", headers={"HX-Request": "true"})
    assert json.loads(again.headers["HX-Trigger"])["toast"]["tone"] == "bad"
    back = client.post(f"/work/{item.pk}/reopen/", {"next": "https://elsewhere.example/"})
    assert (back.status_code, back.headers["Location"]) == (302, "/")
    item.refresh_from_db()
    assert item.state == "open"


def test_a_viewer_may_not_act(the_day: Day, due: Customer, client: Client):
    the_day.run(DAY, fell(due))
    client.force_login(user("viewer", Role.VIEWER))
    assert client.post(f"/work/{WorkItem.objects.get().pk}/complete/").status_code == 403


def test_a_snoozed_task_wakes_and_is_ranked_by_todays_money(
    the_day: Day, owner: User, due: Customer
):
    made = actions.make_item(due, title="Ask", by=owner, at=NOW)
    actions.snooze(made, days=2, reason="away", by=owner, at=NOW)
    the_day.run(date(2026, 7, 1), yearly={due.pk: Decimal(90_000)})
    made.refresh_from_db()
    assert (made.state, made.money_at_risk) == ("snoozed", 90_000), "asleep until the 3rd"
    the_day.run(date(2026, 7, 2), yearly={due.pk: Decimal(90_000)})
    made.refresh_from_db()
    assert (made.state, made.snoozed_until, made.snoozed_reason) == ("open", None, "")
    assert made.rank_value > 1_000, "nobody closes it by itself, and money counts"

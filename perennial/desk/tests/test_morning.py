"""The morning's digest and the weightiest alerts: through the gates, once, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from perennial.alerts.models import Alert, AlertChange, Rule
from perennial.customers.models import Customer
from perennial.desk import digest
from perennial.desk.models import CustomerFigures
from perennial.desk.morning import mail_what_waits, tell_the_morning
from perennial.desk.queries import AS_OF
from perennial.desk.tests.scene import ON, Office
from perennial.notify.actions import News, Said, add_channel, tell
from perennial.notify.actions.channels import Terms
from perennial.notify.jobs import deliver
from perennial.notify.models import ChannelKind, Delivery, How, Mail, Notice, Topic, TopicWish
from perennial.team.models import InstallationFact, User
from perennial.work.models import WorkItem

MORNING = datetime.combine(ON + timedelta(days=1), time(6), UTC)


@pytest.fixture
def morning(office: Office, settings: Any) -> Office:
    settings.PERENNIAL_EMAIL_URL = "smtp://127.0.0.1:9"
    settings.PERENNIAL_URL = "https://cs.example"
    InstallationFact.objects.update_or_create(name=AS_OF, defaults={"value": ON.isoformat()})
    return office


def told(user: User) -> str:
    """Everything that this user was told, in the inbox and by mail."""
    notices = Notice.objects.filter(user=user).values_list("said", flat=True)
    mails = Mail.objects.filter(user=user).values_list("subject", "text", "html")
    return "\n".join([*map(str, notices), *(part for mail in mails for part in mail)])


def test_everybody_is_told_of_their_own_book_in_their_language(morning: Office):
    User.objects.filter(pk=morning.owner.pk).update(language="zh-hans")
    tell_the_morning(at=MORNING)
    notice = Notice.objects.get(user=morning.owner, topic=Topic.DIGEST)
    assert notice.said["en"]["title"] == "1 customer needs attention, \u00a5120.0K at risk"
    assert notice.said["zh-hans"]["title"] == "1 位客户需要关注，风险金额 \u00a512.0 万"
    mail = Mail.objects.get(user=morning.owner)
    assert "1 位客户需要关注" in mail.subject
    assert "深圳铭森" in mail.text and "https://cs.example/customers/" in mail.text
    assert "深圳铭森" in mail.html and "<b>" in mail.html


def test_the_same_morning_again_tells_nothing(morning: Office):
    assert tell_the_morning(at=MORNING)
    before = Mail.objects.count()
    InstallationFact.objects.filter(name="morning_told").delete()  # killed before it was noted
    assert tell_the_morning(at=MORNING) == 0
    assert Mail.objects.count() == before


def test_a_home_at_a_day_long_past_tells_nobody(morning: Office):
    assert tell_the_morning(at=MORNING + timedelta(days=3)) == 0
    assert not Notice.objects.exists()


def test_who_has_nothing_to_do_hears_nothing(morning: Office):
    tell_the_morning(at=MORNING)
    assert not told(morning.outsider)


def test_no_digest_names_a_customer_of_others(morning: Office):
    Customer.objects.filter(pk=morning.beijing.pk).update(owner=morning.outsider)
    tell_the_morning(at=MORNING)
    assert morning.beijing.name in told(morning.outsider)
    assert morning.beijing.name not in told(morning.owner)


def test_without_the_right_to_see_money_no_amount_stands_in_it(morning: Office):
    User.objects.filter(pk=morning.owner.pk).update(role="viewer")
    user = User.objects.get(pk=morning.owner.pk)
    found = digest.digest_of(user, on=ON)
    assert found.stakes.at_risk is None and not any(it.worth for it in found.entries)


def test_a_customer_called_like_markup_stays_text(morning: Office):
    item = WorkItem.objects.select_related("customer").latest("rank_value")
    Customer.objects.filter(pk=item.customer_id).update(name="<b>A</b>", name_en="<b>A</b>")
    tell_the_morning(at=MORNING)
    mail = Mail.objects.get(user=morning.owner)
    assert "&lt;b&gt;A" in mail.html and "<b>A" not in mail.html and "<b>A</b>" in mail.text


def raise_alert(customer: Customer) -> Alert:
    alert = Alert.objects.create(
        customer=customer, rule=Rule.SILENT, metric="event_count", severity=1.0, since_on=ON,
        raised_on=ON, last_fired_on=ON, params={"days": 70, "last_on": "2026-04-01"},
    )  # fmt: skip
    AlertChange.objects.create(alert=alert, changed_on=ON, step=AlertChange.Step.RAISED)
    return alert


def test_only_the_weightiest_alerts_are_told_at_once_and_once(morning: Office):
    own = list(Customer.objects.filter(owner=morning.owner).order_by("pk"))
    for place, customer in enumerate(own):
        CustomerFigures.objects.filter(pk=customer.pk).update(arr=Decimal(1000 * (place + 1)))
        raise_alert(customer)
    tell_the_morning(at=MORNING)
    notice = Notice.objects.get(user=morning.owner, topic=Topic.ALERT)
    assert own[-1].name in notice.said["zh-hans"]["title"]
    assert not AlertChange.objects.filter(told_at=None).exists()
    tell_the_morning(at=MORNING)
    assert Notice.objects.filter(topic=Topic.ALERT).count() == 1
    assert Mail.objects.filter(topic=Topic.ALERT).count() == 1


def test_alerts_of_days_made_up_for_are_not_told_at_once(morning: Office):
    own = Customer.objects.filter(owner=morning.owner).latest("pk")
    CustomerFigures.objects.filter(pk=own.pk).update(arr=Decimal(10**9))
    raise_alert(own)
    AlertChange.objects.update(changed_on=ON - timedelta(days=3))
    tell_the_morning(at=MORNING)
    assert not Notice.objects.filter(topic=Topic.ALERT).exists()
    assert not AlertChange.objects.filter(told_at=None).exists()


def mention(user: User, key: str = "m") -> News:
    return News(user, Topic.MENTION, key, {"en": Said("Look at this", why="B mentioned you.")})


def wish(user: User, **hows: How) -> None:
    TopicWish.objects.bulk_create(
        TopicWish(user=user, topic=topic, how=how) for topic, how in hows.items()
    )


def test_what_somebody_wished_to_hear_of_in_the_digest_stands_in_it(morning: Office):
    wish(morning.owner, mention=How.DIGEST)
    tell([mention(morning.owner)], at=MORNING - timedelta(hours=9))
    assert not Mail.objects.exists()
    tell_the_morning(at=MORNING)
    mail = Mail.objects.get(user=morning.owner)
    assert "Look at this" in mail.text and "B mentioned you." in mail.html
    assert "深圳铭森" in mail.text
    assert not Notice.objects.filter(waits_for_digest=True).exists()


def test_without_a_digest_only_that_is_mailed(morning: Office):
    wish(morning.owner, mention=How.DIGEST, digest=How.OFF)
    tell([mention(morning.owner)], at=MORNING - timedelta(hours=9))
    tell_the_morning(at=MORNING)
    mail = Mail.objects.get(user=morning.owner)
    assert "Look at this" in mail.text and "深圳铭森" not in mail.text + mail.html


def test_who_wishes_no_digest_gets_no_mail(morning: Office):
    wish(morning.owner, digest=How.OFF)
    tell_the_morning(at=MORNING)
    assert not Mail.objects.filter(user=morning.owner).exists()
    assert Notice.objects.filter(user=morning.owner).exists()


def test_what_waits_for_a_digest_that_does_not_come_leaves_by_itself(morning: Office):
    """The day failed: at 05:30 in Shanghai it was due, two hours later the mail goes alone."""
    wish(morning.owner, mention=How.DIGEST)
    due = datetime.combine(ON + timedelta(days=1), time(21, 30), UTC)
    tell([mention(morning.owner)], at=due - timedelta(hours=9))
    assert mail_what_waits(at=due + timedelta(minutes=119)) == 0
    assert mail_what_waits(at=due + timedelta(hours=2)) == 1
    assert "Look at this" in Mail.objects.get(user=morning.owner).text
    assert mail_what_waits(at=due + timedelta(hours=3)) == 0


def test_a_channel_hears_the_digest_of_its_team_without_amounts(morning: Office, settings: Any):
    settings.PERENNIAL_ALLOW_PRIVATE_HOSTS = "127.0.0.1"
    for team in (morning.leader.team, None):
        terms = Terms(str(team), team, [Topic.DIGEST], "zh-hans")
        where = "http://127.0.0.1:9/"
        add_channel(terms, kind=ChannelKind.WEBHOOK, address=where, by=None, at=MORNING)
    tell_the_morning(at=MORNING)
    deliveries = list(Delivery.objects.order_by("pk"))
    assert len(deliveries) == 2
    for it in deliveries:
        assert "深圳铭森" in it.message["body"] and "\u00a5" not in str(it.message)
    InstallationFact.objects.filter(name="morning_told").delete()
    tell_the_morning(at=MORNING)
    assert Delivery.objects.count() == 2


def test_a_digest_that_waits_does_not_leave_once_it_names_customers_of_others(morning: Office):
    """It waits for a mail server; meanwhile the book goes to a colleague."""
    tell_the_morning(at=MORNING)
    mail = Mail.objects.get(user=morning.owner)
    assert mail.names
    Customer.objects.filter(owner=morning.owner).update(owner=morning.outsider)
    deliver(lambda: MORNING)
    mail.refresh_from_db()
    assert mail.state == Mail.State.WITHHELD and mail.attempts == 0

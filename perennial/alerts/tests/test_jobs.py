"""The life of an alert: raised once, told by today's numbers, resolved by itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils.translation import override

from perennial.alerts import jobs
from perennial.alerts.candidates import Candidate
from perennial.alerts.drops import Usage, told_by
from perennial.alerts.models import Alert, AlertChange, Rule
from perennial.alerts.queries import of_customer, open_alerts
from perennial.alerts.wording import evidence, sentence
from perennial.contracts.models import Pause
from perennial.customers.models import Customer, Person
from perennial.surveys.models import Answer, SurveyKind
from perennial.team.models import Role, User

DAY = date(2026, 6, 30)
NOON = datetime(2026, 6, 30, 4, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return User.objects.create(email="o@example.com", name="O", role=Role.CSM)


@pytest.fixture
def customer(owner: User) -> Customer:
    return Customer.objects.create(external_id="c1", name="北京卓泽", owner=owner, recorded_at=NOON)


def drop(customer: Customer, day: date, *, kind: str = "sudden", observed: float = 42) -> Candidate:
    return Candidate(
        customer.pk,
        Rule.USAGE_DROP,
        "event_count",
        round(1 - observed / 120, 4),
        day - timedelta(days=6),
        kind,
        120.0,
        observed,
        0.0005,
        told_by(days=7, expected=120, observed=observed),
    )


class Feed:
    """What usage says, set by the test day by day."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = Usage([], {}, {}, False)
        monkeypatch.setattr(jobs, "usage", lambda customers, *, day, look_back: self.now)

    def run(self, day: date, *candidates: Candidate, week: dict[int, float] | None = None) -> None:
        month = {pk: value * 4 for pk, value in (week or {}).items()}
        self.now = Usage(list(candidates), week or {}, month, False)
        jobs.fill(day=day)


@pytest.fixture
def feed(monkeypatch: pytest.MonkeyPatch) -> Feed:
    return Feed(monkeypatch)


def days(count: int) -> date:
    return DAY + timedelta(days=count)


def test_a_refire_is_evidence_and_no_second_alert(feed: Feed, customer: Customer):
    feed.run(DAY, drop(customer, DAY))
    feed.run(days(1), drop(customer, days(1), observed=30))
    alert = Alert.objects.get()
    assert (alert.raised_on, alert.last_fired_on, alert.observed) == (DAY, days(1), 30)
    assert alert.params["observed"] == 30


def test_the_same_day_twice_changes_nothing(feed: Feed, customer: Customer):
    feed.run(DAY, drop(customer, DAY))
    before = list(Alert.objects.values()), list(AlertChange.objects.values())
    feed.run(DAY, drop(customer, DAY))
    assert (list(Alert.objects.values()), list(AlertChange.objects.values())) == before


def test_the_sentence_is_natural_in_both_languages(feed: Feed, customer: Customer):
    feed.run(DAY, drop(customer, DAY))
    alert = Alert.objects.get()
    with override("zh-hans"):
        assert sentence(alert, money=True) == "近 7 天使用 42 次，按以往应有 120 次左右，下降 65%"
        assert evidence(alert) == "偶然出现的概率约为 2,000 分之一"
    with override("en"):
        assert (
            sentence(alert, money=True)
            == "42 uses in the last 7 days, about 120 expected: down 65%"
        )


def test_it_gets_stronger_and_the_change_is_kept(feed: Feed, customer: Customer):
    feed.run(DAY, drop(customer, DAY, kind="slow"))
    feed.run(days(1), drop(customer, days(1), kind="stop", observed=0))
    feed.run(days(2), drop(customer, days(2), kind="fade", observed=5))
    assert Alert.objects.get().kind == "stop"
    steps = AlertChange.objects.order_by("pk").values_list("step", "before", "after")
    assert list(steps) == [("raised", "", "slow"), ("escalated", "slow", "stop")]


def test_it_resolves_after_three_calm_days_not_before(feed: Feed, customer: Customer):
    feed.run(DAY, drop(customer, DAY))
    states = []
    for ahead in range(1, 5):
        feed.run(days(ahead), week={customer.pk: 110})
        states.append(Alert.objects.get().resolved_on)
    assert states == [None, None, days(3), days(3)]
    assert Alert.objects.get().ending == "recovered"


def test_half_recovered_is_not_recovered_and_is_told_by_the_month(feed: Feed, customer: Customer):
    feed.run(DAY, drop(customer, DAY, kind="stop", observed=0))
    feed.run(days(1), week={customer.pk: 60})
    alert = Alert.objects.get()
    assert alert.resolved_on is None
    with override("zh-hans"):
        assert sentence(alert, money=True).startswith("近 28 天使用 240 次，按以往应有 480 次左右")


def test_after_thirteen_weeks_it_is_the_new_level(feed: Feed, customer: Customer):
    feed.run(DAY, drop(customer, DAY))
    feed.run(days(91), week={customer.pk: 50})
    assert Alert.objects.get().ending == "new_level"


def test_it_keeps_still_for_four_weeks(feed: Feed, customer: Customer):
    feed.run(DAY, drop(customer, DAY))
    for ahead in (1, 2, 3):
        feed.run(days(ahead), week={customer.pk: 120})
    feed.run(days(10), drop(customer, days(10)))
    assert Alert.objects.count() == 1
    feed.run(days(30), drop(customer, days(30)))
    assert Alert.objects.count() == 2


def test_a_pause_and_an_end_close_it(feed: Feed, customer: Customer):
    feed.run(DAY, drop(customer, DAY))
    Pause.objects.create(customer=customer, start_on=days(1), recorded_at=NOON)
    feed.run(days(1))
    assert Alert.objects.get().ending == "paused"


def test_silence_takes_over_from_a_drop(feed: Feed, customer: Customer):
    feed.run(DAY, drop(customer, DAY))
    params = {"days": 60, "last_on": "2026-05-01"}
    silent = Candidate(
        customer.pk, Rule.SILENT, "event_count", 1.0, date(2026, 5, 1), params=params
    )
    feed.run(days(1), silent)
    endings = dict(Alert.objects.values_list("rule", "ending"))
    assert endings == {"usage_drop": "superseded", "silent": ""}


def test_an_older_day_changes_nothing(feed: Feed, customer: Customer):
    feed.run(DAY, drop(customer, DAY))
    feed.run(days(-1), week={customer.pk: 120})
    assert Alert.objects.get().calm_since_on is None


def test_a_key_contact_who_left_and_a_detractor_alert(feed: Feed, customer: Customer):
    Person.objects.create(
        external_id="p", customer=customer, name="黄志强", role="总经理", grade="S",
        to_on=days(-3), recorded_at=NOON,
    )  # fmt: skip
    answers = [("a", "p", 3, NOON), ("b", "q", 4, NOON), ("c", "q", 9, NOON + timedelta(hours=1))]
    for key, person, score, at in answers:
        Answer.objects.create(
            external_id=key, customer=customer, kind=SurveyKind.NPS, score=score,
            person_id_text=person, answered_at=at, recorded_at=at,
        )  # fmt: skip
    feed.run(DAY)
    with override("zh-hans"):
        told = {alert.rule: sentence(alert, money=True) for alert in Alert.objects.all()}
    assert told == {
        "contact_left": "黄志强（S 级，总经理）已于 2026-06-27 离职",
        "detractor": "NPS 评分 3",
    }
    feed.run(days(40))
    assert not Alert.objects.filter(resolved_on__isnull=True).exists()


def test_the_gate_hides_the_alerts_of_others(feed: Feed, customer: Customer, owner: User):
    feed.run(DAY, drop(customer, DAY))
    stranger = User.objects.create(email="s@example.com", name="S", role=Role.CSM)
    assert open_alerts(owner).count() == 1
    assert open_alerts(stranger).count() == 0
    assert of_customer(stranger, customer).count() == 0

"""The day's health on the cast of the demo, with usage as plain values."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from django.utils.translation import override

from perennial.contracts.models import Invoice
from perennial.customers.models import Customer, Touch
from perennial.demo.cast import State as Cast
from perennial.demo.plant import Planted, plant
from perennial.events.store import open_store
from perennial.health.inputs import scene
from perennial.health.inputs.cases import Cases
from perennial.health.inputs.reading import gather
from perennial.health.jobs import fill
from perennial.health.models import CurrentHealth
from perennial.health.panels import context
from perennial.health.queries import band_changes, parts_of, scorecard
from perennial.health.rules import State, exact_of, shown_points
from perennial.metrics.queries import UsageRow
from perennial.units.money import round_half_up

DAY = date(2026, 6, 30)
pytestmark = pytest.mark.django_db


def usage(
    day: date, *, month: float = 400, usual: float = 400, people: int = 12, quiet: int = 0
) -> UsageRow:
    return UsageRow(
        events_7d=month / 4,
        events_28d=month,
        events_prior_84d=usual * 3,
        active_people_28d=people if month else 0,
        active_people_prior_28d=12,
        active_days_28d=20 if month else 0,
        feature_breadth_28d=6 if month else 0,
        people_known=12,
        features_known=12,
        first_seen_on=day - timedelta(days=500),
        last_seen_on=day - timedelta(days=quiet),
        usage_trend_rate=month / usual - 1,
    )


@pytest.fixture
def planted() -> Planted:
    return plant(end_on=DAY)


@pytest.fixture
def feed(monkeypatch: pytest.MonkeyPatch) -> dict[str, UsageRow]:
    """Usage of all customers by external id, to be filled by the test."""
    rows: dict[str, UsageRow] = {}
    monkeypatch.setattr(scene, "customer_metrics", lambda *, as_of: rows)
    return rows


def everyone_uses(feed: dict[str, UsageRow], day: date = DAY) -> None:
    feed |= {name: usage(day) for name in Customer.objects.values_list("external_id", flat=True)}


def health_of(customer: Customer) -> CurrentHealth:
    return CurrentHealth.objects.get(customer=customer)


def test_the_score_is_the_weighted_mean_of_its_parts(planted: Planted, feed: dict[str, UsageRow]):
    everyone_uses(feed)
    fill(day=DAY)
    assert CurrentHealth.objects.count() >= 5
    for row in CurrentHealth.objects.all():
        exact = exact_of(parts_of(row.parts))
        assert exact is not None and row.score == round_half_up(exact, places=3)


def test_twice_changes_nothing(planted: Planted, feed: dict[str, UsageRow]):
    everyone_uses(feed)
    first = fill(day=DAY)
    before = list(CurrentHealth.objects.order_by("pk").values())
    version = open_store().snapshot("health_history").version
    assert fill(day=DAY) == {**first, "written": 0}
    assert list(CurrentHealth.objects.order_by("pk").values()) == before
    assert open_store().snapshot("health_history").version == version


def test_lost_and_merged_customers_have_no_health(planted: Planted, feed: dict[str, UsageRow]):
    everyone_uses(feed)
    fill(day=DAY)
    assert not CurrentHealth.objects.filter(customer=planted.customers[Cast.LOST]).exists()


def test_a_paused_service_is_grey_not_red(planted: Planted, feed: dict[str, UsageRow]):
    everyone_uses(feed)
    paused = planted.customers[Cast.PAUSED]
    feed[paused.external_id] = usage(DAY, month=0, quiet=30)
    fill(day=DAY)
    assert health_of(paused).band == "unknown"


def test_a_silent_feed_is_unknown_not_zero(planted: Planted, feed: dict[str, UsageRow]):
    everyone_uses(feed, DAY - timedelta(days=10))
    fill(day=DAY)
    row = health_of(planted.customers[Cast.BLOOMING])
    states = {part.measure: part.state for part in parts_of(row.parts)}
    assert states["active_days"] is State.STALE
    assert row.band == "unknown"


def test_a_band_changes_on_the_second_day(planted: Planted, feed: dict[str, UsageRow]):
    blooming = planted.customers[Cast.BLOOMING]
    bands: list[tuple[bool, str, date]] = []
    for ahead in range(4):
        day = DAY + timedelta(days=ahead)
        everyone_uses(feed, day)
        if ahead:
            feed[blooming.external_id] = usage(day, month=0, quiet=60)
        fill(day=day)
        row = health_of(blooming)
        bands.append((row.band != bands[0][1] if bands else False, row.band, row.changed_on))
    assert [changed for changed, _, _ in bands] == [False, False, True, True]
    assert bands[3][2] == DAY + timedelta(days=2)
    changed = band_changes(planted.owner, on=DAY + timedelta(days=2))
    assert [it.customer for it in changed] in ([blooming], [])  # the gate may hide it


def test_the_scorecard_explains_the_change_in_whole_points(
    planted: Planted, feed: dict[str, UsageRow]
):
    blooming = planted.customers[Cast.BLOOMING]
    everyone_uses(feed, DAY - timedelta(days=30))
    fill(day=DAY - timedelta(days=30))
    everyone_uses(feed)
    feed[blooming.external_id] = usage(DAY, month=100, people=3)
    fill(day=DAY)
    user = planted.users[blooming.owner.email] if blooming.owner else planted.owner
    card = scorecard(user, blooming)
    assert card and card.score is not None
    change = card.change
    assert change.points is not None and change.points == sum(it.points for it in change.told) < 0
    assert change.explanation.change == sum(it.effect.points for it in change.told)
    assert sum(group.points for group in card.groups) == card.score
    assert sum((group.weight_rate for group in card.groups), Fraction(0)) == 1
    assert shown_points(Fraction(str(card.health.score))) == card.score


def test_the_card_speaks_chinese_and_hides_from_others(planted: Planted, feed: dict[str, UsageRow]):
    everyone_uses(feed)
    fill(day=DAY)
    blooming = planted.customers[Cast.BLOOMING]
    assert blooming.owner
    with override("zh-hans"):
        shown = context(planted.users[blooming.owner.email], blooming, DAY)
        assert shown
        whys = [str(why) for group in shown["groups"] for why in group["why"]]
        assert "近 28 天使用 400 次，此前每 28 天 400 次" in whys
        assert "价值达成" not in {str(group["title"]) for group in shown["groups"]}
    assert context(planted.outsider, blooming, DAY) is None


def test_an_older_day_keeps_what_is_shown(planted: Planted, feed: dict[str, UsageRow]):
    everyone_uses(feed)
    fill(day=DAY)
    before = list(CurrentHealth.objects.order_by("pk").values())
    fill(day=DAY - timedelta(days=5))
    assert list(CurrentHealth.objects.order_by("pk").values()) == before


def test_what_was_recorded_later_was_not_known_then(planted: Planted, feed: dict[str, UsageRow]):
    everyone_uses(feed)
    blooming = planted.customers[Cast.BLOOMING]
    later = datetime(2026, 7, 1, tzinfo=UTC)

    def values(known: bool) -> dict[str, float]:
        cases = Cases.of([blooming.pk], [blooming.external_id], [DAY], known=known)
        read = gather(cases, ["any_touch", "overdue"])
        return {name: float(read[name].value[0]) for name in read}

    before = values(known=True)
    Touch.objects.create(
        customer=blooming, happened_at=later - timedelta(hours=9), recorded_at=later
    )
    Invoice.objects.create(
        external_id="late", customer=blooming, issued_on=date(2026, 1, 1),
        due_on=date(2026, 2, 1), amount=10, currency="CNY", recorded_at=later,
    )  # fmt: skip
    assert values(known=True) == pytest.approx(before, nan_ok=True)
    assert values(known=False) == {"any_touch": 0, "overdue": 149}

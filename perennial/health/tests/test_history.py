"""Rule 4 and rule 8: a person's own score beside the computed one; a past that nobody rewrites."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from perennial.customers.models import Customer
from perennial.demo.cast import State as Cast
from perennial.demo.plant import Planted, plant
from perennial.events.store import open_store
from perennial.health.inputs import scene
from perennial.health.jobs import fill
from perennial.health.models import CurrentHealth, Override, ProfileVersion
from perennial.health.queries import band_changes, change_of, history, judged_now, judged_on
from perennial.health.rules import Cause, Judged
from perennial.health.rules.defaults import SHIPPED
from perennial.health.rules.definition import plain
from perennial.health.tests.test_jobs import usage
from perennial.metrics.queries import UsageRow

DAY = date(2026, 6, 30)
NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
LogIn = Callable[[Any], Client]
pytestmark = pytest.mark.django_db


@pytest.fixture
def planted() -> Planted:
    return plant(end_on=DAY)


@pytest.fixture
def blooming(planted: Planted) -> Customer:
    return planted.customers[Cast.BLOOMING]


@pytest.fixture
def using(monkeypatch: pytest.MonkeyPatch, planted: Planted) -> Callable[..., None]:
    """Judge a day on which everybody uses the product, and one customer as it is told."""
    rows: dict[str, UsageRow] = {}
    monkeypatch.setattr(scene, "customer_metrics", lambda *, as_of: rows)

    def judge(day: date, **told: Any) -> None:
        rows.clear()
        for name in Customer.objects.values_list("external_id", flat=True):
            rows[name] = usage(day)
        if told:
            rows[planted.customers[Cast.BLOOMING].external_id] = usage(day, **told)
        fill(day=day)

    return judge


def kept(day: date) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = open_store().health(from_on=day, to_on=day).to_pylist()
    return rows


def one(customer: Customer, day: date) -> dict[str, Any]:
    return next(it for it in kept(day) if it["customer"] == customer.external_id)


def publish(name: str, *, at: datetime, version: int = 2, **weights: int) -> None:
    definition = plain(next(it for it in SHIPPED if it.name == name))
    for row in definition["measures"]:
        row["weight"] = weights.get(row["id"], row["weight"])
    ProfileVersion.objects.create(
        name=name, version=version, state="published", definition=definition, changed_at=at
    )


def held(customer: Customer, score: int, *, days: int = 30, at: datetime = NOON) -> Override:
    return Override.objects.create(
        customer=customer,
        score=score,
        reason="new sponsor",
        from_on=at.date(),
        until_on=at.date() + timedelta(days=days),
        recorded_at=at,
    )


def test_both_scores_are_shown_and_the_computed_one_runs_beneath(
    using: Callable[..., None], blooming: Customer
):
    using(DAY)
    override = held(blooming, 20, days=60)
    for ahead in (1, 2):
        using(DAY + timedelta(days=ahead))
    row = CurrentHealth.objects.get(customer=blooming)
    assert (row.score, row.band) == (20, "red") and row.read_band != "red"
    exact = judged_now(row).computed
    assert exact is not None and abs(20 - exact) > 30
    [stored] = [
        it for it in kept(DAY + timedelta(days=2)) if it["customer"] == blooming.external_id
    ]
    assert stored["override"] == 20 and stored["score"] == 20
    assert stored["computed"] == pytest.approx(float(exact))
    assert stored["band"] == "red" != stored["computed_band"]
    override.withdrawn_at = datetime(2026, 7, 3, 4, tzinfo=UTC)
    override.save()
    using(DAY + timedelta(days=3))
    after = CurrentHealth.objects.get(customer=blooming)
    last = one(blooming, DAY + timedelta(days=3))
    assert after.band == last["computed_band"] != "red"  # at once: it had run on beneath
    told = change_of(blooming, DAY + timedelta(days=2), DAY + timedelta(days=3))
    causes = {it.effect.cause: it.points for it in told.told}
    assert causes[Cause.OVERRIDE] > 30
    assert sum(causes.values()) == told.points


def test_an_override_ends_on_its_last_day(using: Callable[..., None], blooming: Customer):
    held(blooming, 20, days=29)  # June 1 to 30, the last day included
    using(DAY)
    assert CurrentHealth.objects.get(customer=blooming).score == 20
    using(DAY + timedelta(days=1))
    after = CurrentHealth.objects.get(customer=blooming).score
    assert after is not None and after > 50


def test_a_published_change_never_rewrites_the_past(
    using: Callable[..., None], blooming: Customer, planted: Planted
):
    using(DAY, month=100, people=3)
    before = kept(DAY)
    publish("steady", at=NOON, volume_trend=60, seat_use=0)
    publish("pre_renewal", at=NOON, volume_trend=60, seat_use=0)
    using(DAY, month=100, people=3)  # the same day again keeps its version
    assert kept(DAY) == before
    using(DAY + timedelta(days=1), month=100, people=3)
    assert kept(DAY) == before
    versions = {it["version"] for it in kept(DAY + timedelta(days=1))}
    assert versions == {1, 2} or versions == {2}
    told = change_of(blooming, DAY, DAY + timedelta(days=1))
    assert Cause.WEIGHTS in {it.effect.cause for it in told.told}
    assert sum(it.effect.points for it in told.told) == told.explanation.change


def test_the_same_day_by_another_version_keeps_both_rows(
    using: Callable[..., None], blooming: Customer
):
    using(DAY)
    store = open_store()
    table = store.health(from_on=DAY, to_on=DAY)
    other = table.set_column(
        table.schema.get_field_index("version"), "version", [[9] * table.num_rows]
    )
    store.append_health(other)
    assert {it["version"] for it in kept(DAY)} == {9}  # what stands
    with store.session() as session:
        rows = session.rows(
            "SELECT version, replaced_on, count(*) "
            f"FROM ({store.snapshot('health_history').sql()}) GROUP BY ALL ORDER BY 1"
        )
    assert rows == [(1, DAY, table.num_rows), (9, None, table.num_rows)]
    store.append_health(other)  # the same version replaces its own rows alone
    assert store.snapshot("health_history").rows == 2 * table.num_rows


def test_history_holds_every_input_and_part(using: Callable[..., None], blooming: Customer):
    using(DAY, month=120)
    _day, found = judged_on([blooming.external_id], DAY)[blooming.external_id]
    row = CurrentHealth.objects.get(customer=blooming)
    assert found == judged_now(row)
    volume = next(it for it in found.parts if it.measure == "volume_trend")
    assert (volume.value, volume.params) == (-0.7, {"count": 120, "usual": 400})
    assert volume.as_of == DAY
    assert Decimal(str(round(float(found.shown or 0), 3))) == row.score


def test_the_first_records_are_still_read():
    """A list of parts, as version 1 of the history kept them."""
    from perennial.health.record import judged

    nothing: dict[str, Any] = {"value": None, "points": None, "params": {}}
    rows = [
        {"measure": "nps", "weight": 3, "state": "present", **nothing, "value": 9, "points": 8000},
        {"measure": "gone", "weight": 1, "state": "missing", **nothing},
    ]
    found = judged(rows, profile="steady", version=1)
    assert (found.shown, [part.group for part in found.parts]) == (80, ["voice", "other"])


def test_a_change_between_any_two_days_is_on_the_page(
    using: Callable[..., None], blooming: Customer, planted: Planted, client: Client
):
    first, last = DAY - timedelta(days=40), DAY - timedelta(days=1)
    using(first)
    using(last, month=100, people=3)
    using(DAY, month=200, people=6)
    assert blooming.owner
    client.force_login(planted.users[blooming.owner.email])
    address = f"/customers/{blooming.pk}/"
    asked = {"health_since": str(first), "health_until": str(last)}
    page = client.get(address, asked, HTTP_HX_TARGET="health").content.decode()
    told = change_of(blooming, first, last)
    assert told.points is not None and told.points < -10
    assert page.startswith('<article class="crd" id="health">')
    assert f'value="{first}"' in page and f'value="{last}"' in page
    tabs = {"people_trend": "people", "seat_use": "usage", "volume_trend": "usage"}
    found = [tabs[it.part.measure] for it in told.told if it.part and it.part.measure in tabs]
    assert found
    assert all(f'href="{address}?tab={tab}"' in page for tab in found)
    assert client.get(address, {"health_since": "soon"}).status_code == 200


def test_without_a_score_on_one_day_the_page_says_so(
    using: Callable[..., None], blooming: Customer
):
    using(DAY)
    told = change_of(blooming, DAY - timedelta(days=400), DAY)
    assert (told.points, told.told, told.explanation.change) == (None, (), None)
    assert told.explanation.reason and told.explanation.reason.value == "no_score_before"
    assert len(history(blooming, from_on=DAY, to_on=DAY)) == 1


def test_five_customers_without_usage_are_grey(planted: Planted):
    Customer.objects.exclude(
        pk__in=Customer.objects.order_by("pk").values_list("pk", flat=True)[:5]
    ).update(merged_into=Customer.objects.order_by("pk").first())
    fill(day=DAY)
    assert set(CurrentHealth.objects.values_list("band", flat=True)) == {"unknown"}
    assert not band_changes(planted.owner, on=DAY)


def test_profiles_that_match_nobody_leave_everybody_grey(
    using: Callable[..., None], blooming: Customer
):
    for name in ("steady", "onboarding", "pre_renewal"):
        definition = plain(next(it for it in SHIPPED if it.name == name))
        ProfileVersion.objects.create(
            name=name,
            version=2,
            state="published",
            definition={**definition, "audience": "1;tier.in.nobody"},
            changed_at=NOON,
        )
    using(DAY)
    row = CurrentHealth.objects.get(customer=blooming)
    assert (row.score, row.band, row.profile) == (None, "unknown", "")
    assert judged_now(row) == Judged("", 0, ())


def test_a_parent_takes_the_worst_of_its_children(
    using: Callable[..., None], blooming: Customer, planted: Planted
):
    others = Customer.objects.exclude(pk=blooming.pk).filter(merged_into=None).order_by("pk")
    child, worst = [it for it in others if it.pk != planted.customers[Cast.LOST].pk][:2]
    Customer.objects.filter(pk__in=[child.pk, worst.pk]).update(parent=blooming)
    held(worst, 12)
    definition = {**plain(SHIPPED[0]), "priority": 99, "hierarchy": "worst"}
    ProfileVersion.objects.create(
        name="steady", version=2, state="published", definition=definition, changed_at=NOON
    )
    using(DAY)
    row = CurrentHealth.objects.get(customer=blooming)
    found = judged_now(row)
    assert {it.customer for it in found.children} == {child.external_id, worst.external_id}
    assert (row.score, row.band) == (12, "red")

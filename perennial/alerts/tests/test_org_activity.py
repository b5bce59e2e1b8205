"""Twenty years of real activity of 75 companies: who fell silent, and whom we would call."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from perennial.alerts import jobs as alerts_jobs
from perennial.alerts.models import Alert, Rule
from perennial.alerts.queries import long_silent, open_alerts
from perennial.alerts.wording import sentence
from perennial.customers.models import Customer
from perennial.events.load import EventFile, Format, import_events
from perennial.events.store import open_store
from perennial.health import jobs as health_jobs
from perennial.health.models import CurrentHealth
from perennial.metrics import jobs as metrics_jobs
from perennial.team.models import Role, User
from perennial.units.mapping import Source
from perennial.work import jobs as work_jobs
from perennial.work.models import WorkItem
from perennial.work.queries import queue

DAY = date(2026, 7, 23)
ZONE = ZoneInfo("Asia/Shanghai")
FILE = "org_activity_dev.parquet"


def plain_sql(query: str) -> list[str]:
    """The first column of a query on the file itself, past everything that is tested."""
    with open_store().session() as engine:
        return [str(row[0]) for row in zip(*engine.table(query).to_pydict().values(), strict=True)]


@pytest.fixture
def companies(shared_data: Path, db: None) -> Path:
    """The 75 companies and their 58,644 events, with the day's steps run for 2026-07-23."""
    path = shared_data / FILE
    names = plain_sql(f"SELECT DISTINCT account FROM '{path}'")
    at = datetime(2026, 7, 24, 1, tzinfo=UTC)
    Customer.objects.bulk_create(
        [Customer(external_id=name, name=name, recorded_at=at) for name in sorted(names)]
    )
    mapping = {
        "event": Source("event"),
        "timestamp": Source("ts"),
        "customer_id": Source("account"),
        "user_id": Source("user"),
        "received_at": Source("rcv"),
        "product": Source("product"),
    }
    result = import_events(
        EventFile(
            path,
            Format.PARQUET,
            batch=1,
            time_zone=ZONE,
            mapping=mapping,
            id_columns=("cid", "event"),
        ),
        store=open_store(),
        known_customers=pa.table({"customer": names}),
        zone=ZONE,
        at=at,
    )
    assert (result.rows, result.rejected) == (58_644, 0)
    run_day(DAY)
    return path


def run_day(day: date) -> None:
    for jobs in (metrics_jobs, health_jobs, alerts_jobs, work_jobs):
        jobs.fill(day=day)


@pytest.fixture
def admin(db: None) -> User:
    return User.objects.create(email="a@example.com", name="A", role=Role.ADMIN)


def test_companies_silent_for_a_year_are_silent_not_healthy_and_the_fallen_come_first(
    companies: Path, admin: User
):
    end = "2026-07-24 00:00:00+08"
    plain = plain_sql(
        f"SELECT account FROM '{companies}' WHERE ts < TIMESTAMPTZ '{end}' GROUP BY account "
        f"HAVING max(ts) < TIMESTAMPTZ '{end}' - INTERVAL 365 DAY"
    )
    silent = long_silent(admin, on=DAY)
    assert {alert.customer.external_id for alert in silent if alert.customer} == set(plain)
    assert len(plain) == 39
    health = CurrentHealth.objects.filter(customer__external_id__in=plain)
    assert [row.band for row in health] == ["red"] * 39

    fell = open_alerts(admin).filter(rule=Rule.USAGE_DROP)
    assert 1 <= fell.count() <= 8
    for alert in fell:
        assert alert.expected and alert.observed is not None and alert.probability is not None
        assert alert.observed < 0.7 * alert.expected
        assert sentence(alert, money=True)
    cards = queue(admin, on=DAY)
    reasons = [card.top.reason for card in cards]
    # Those that fell or are red stand before the silent; years of silence make no work.
    first_silent = reasons.index("silent")
    assert "usage_drop" in reasons[:3]
    assert set(reasons[:first_silent]) <= {"usage_drop", "low_health"}
    assert first_silent >= 6
    assert not {card.customer.external_id for card in cards} & set(plain)
    assert all(card.money_at_risk is None for card in cards)


def test_the_same_day_again_changes_nothing_and_later_days_raise_no_second_alert(
    companies: Path,
):
    def everything() -> list[object]:
        return [
            list(Alert.objects.order_by("pk").values()),
            list(CurrentHealth.objects.order_by("pk").values()),
            list(WorkItem.objects.order_by("pk").values()),
            open_store().snapshot("health_history").version,
        ]

    before = everything()
    run_day(DAY)
    assert everything() == before
    for ahead in (1, 2):
        run_day(DAY + timedelta(days=ahead))
    opened = Alert.objects.filter(resolved_on__isnull=True).values_list("customer_id", "rule")
    assert len(opened) == len(set(opened)) > 50
    after = everything()
    run_day(DAY)  # an older day changes nothing that is shown
    assert everything()[:3] == after[:3]

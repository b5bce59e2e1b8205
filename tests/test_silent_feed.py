"""A feed dies: what it would have said is unknown, from the events to Today. Others are judged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from perennial.alerts.models import Alert, Rule
from perennial.config.pipeline import run
from perennial.customers.models import Customer
from perennial.health.models import CurrentHealth
from perennial.health.queries import parts_of
from perennial.health.rules import State
from perennial.team.models import Role, User

DAY = date(2026, 6, 30)
DAYS = 140
STOPPED_DAYS = 5
NOON = datetime(2026, 6, 30, 4, tzinfo=UTC)
USAGE = {"active_days", "volume_trend", "last_seen", "people_trend"}
Command = Callable[..., Any]


def _rows(customer: str, until: date) -> list[str]:
    """Twelve events of three people on every day."""
    first = DAY - timedelta(days=DAYS)
    return [
        f"open,{first + timedelta(days=day)}T0{number % 8}:00:00Z,{customer},"
        f"{customer}-{number % 3},{customer}-{day}-{number}"
        for day in range((until - first).days + 1)
        for number in range(12)
    ]


@pytest.fixture
def home_with_two_feeds(perennial: Command, tmp_path: Path, db: None) -> None:
    for name in ("a1", "a2", "a3", "b1", "b2", "b3"):
        Customer.objects.create(external_id=name, name=name, recorded_at=NOON)
    ends = {"web": ("a", DAY - timedelta(days=STOPPED_DAYS)), "api": ("b", DAY)}
    for source, (letter, until) in ends.items():
        lines = [line for number in (1, 2, 3) for line in _rows(f"{letter}{number}", until)]
        path = tmp_path / f"{source}.csv"
        header = "event,timestamp,customer_id,user_id,message_id"
        path.write_text("\n".join([header, *lines]) + "\n")
        assert perennial("import", "events", path, "--source", source).code == 0


@pytest.mark.usefixtures("home_with_two_feeds")
def test_the_customers_of_a_dead_feed_are_unknown_and_nobody_is_alarmed(client: Client) -> None:
    run(day=DAY)
    for health in CurrentHealth.objects.select_related("customer"):
        states = {part.measure: part.state for part in parts_of(health.parts)}
        wanted = State.STALE if health.customer.external_id.startswith("a") else State.PRESENT
        assert {states[name] for name in USAGE & states.keys()} <= {wanted, State.MISSING}
        assert wanted in states.values()
    assert not Alert.objects.filter(rule__in=[Rule.USAGE_DROP, Rule.SILENT]).exists()
    user = User.objects.create(email="x@example.com", name="x", role=Role.ADMIN, language="en")
    client.force_login(user)
    note = client.get("/").context["note"]
    assert "Nothing has come from web since 2026-06-26" in note.text


@pytest.mark.usefixtures("home_with_two_feeds")
def test_the_same_silence_of_customers_alone_is_judged() -> None:
    """The counterpart: a2 and a3 go on over the same feed, so that a1's silence is its own."""
    lines = [line for name in ("a2", "a3") for line in _rows(name, DAY)]
    _import_more(lines)
    run(day=DAY)
    health = CurrentHealth.objects.get(customer__external_id="a1")
    states = {part.measure: part.state for part in parts_of(health.parts)}
    assert State.STALE not in states.values()
    assert Alert.objects.filter(rule=Rule.USAGE_DROP, customer__external_id="a1").exists()
    assert not Alert.objects.filter(customer__external_id="a2").exists()


def _import_more(lines: list[str]) -> None:
    from perennial.config import cli
    from perennial.config.home import folder

    path = folder().parent / "more.csv"
    path.write_text("\n".join(["event,timestamp,customer_id,user_id,message_id", *lines]) + "\n")
    assert cli.run(["import", "events", str(path), "--source", "web"]) == 0

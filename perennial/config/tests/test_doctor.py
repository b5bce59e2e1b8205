"""Doctor says what is wrong in whole sentences, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError

from perennial.config import database
from perennial.config.doctor import examination
from perennial.connectors.actions import import_file
from perennial.customers.models import Customer
from perennial.team.models import Role, User

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
EVENTS = "event,timestamp,customer_id\nlogin,2026-03-01T10:00:00Z,C1\n"
pytestmark = pytest.mark.django_db
Command = Callable[..., Any]


@pytest.fixture
def part(tmp_path: Path, home: Path) -> Path:
    """A file of the store, with one event in it."""
    Customer.objects.create(external_id="C1", name="C1", recorded_at=NOW)
    (tmp_path / "e.csv").write_text(EVENTS, encoding="utf-8")
    import_file("events", tmp_path / "e.csv", by=None, at=NOW)
    [found] = (home / "store" / "events").rglob("*.parquet")
    return found


def codes(outcome: Any) -> dict[str, dict[str, str]]:
    return {it["code"]: it for it in outcome.document["findings"]}


def test_a_file_of_the_store_that_is_gone_is_found(perennial: Command, part: Path):
    part.unlink()
    outcome = perennial("doctor", "--json")
    assert outcome.code == 1
    assert "backup" in codes(outcome)["store_files_gone"]["what_to_do"]


def test_a_file_of_the_store_that_cannot_be_read_is_named(perennial: Command, part: Path):
    part.write_bytes(b"nothing of the kind")
    found = codes(perennial("doctor", "--json"))
    assert part.name in found["store_unreadable"]["message"]
    assert not [it for it in found.values() if "{" in it["message"] + it["what_to_do"]]


def test_a_damaged_database_is_not_taken_for_one_that_is_away(
    perennial: Command, monkeypatch: pytest.MonkeyPatch
):
    def damaged() -> list[str]:
        raise DatabaseError("file is not a database")

    monkeypatch.setattr(database, "pending", damaged)
    found = codes(perennial("doctor", "--json"))
    assert "restore" in found["database_damaged"]["what_to_do"]
    assert "database_down" not in found


def test_a_check_that_fails_itself_says_where_the_details_are(
    perennial: Command, home: Path, monkeypatch: pytest.MonkeyPatch
):
    def broken() -> Any:
        raise ZeroDivisionError

    broken.__name__ = "feeds"
    monkeypatch.setattr(examination, "DATA", (broken,))
    found = codes(perennial("doctor", "--json"))
    assert str(home) in found["feeds_failed"]["what_to_do"]


def test_advice_alone_is_no_failure(
    perennial: Command, home: Path, monkeypatch: pytest.MonkeyPatch
):
    home.chmod(0o700)
    monkeypatch.setattr("perennial.config.doctor.installation.LITTLE_DISK_BYTES", 0)
    User.objects.create(email="a@example.com", name="A", role=Role.ADMIN)
    outcome = perennial("doctor", "--json")
    assert codes(outcome)["no_recent_backup"]["level"] == "advice"
    assert (outcome.code, outcome.document["ok"]) == (0, True)


def test_every_check_runs_on_an_empty_home(home: Path):
    assert not [it for it in examination.examine() if it.code.endswith("_failed")]


def test_a_store_that_was_left_behind_is_missed(perennial: Command, part: Path, home: Path):
    (home / "store").rename(home / "elsewhere")
    outcome = perennial("doctor", "--json")
    assert outcome.code == 1
    assert "backup" in codes(outcome)["events_gone"]["what_to_do"]


def test_one_cause_is_told_once(perennial: Command, monkeypatch: pytest.MonkeyPatch):
    def broken() -> Any:
        raise DatabaseError("file is not a database")

    broken.__name__ = "feeds"
    monkeypatch.setattr(examination, "DATA", (broken, broken))
    said = [it["message"] for it in perennial("doctor", "--json").document["findings"]]
    assert len([it for it in said if "not a database" in it]) == 1

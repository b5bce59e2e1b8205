"""A table of the user's own warehouse, imported like a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from perennial.config import cli, database
from perennial.connectors.models import Import
from perennial.events.store import open_store
from tests.postgres import Server

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TABLE = """
CREATE TABLE usage (day date, event text, n numeric, account text, at timestamptz, note jsonb);
INSERT INTO usage VALUES
    ('2025-01-05', 'login', 7, 'C1', '2025-01-05 10:00+08', '{"plan": "Pro"}'),
    ('2025-01-06', 'say "hi", =1', 2, NULL, '2025-01-06 10:00+08', NULL);
"""


@pytest.fixture(scope="module")
def address(postgres: Server) -> Iterator[str]:
    url = postgres.new_database("warehouse")
    postgres.execute("warehouse", TABLE)
    yield url


@pytest.fixture
def run(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Any]:
    """`perennial import …`: its JSON document, or that of its error."""
    monkeypatch.setattr(database, "ready", lambda: None)

    def _run(*arguments: str, code: int = 0) -> Any:
        found = cli.run(["import", *arguments, "--json"])
        told = capsys.readouterr()
        assert found == code, told
        return json.loads(told.out)

    return _run


def stored(columns: str) -> list[tuple[Any, ...]]:
    with open_store().reading("events") as session:
        return session.rows(f"SELECT {columns} FROM events ORDER BY ALL")


def test_a_table_and_a_query_are_imported_and_again_add_nothing(address: str, run: Any) -> None:
    pairs = ("--map", "value=n", "customer_id=account")
    assert run("daily", address, "--table", "public.usage", *pairs)["added"] == 2
    assert run("daily", address, "--table", "usage", *pairs)["duplicates"] == 2
    assert stored("day::VARCHAR, event, value, customer") == [
        ("2025-01-05", "login", 7, "C1"),
        ("2025-01-06", 'say "hi", =1', 2, None),
    ]
    select = "SELECT event, at AS timestamp, note AS properties FROM usage WHERE n > 5 -- mine"
    assert run("events", address, "--query", select)["added"] == 1
    [event] = [row for row in stored("kind, properties, epoch(ts)::BIGINT") if row[0] is None]
    assert event == (None, '{"plan":"Pro"}', 1736042400)
    assert Import.objects.latest("pk").file_name.endswith("/warehouse query")
    assert len(stored("event")) == 3


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--table", "nothing"), "warehouse_refused"),
        (("--query", "DELETE FROM usage RETURNING event, at AS timestamp"), "warehouse_refused"),
        (("--query", "SELECT 1; DROP TABLE usage"), "warehouse_refused"),
        (("--query", "SELECT 1) TO PROGRAM 'touch /tmp/pwned' --"), "warehouse_refused"),
        (("--query", "SELECT 1", "--table", "usage"), "table_or_query"),
        ((), "table_or_query"),
    ],
)
def test_what_is_no_select_is_refused_and_changes_nothing(
    address: str, run: Any, postgres: Server, arguments: tuple[str, ...], code: str
) -> None:
    refused = run("events", address, *arguments, code=3)
    assert refused["error"]["code"] == code
    [(rows,)] = postgres.execute("warehouse", "SELECT count(*) FROM usage")
    assert rows == 2


def test_a_password_has_no_place_in_a_command(run: Any) -> None:
    refused = run("events", "postgresql://me:secret@db.invalid/x", "--table", "t", code=3)
    assert refused["error"]["code"] == "password_in_address"
    assert "secret" not in json.dumps(refused)


def test_a_warehouse_that_does_not_answer_is_named(run: Any) -> None:
    address = "postgresql://me@127.0.0.1:1/x"
    assert (
        run("events", address, "--table", "t", code=5)["error"]["code"] == "warehouse_unreachable"
    )

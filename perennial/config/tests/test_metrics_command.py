"""`perennial metrics`: an import is seen at once, and rows are what the contract says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.django_db
Command = Callable[..., Any]
EVENTS = """\
event,timestamp,customer_id,user_id,received_at,plan
login,2026-01-05T09:00:00+08:00,acme,ann,2026-01-05T09:00:00+08:00,pro
export,2026-01-06T09:00:00+08:00,acme,bob,2026-02-01T09:00:00+08:00,free
login,2026-02-03T09:00:00+08:00,acme,=1+1,2026-02-03T09:00:00+08:00,pro
"""
MONTHS = ("--from", "2026-01", "--to", "2026-02")


@pytest.fixture
def imported(tmp_path: Path, perennial: Command) -> None:
    path = tmp_path / "events.csv"
    path.write_text(EVENTS, encoding="utf-8")
    assert perennial("import", "events", path).code == 0


def test_an_import_is_seen_at_once(imported: None, perennial: Command) -> None:
    rows = perennial("metrics", "query", "active_people", *MONTHS, "--json").document
    assert [(row["period_start"], row["customer"], row["value"]) for row in rows] == [
        ("2026-01-01", "acme", 2),
        ("2026-02-01", "acme", 1),
    ]
    assert set(rows[0]) == {
        "period_start", "period_end", "customer", "value", "coverage", "as_of", "received_by",
        "reason",
    }  # fmt: skip
    known = perennial(
        "metrics", "query", "active_people", *MONTHS, "--received-by", "2026-01-31", "--json"
    ).document
    assert [(row["value"], row["as_of"], row["received_by"]) for row in known] == [
        (1, "2026-01-31", "2026-01-31")
    ]


def test_csv_by_person_is_safe_in_a_spreadsheet(imported: None, perennial: Command) -> None:
    done = perennial("metrics", "query", "event_count", *MONTHS, "--by", "person", "--csv")
    lines = [line.split(",")[:4] for line in done.out.splitlines()]
    assert lines == [
        ["period_start", "period_end", "person", "value"],
        ["2026-01-01", "2026-01-31", "ann", "1"],
        ["2026-01-01", "2026-01-31", "bob", "1"],
        ["2026-02-01", "2026-02-28", "'=1+1", "1"],
    ]


def test_some_events_only(imported: None, perennial: Command) -> None:
    def count(*options: str) -> list[float]:
        asked = ("metrics", "query", "event_count", *MONTHS, *options, "--json")
        return [row["value"] for row in perennial(*asked).document]

    assert count("--event", "login") == [1, 1]
    assert count("--where", "plan=pro", "--event", "login") == [1, 1]
    assert count("--where", "plan=free") == [1]
    assert count("--where", "plan=free", "--where", "plan=pro") == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(("nonsense", *MONTHS), "There is no metric “nonsense”.", id="metric"),
        pytest.param(("event_count", *MONTHS, "--event", "x"), "No event or feature", id="event"),
        pytest.param(("event_count", *MONTHS, "--where", "x"), "is no condition", id="where"),
        pytest.param(
            ("event_count", "--from", "2026-02", "--to", "2026-01"), "after --to", id="order"
        ),
        pytest.param(("event_count", "--from", "soon", "--to", "2026-01"), "soon", id="date"),
        pytest.param(("seat_login_rate", *MONTHS, "--by", "person"), "by customer only", id="by"),
        pytest.param(("event_count", *MONTHS, "--window", "0"), "range", id="window"),
    ],
)
def test_wrong_questions_are_told_so(
    imported: None, perennial: Command, options: tuple[str, ...], said: str
) -> None:
    done = perennial("--lang", "en", "metrics", "query", *options)
    assert done.code == 2
    assert said in done.err


def test_days_say_what_they_are_filled_with(imported: None, perennial: Command) -> None:
    assert perennial("metrics", "list", "--fills", "--json").document == []
    done = perennial("metrics", "refill", "--from", "2026-01", "--to", "2026-01", "--json")
    assert done.document == {"days": 3, "rows": 3}  # the stale ones, too
    runs = perennial("metrics", "list", "--fills", "--json").document
    assert [(it["from_on"], it["to_on"], it["events"], it["is_fresh"]) for it in runs] == [
        ("2026-01-05", "2026-01-06", 2, True),
        ("2026-02-03", "2026-02-03", 1, True),
    ]


def test_the_catalogue_speaks_both_languages(perennial: Command) -> None:
    listed = perennial("metrics", "list", "--json").document
    assert {it["name"] for it in listed} >= {
        "event_count", "active_people", "active_days", "last_seen_on", "seat_login_rate",
        "feature_breadth", "deep_use_count", "stickiness", "usage_trend_rate", "north_star_met",
    }  # fmt: skip
    for it in listed:
        assert it["title"]["zh"] != it["title"]["en"]
        assert it["definition"]["zh"] != it["definition"]["en"]

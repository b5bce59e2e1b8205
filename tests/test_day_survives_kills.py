"""The day may be killed anywhere: run again, it ends in the same state as one that was not."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

DAY = "2026-03-31"
STEPS = ("events", "metrics", "contracts", "revenue", "health", "alerts", "work", "desk")
# After every step, and in the middle of those that report progress.
INSIDE = ("metrics", "contracts", "revenue", "health", "alerts", "work", "desk")
PLACES = [
    f"{step}:{where}"
    for step in STEPS
    for where in ("1", "after")
    if where != "1" or step in INSIDE
]
# Columns that tell when something ran and how much that run did, not what came out.
MOMENTS = {
    "counts",
    "started_at",
    "finished_at",
    "filled_at",
    "at",
    "created_at",
    "updated_at",
    "expires_at",
    "holder",
    "trained_at",
    "replayed_at",
    "customers_classification.recorded_at",  # those of a judgement: the moment of the run
    "customers_classification.closed_at",
    "work_onboarding.recorded_at",  # a way in begun by the run, what it reached and planned
    "work_milestone.recorded_at",
    "work_touchpoint.recorded_at",
    "work_workdefinition.made_at",
}
PASSING = {"team_lease", "django_migrations", "django_session", "sqlite_sequence"}


def perennial(home: Path, *arguments: str, failpoint: str = "") -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "PERENNIAL_HOME": str(home),
        "PERENNIAL_FAILPOINT": failpoint,
        "DJANGO_SETTINGS_MODULE": "perennial.config.settings",
        "LANG": "C",
    }
    return subprocess.run(
        [sys.executable, "-m", "perennial.config.cli", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def state(home: Path) -> dict[str, list[str]]:
    """Everything computed, without the moments at which it was."""
    found: dict[str, list[str]] = {}
    with closing(sqlite3.connect(home / "perennial.sqlite3")) as database:
        tables = [
            it for (it,) in database.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        for table in sorted(set(tables) - PASSING):
            columns = [it[1] for it in database.execute(f"PRAGMA table_info({table})")]
            passing = {it for it in columns if {it, f"{table}.{it}"} & MOMENTS} | {"id"}
            kept = ", ".join(f'"{it}"' for it in columns if it not in passing) or "1"
            found[table] = sorted(map(repr, database.execute(f"SELECT {kept} FROM {table}")))
    found |= {name: rows(home, name) for name in ("activity", "health_history")}
    return found


def rows(home: Path, table: str) -> list[str]:
    from deltalake import DeltaTable

    files = DeltaTable(home / "store" / table).file_uris()
    return sorted(map(repr, duckdb.read_parquet(files).fetchall()))


def import_file(home: Path, kind: str, file: Path) -> None:
    done = perennial(home, "import", kind, str(file))
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small company whose first day is computed; its orders and events came after that."""
    folder = tmp_path_factory.mktemp("killed")
    home, files = folder / "home", folder / "files"
    first = str(date.fromisoformat(DAY) - timedelta(days=2))
    made = perennial(home, "demo", "--to", str(files), "--customers", "40", "--events", "20000")
    assert made.returncode == 0, made.stderr
    for kind in ("customers", "people", "tickets", "surveys", "invoices"):
        import_file(home, kind, files / f"{kind}.csv")
    assert perennial(home, "run", "--day", first).returncode == 0
    for kind in ("orders.csv", "pauses.csv", "events.parquet"):
        import_file(home, kind.partition(".")[0], files / kind)
    return home


@pytest.fixture
def home_like(imported: Path, tmp_path: Path) -> Callable[[str], Path]:
    def copy(name: str) -> Path:
        return Path(shutil.copytree(imported, tmp_path / name))

    return copy


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_killed_anywhere_and_run_again_the_state_is_the_same(home_like: Callable[[str], Path]):
    undisturbed = home_like("undisturbed")
    assert perennial(undisturbed, "run", "--day", DAY).returncode == 0
    expected = state(undisturbed)
    assert any(expected["health_history"]) and any(expected["desk_customerfigures"])

    killed = home_like("killed")
    deaths = {it: perennial(killed, "run", "--day", DAY, failpoint=it).returncode for it in PLACES}
    assert deaths == dict.fromkeys(PLACES, 137)
    assert perennial(killed, "run", "--day", DAY).returncode == 0
    assert state(killed) == expected


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_run_twice_it_changes_nothing(home_like: Callable[[str], Path]):
    home = home_like("twice")
    assert perennial(home, "run", "--day", DAY).returncode == 0
    before, files = state(home), sorted((home / "store").rglob("*.parquet"))
    again = perennial(home, "run", "--day", DAY)
    assert "nothing new" in again.stdout
    assert state(home) == before
    assert sorted((home / "store").rglob("*.parquet")) == files

"""Killed at any point and run again: the same state as if nothing had happened."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from perennial.events.store import Store, sweep

# A process imports (or fills) and is killed when it reaches a function for the nth time.
CHILD = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo
import django
os.environ["PERENNIAL_HOME"] = sys.argv[1]
os.environ["DJANGO_SETTINGS_MODULE"] = "perennial.config.settings"
django.setup()
import pyarrow as pa
from perennial.config.database import ready
from perennial.events.load import EventFile, Format, import_events, run
from perennial.events.store import Store, open_store
from perennial.events.store.writing import Change
from perennial.metrics import jobs

def deadly(owner, name, *, after):
    real = getattr(owner, name)
    def wrapped(*args, **kwargs):
        if not after:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = real(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)
        return answer
    setattr(owner, name, wrapped)

POINTS = {
    "nowhere": lambda: None,
    "staged": lambda: deadly(run, "_write", after=False),
    "first file written": lambda: deadly(Change, "add", after=True),
    "before the commit": lambda: deadly(Store, "commit", after=False),
    "after the commit": lambda: deadly(Store, "commit", after=True),
}
task, point, path = sys.argv[2:5]
zone = ZoneInfo("Asia/Shanghai")
if task == "import":
    POINTS[point]()
    done = import_events(
        EventFile(path=Path(path), format=Format.CSV, batch=7, time_zone=zone),
        store=open_store(),
        known_customers=pa.table({"customer": pa.array([], pa.string())}),
        zone=zone,
        at=datetime(2026, 11, 1, tzinfo=UTC),
    )
    print(done.added)
else:
    ready()
    POINTS[point]()
    print(jobs.fill(day=datetime(2026, 11, 1, tzinfo=UTC).date()))
"""
POINTS = ("staged", "first file written", "before the commit", "after the commit")


def child(home: Path, task: str, point: str, path: Path) -> int:
    """Run the child; its return code (−9 when it was killed)."""
    command = [sys.executable, "-c", CHILD, str(home), task, point, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, -9), done.stderr
    return done.returncode


def contents(home: Path, table: str) -> list[tuple[object, ...]]:
    """All of a table but moments' own type."""
    moments = "EXCLUDE (ts, received_at)" if table == "events" else ""
    with Store(home / "store").reading(table) as session:
        return session.rows(f"SELECT * {moments} FROM {table} ORDER BY ALL")


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files") / "events.csv"
    rows = [f"a,2026-0{month}-0{day},c{day}" for month in (3, 4, 5) for day in (1, 2, 3)]
    path.write_text("event,timestamp,customer_id\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, events: Path) -> Path:
    """The home in which nothing was killed."""
    home = tmp_path_factory.mktemp("whole")
    assert child(home, "import", "nowhere", events) == 0
    assert child(home, "fill", "nowhere", events) == 0
    return home


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_an_import_killed_and_run_again_ends_in_the_same_state(
    home: Path, events: Path, whole: Path, point: str
) -> None:
    assert child(home, "import", point, events) == -9
    assert contents(home, "events") in ([], contents(whole, "events"))  # never half
    assert child(home, "import", "nowhere", events) == 0
    assert contents(home, "events") == contents(whole, "events")
    store = Store(home / "store")
    sweep(store, keep_hours=0)
    assert len(list((store.path / "events").glob("*/*.parquet"))) == 3
    assert [it.name for it in store.scratch.iterdir() if it.name.startswith("import")] == []


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS[1:])
def test_a_fill_killed_and_run_again_ends_in_the_same_state(
    home: Path, events: Path, whole: Path, point: str
) -> None:
    shutil.copytree(whole, home, dirs_exist_ok=True)
    shutil.rmtree(home / "store" / "activity")
    assert child(home, "fill", point, events) == -9
    assert contents(home, "activity") in ([], contents(whole, "activity"))
    assert child(home, "fill", "nowhere", events) == 0
    assert contents(home, "activity") == contents(whole, "activity")
    assert len(contents(whole, "activity")) == 9

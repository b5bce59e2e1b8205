"""Nothing is half imported: processes are killed in the middle, and imported again."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
ROWS = 5_000
# Kills itself where it hurts most: inside the transaction, before or after the store's commit.
KILLED = """
import os, signal, sys
import django
django.setup()
import perennial.connectors.{module} as module
def die(*_arguments, **_options): os.kill(os.getpid(), signal.SIGKILL)
module.{function} = die
from perennial.config.cli import run
sys.exit(run(sys.argv[1:]))
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return os.environ | {
        "PERENNIAL_HOME": str(tmp_path / "killed"),
        "DJANGO_SETTINGS_MODULE": "perennial.config.settings",
        "PERENNIAL_DATABASE_URL": "",
        "LANG": "en",
    }


def perennial(environment: dict[str, str], *arguments: str) -> dict[str, object]:
    code = "import sys; from perennial.config.cli import run; sys.exit(run(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments, "--json"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said: dict[str, object] = json.loads(done.stdout)
    return said


def kill(environment: dict[str, str], where: str, *arguments: str) -> None:
    module, function = where.split(".")
    code = KILLED.format(module=module, function=function)
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], env=environment, capture_output=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


def states(environment: dict[str, str]) -> list[str]:
    with sqlite3.connect(Path(environment["PERENNIAL_HOME"]) / "perennial.sqlite3") as database:
        found = database.execute("SELECT state FROM connectors_import ORDER BY id").fetchall()
    database.close()
    return [state for (state,) in found]


def rows(environment: dict[str, str], kind: str, folder: Path) -> object:
    said: Any = perennial(environment, "export", kind, "--to", str(folder / "out"))
    return said["files"][0]["rows"]


def test_a_killed_import_of_customers_leaves_nothing(environment, tmp_path):
    path = tmp_path / "customers.csv"
    path.write_text("external_id,name\n" + "".join(f"C{n},N{n}\n" for n in range(ROWS)))
    kill(environment, "loading.finish", "import", "customers", str(path))
    assert rows(environment, "customers", tmp_path) == 0
    assert states(environment) == []
    assert perennial(environment, "import", "customers", str(path))["added"] == ROWS
    assert rows(environment, "customers", tmp_path) == ROWS


@pytest.mark.parametrize(
    ("where", "kept", "state", "added"),
    [
        pytest.param("events.import_events", 0, "interrupted", ROWS, id="before the commit"),
        pytest.param("events.finish", ROWS, "done", 0, id="after the commit"),
    ],
)
def test_a_killed_import_of_events_is_known_for_what_it_was(
    environment, tmp_path, where, kept, state, added
):
    path = tmp_path / "events.csv"
    lines = (f"login,2024-01-{n % 28 + 1:02},C1,{n}\n" for n in range(ROWS))
    path.write_text("event,timestamp,customer_id,message_id\n" + "".join(lines))
    kill(environment, where, "import", "events", str(path))
    assert states(environment) == ["running"]
    assert rows(environment, "events", tmp_path) == kept
    assert perennial(environment, "import", "events", str(path))["added"] == added
    assert states(environment) == [state, "done"]
    assert rows(environment, "events", tmp_path) == ROWS

"""An enrolment that is killed in the middle goes on where it was: nobody twice, nobody left."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

CUSTOMERS = 3000
# Lays out an enrolment of everybody, or goes on with what waits, as the worker does.
SCRIPT = f"""
import django; django.setup()
from datetime import UTC, datetime
from perennial.config import database; database.ready()
from perennial.customers.models import Customer
from perennial.team.models import Role, User
from perennial.work.playbooks.actions import enrol, run_waiting
at = datetime.now(UTC)
if not User.objects.exists():
    by = User.objects.create(email="a@example.com", name="A", role=Role.ADMIN)
    Customer.objects.bulk_create(
        Customer(external_id=f"c{{n}}", name=f"c{{n}}", recorded_at=at) for n in range({CUSTOMERS})
    )
    enrol("detractor", customers=list(Customer.objects.values_list("pk", flat=True)), by=by, at=at)
else:
    run_waiting(at=at)
"""


def started(home: Path) -> subprocess.Popen[str]:
    environment = os.environ | {
        "PERENNIAL_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "perennial.config.settings",
        "LANG": "C",
    }
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT], env=environment, stderr=subprocess.PIPE, text=True
    )


def finished(home: Path) -> None:
    process = started(home)
    _out, told = process.communicate()
    assert process.returncode == 0, told


def asked(home: Path, sql: str) -> int:
    with closing(sqlite3.connect(home / "perennial.sqlite3", timeout=60)) as database:
        found: int = database.execute(sql).fetchone()[0]
        return found


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_three_times_it_enrols_everybody_once(tmp_path: Path):
    home = tmp_path / "home"
    finished(home)
    seen = 0
    for _ in range(3):
        process = started(home)
        while asked(home, "SELECT count(*) FROM work_run") == seen and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        done = asked(home, "SELECT done FROM work_enrolment")
        seen = asked(home, "SELECT count(*) FROM work_run")
        assert 0 < seen == done < CUSTOMERS  # whole portions, and the list knows them
    finished(home)
    assert asked(home, "SELECT count(*) FROM work_run") == CUSTOMERS
    assert asked(home, "SELECT count(DISTINCT customer_id) FROM work_run") == CUSTOMERS
    assert asked(home, "SELECT count(*) FROM work_workitem") == CUSTOMERS
    assert asked(home, "SELECT count(*) FROM work_enrolment WHERE state = 'done'") == 1

"""What writes to the database is also run on a PostgreSQL that the test starts itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.postgres import Server

ROOT = Path(__file__).parents[1]
# Tests whose file is named so touch the database in ways that differ between the two.
NAMES = ("models", "actions", "queries", "import", "lock", "lease", "backup", "pipeline", "jobs")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_models_actions_queries_imports_and_locks_work_on_postgresql(postgres: Server):
    chosen = [
        str(file.relative_to(ROOT))
        for file in sorted((ROOT / "perennial").rglob("tests/**/test_*.py"))
        if any(name in file.name for name in NAMES)
    ]
    outcome = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "not browser", "-p", "no:xdist", *chosen],
        cwd=ROOT,
        env=os.environ | {"PERENNIAL_DATABASE_URL": postgres.url()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout[-20_000:] + outcome.stderr[-5_000:]
    assert " passed" in outcome.stdout

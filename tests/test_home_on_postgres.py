"""A home whose database is PostgreSQL, through its whole life, from the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import Server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
RUN = [sys.executable, "-m", "perennial.config.cli"]
DAY = "2026-03-31"


class Home:
    """A folder and a database of its own."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.environment = os.environ | {
            "PERENNIAL_HOME": str(folder),
            "PERENNIAL_DATABASE_URL": database_url,
            "DJANGO_SETTINGS_MODULE": "perennial.config.settings",
            "LANG": "C",
        }

    def __call__(self, *arguments: object, code: int = 0) -> Any:
        done = subprocess.run(
            [*RUN, *map(str, arguments), "--json"],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return json.loads(done.stdout)

    def today(self) -> str:
        """The Today page, as a fresh administrator sees it in a browser."""
        server = subprocess.Popen(
            [*RUN, "serve", "--port", "0", "--json"],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            assert server.stdout is not None
            address = json.loads(server.stdout.readline())["address"]
            link = self("users", "link", "chief@example.com")["link"]
            visitor = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
            visitor.addheaders = [("Accept-Language", "en")]
            path = link.partition("/link/")[2]
            with visitor.open(f"{address}/link/{path}", timeout=20):
                pass
            with visitor.open(f"{address}/", timeout=20) as answer:
                page: str = answer.read().decode()
            server.terminate()
            assert server.wait(30) == 0
        finally:
            server.kill()
            server.communicate()
        return page


def test_a_home_on_postgresql_lives_and_moves_into_another_database(
    postgres: Server, tmp_path: Path
):
    home = Home(tmp_path / "home", postgres.new_database("first"))
    files = tmp_path / "files"
    home("users", "add", "chief@example.com", "--role", "admin")
    home("demo", "--to", files, "--customers", "12", "--events", "3000")
    for kind in ("customers", "people", "orders", "tickets"):
        home("import", kind, files / f"{kind}.csv")
    home("import", "events", files / "events.parquet")
    [run] = home("run")["days"]
    assert run["counts"]["health"]["customers"]
    moved = Home(tmp_path / "moved", postgres.new_database("second"))
    postgres.execute("second", "CREATE TABLE somebody_elses (id integer)")
    postgres.execute("first", "CREATE TABLE left_by_somebody (id integer)")
    home("backup", tmp_path / "backup.tar.gz")
    moved("restore", tmp_path / "backup.tar.gz")
    [again] = moved("run")["days"]
    assert again["nothing_new"]
    assert all(it["level"] == "advice" for it in moved("doctor")["findings"])
    moved("users", "add", "later@example.com", "--role", "viewer")  # numbers go on
    assert len(moved("users", "list")["users"]) == len(home("users", "list")["users"]) + 1
    said = moved("restore", tmp_path / "backup.tar.gz", code=3)["error"]
    assert said["code"] == "home_not_empty"
    moved("restore", tmp_path / "backup.tar.gz", "--force")
    assert moved("users", "list") == home("users", "list")
    assert postgres.execute("second", "SELECT count(*) FROM somebody_elses") == [(0,)]
    assert "<title>Today" in moved.today()


def test_two_runs_at_once_compute_the_day_once(postgres: Server, tmp_path: Path):
    home = Home(tmp_path / "home", postgres.new_database("third"))
    customers = tmp_path / "customers.csv"
    customers.write_text("external_id,name\nC1,One\n", encoding="utf-8")
    home("import", "customers", customers)
    with ThreadPoolExecutor(2) as both:
        said = list(both.map(lambda _: home("run", "--day", DAY), range(2)))
    assert sorted(it["days"][0]["nothing_new"] for it in said) == [False, True]

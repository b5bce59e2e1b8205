"""A new database is what all the migrations would have made of it."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

SETTINGS = "perennial.config.settings"


def shape(file: Path) -> dict[str, list[str]]:
    """Columns, references, indexes, constraints and what was applied, in any order."""
    found: dict[str, list[str]] = {}
    with closing(sqlite3.connect(file)) as database:
        ask = database.execute
        tables = ask("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
        for table, sql in tables:
            if table.startswith("sqlite_"):
                continue
            indexes = [(it[1], *it[2:]) for it in ask(f"PRAGMA index_list({table})")]
            found[table] = sorted(
                [
                    *(repr(it[1:]) for it in ask(f"PRAGMA table_info({table})")),
                    *(repr(it[2:]) for it in ask(f"PRAGMA foreign_key_list({table})")),
                    *(re.findall(r'CONSTRAINT "(\w+)"', sql)),
                    *(
                        repr((*it[1:], [row[2] for row in ask(f"PRAGMA index_info('{it[0]}')")]))
                        for it in indexes
                    ),
                ]
            )
        made = ask("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL")
        found["indexes"] = sorted(sql for (sql,) in made)
        found["applied"] = sorted(map(repr, ask("SELECT app, name FROM django_migrations")))
    return found


@pytest.mark.slow
def test_tables_made_at_once_are_those_of_all_the_migrations(tmp_path: Path):
    files = []
    for name, command in (
        ("once", ["-m", "perennial.config.cli", "users", "list"]),
        ("history", ["-m", "django", "migrate", "-v0"]),
    ):
        home = tmp_path / name
        home.mkdir()
        settings = {"PERENNIAL_HOME": str(home), "DJANGO_SETTINGS_MODULE": SETTINGS}
        subprocess.run([sys.executable, *command], env=os.environ | settings, check=True)
        files.append(home / "perennial.sqlite3")
    once, history = map(shape, files)
    assert len(once) > 100 and once == history

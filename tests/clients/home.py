"""A home with a real server, which may be killed and come back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from deltalake import DeltaTable

RUN = [sys.executable, "-m", "perennial.config.cli"]


@dataclass(slots=True)
class Home:
    """`keys` are write keys: one of a browser source, one of a server source."""

    path: Path
    port: int
    keys: dict[str, str] = field(default_factory=dict)
    server: subprocess.Popen[str] | None = None

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "PERENNIAL_HOME": str(self.path),
            "PERENNIAL_DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "perennial.config.settings",
            "LANG": "C",
        }

    def run(self, *arguments: object) -> Any:
        done = subprocess.run(
            [*RUN, *map(str, arguments), "--json"],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def start(self) -> None:
        self.server = subprocess.Popen(
            [*RUN, "serve", "--port", str(self.port), "--json"],
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.server.stdout is not None
        json.loads(self.server.stdout.readline())

    def stop(self, how: signal.Signals) -> None:
        """The server and what it started end; a kill asks nobody."""
        assert self.server is not None
        if how is signal.SIGKILL:
            os.killpg(self.server.pid, how)
        else:
            self.server.send_signal(how)
        self.server.wait(60)
        assert self.server.stdout is not None
        self.server.stdout.close()

    def events(self) -> list[dict[str, Any]]:
        """What the store holds, as it is known now."""
        if not (self.path / "store" / "events" / "_delta_log").exists():
            return []
        files = DeltaTable(self.path / "store" / "events").file_uris()
        if not files:
            return []
        found = duckdb.sql(
            "SELECT kind, event, customer, person, epoch_us(ts) AS us, properties, message_id "
            "FROM read_parquet($1) WHERE replaced_on IS NULL",
            params=[files],
        )
        assert found is not None
        rows: list[dict[str, Any]] = found.to_arrow_table().to_pylist()
        for row in rows:
            row["ts"] = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=row.pop("us"))
        return rows

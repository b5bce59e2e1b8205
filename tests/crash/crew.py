"""The processes of one home: the intake, the loader, the day beside them, and four clients."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RUN = [sys.executable, "-m", "perennial.config.cli"]
CLIENTS = ("ann", "ben", "cem", "dai")
PATIENCE_SECONDS = 120.0
IMPORT_SECONDS = 1.0  # of the processor, before the day does anything


@dataclass(slots=True)
class Member:
    """A process of the crew; `failpoint` is where it will die by itself."""

    process: subprocess.Popen[bytes]
    started_at: float
    acked_before: int
    failpoint: str = ""


@dataclass(slots=True)
class Crew:
    home: Path
    port: int = 0
    key: str = ""
    notes: Path = Path()  # where the clients write down what they sent and what was acknowledged
    extra: dict[str, str] = field(default_factory=dict)  # of the environment
    members: dict[str, Member] = field(default_factory=dict)
    clients: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def inbox(self) -> Path:
        return self.home / "inbox"

    def environment(self, failpoint: str = "") -> dict[str, str]:
        return os.environ | {
            "PERENNIAL_HOME": str(self.home),
            "PERENNIAL_DATABASE_URL": "",
            "PERENNIAL_FAILPOINT": failpoint,
            "DJANGO_SETTINGS_MODULE": "perennial.config.settings",
            "LANG": "C",
            **self.extra,
        }

    def ask(self, *arguments: object, fine: tuple[int, ...] = (0,)) -> Any:
        """What a command says as its document."""
        done = subprocess.run(
            [*RUN, *map(str, arguments), "--json"],
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in fine, done.stdout + done.stderr
        return json.loads(done.stdout)

    def settle(self, customers: int, *, notes: Path | None = None) -> None:
        """A home with customers and one source of events."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.notes = notes or self.home / "clients"
        self.notes.mkdir()
        rows = "".join(f"C{n},Customer {n}\n" for n in range(1, customers + 1))
        (self.notes / "customers.csv").write_text("external_id,name\n" + rows)
        self.ask("import", "customers", self.notes / "customers.csv")
        self.key = self.ask("sources", "add", "web", "--kind", "server")["key"]
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    def start(self, name: str, *, failpoint: str = "") -> None:
        arguments = {
            "intake": ["serve", "--port", str(self.port), "--no-worker"],
            "loader": ["worker"],
            "day": ["run", "--day", f"{datetime.now(UTC):%Y-%m-%d}"],
        }[name]
        log = (self.notes / f"{name}.log").open("ab")
        with log:
            process = subprocess.Popen(
                [*RUN, *arguments],
                env=self.environment(failpoint),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.members[name] = Member(process, time.time(), self.acked_bytes(), failpoint)

    def send(self, seed: str) -> None:
        """The four clients begin."""
        for name in CLIENTS:
            words = [str(self.port), self.key, name, f"{seed}-{name}", str(self.notes)]
            self.clients.append(
                subprocess.Popen([sys.executable, "-m", "tests.crash.client", *words])
            )

    def kill(self, name: str) -> None:
        process = self.members[name].process
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()

    def is_at_work(self, name: str) -> bool:
        """The intake has acknowledged, the loader loaded since its start; the day is computing."""
        member = self.members[name]
        if name == "intake":
            return self.acked_bytes() > member.acked_before
        if name == "loader":
            state = self.inbox / "loader.json"
            return state.exists() and state.stat().st_mtime > member.started_at
        return _cpu_seconds(member.process.pid) > IMPORT_SECONDS

    def acked_bytes(self) -> int:
        return sum(path.stat().st_size for path in self.notes.glob("acked-*"))

    def rest(self) -> None:
        """The clients end; all the rest ends in peace, the loader when nothing waits."""
        for client in self.clients:
            client.send_signal(signal.SIGTERM)
        for client in self.clients:
            assert client.wait(PATIENCE_SECONDS) == 0, "a client was answered with neither 200, 503"
        self.clients.clear()
        self.end("intake")
        until = time.monotonic() + PATIENCE_SECONDS
        while self.is_waiting():
            if self.members["loader"].process.poll() is not None:
                self.start("loader")
            assert time.monotonic() < until, "the loader does not get on"
            time.sleep(0.2)
        self.end("loader")
        assert self.members["day"].process.wait(PATIENCE_SECONDS) == 0, "the day failed: day.log"

    def is_waiting(self) -> bool:
        return any(
            path.suffix in {".open", ".sealed"} or path.name == "loading.json"
            for path in self.inbox.glob("*")
        )

    def end(self, name: str) -> None:
        process = self.members[name].process
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE_SECONDS)

    def kill_all(self) -> None:
        """Whatever is left, when the test ends for any reason."""
        left = [member.process for member in self.members.values()] + self.clients
        for process in left:
            if process.poll() is None:
                process.kill()
                process.wait()


def _cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

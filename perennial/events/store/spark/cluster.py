"""A small Spark cluster of our own: a master and workers on this machine, on loopback only.

For trying Spark and for tests. Its processes end with ours, however that ends.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from perennial.events.store.spark.faults import did_not_start

LOOPBACK = "127.0.0.1"
WORKER_MEMORY = "1g"
START_SECONDS = 60
# Bash ends a process when the pipe from us closes, also when we are killed.
_ENDING_WITH_US = '"$@" & read -r _; kill $!'
# Small questions are over before Java's second compiler pays.
_SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
_QUIET = """\
rootLogger.level = warn
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %d %p %c: %m%n%ex
"""


@dataclass(slots=True)
class Cluster:
    """A standalone master and its workers; `address` is what an application connects to.

    `configuration` is the folder that applications must be started with: it holds the secret
    that all sides share, so that other users of this machine are refused.
    """

    folder: Path
    log: Path
    workers: int = 2
    port: int = 0
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"spark://{LOOPBACK}:{self.port}"

    @property
    def configuration(self) -> Path:
        return self.folder / "conf"

    def start(self, *, spark_home: Path) -> None:
        """Return when the master answers; workers join within a few seconds."""
        self.configuration.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.configuration / "log4j2.properties").write_text(_QUIET, encoding="ascii")
        defaults = self.configuration / "spark-defaults.conf"
        defaults.touch(mode=0o600)
        defaults.write_text(
            "spark.authenticate true\n"
            f"spark.authenticate.secret {secrets.token_hex(16)}\n"
            "spark.network.crypto.enabled true\n"
            "spark.ui.killEnabled false\n"
            f"spark.driver.extraJavaOptions {_SHORT_LIVED}\n"
            f"spark.executor.extraJavaOptions {_SHORT_LIVED}\n",
            encoding="ascii",
        )
        self.port = _free_port()
        self._launch(spark_home, "master.Master", ["--port", str(self.port)])
        self._wait()
        for number in range(self.workers):
            place = self.folder / f"worker-{number}"
            options = ["--cores", "1", "--memory", WORKER_MEMORY, "--work-dir", str(place)]
            self._launch(spark_home, "worker.Worker", [*options, self.address])

    def stop(self) -> None:
        for process in reversed(self._processes):
            assert process.stdin is not None
            process.stdin.close()
        for process in self._processes:
            process.wait()
        self._processes.clear()

    def _launch(self, spark_home: Path, kind: str, options: list[str]) -> None:
        command = [str(spark_home / "bin" / "spark-class"), f"org.apache.spark.deploy.{kind}"]
        listening = ["--host", LOOPBACK, "--webui-port", "0"]
        with self.log.open("ab") as log:
            self._processes.append(
                subprocess.Popen(  # noqa: S603 - our own words only
                    ["/bin/sh", "-c", _ENDING_WITH_US, "sh", *command, *listening, *options],
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    env=os.environ
                    | {
                        "SPARK_HOME": str(spark_home),
                        "SPARK_CONF_DIR": str(self.configuration),
                        "SPARK_LOCAL_IP": LOOPBACK,
                        "SPARK_LOCAL_DIRS": str(self.folder),
                        "SPARK_DAEMON_MEMORY": "256m",
                        "SPARK_DAEMON_JAVA_OPTS": _SHORT_LIVED,
                    },
                    start_new_session=True,  # Ctrl-C is for us
                )
            )

    def _wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if answers(LOOPBACK, self.port):
                return
            time.sleep(0.2)
        raise did_not_start(self.log)


def answers(host: str, port: int, *, seconds: float = 3) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection((host, port), timeout=seconds).close()
    except OSError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((LOOPBACK, 0))
        return int(found.getsockname()[1])

"""The connection to Spark: one application per process, started when it is first needed."""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from perennial.events.store.spark import faults
from perennial.events.store.spark.cluster import LOOPBACK, WORKER_MEMORY, Cluster, answers

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LOCAL_CLUSTER = "local-cluster"
LEAST_JAVA = 17
LOG_BYTES = 5_000_000
_QUIET = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
# Unless SPARK_CONF_DIR names a folder with an administrator's own.
_SIZES = {
    "spark.driver.memory": "1g",
    "spark.driver.maxResultSize": "512m",
    "spark.executor.memory": WORKER_MEMORY,
    "spark.sql.shuffle.partitions": "16",
}
# Between questions workers are given back, so that several processes can share a cluster.
_SHARING = {
    "spark.dynamicAllocation.enabled": "true",
    "spark.dynamicAllocation.shuffleTracking.enabled": "true",
    "spark.dynamicAllocation.executorIdleTimeout": "20s",
}


@dataclass(slots=True)
class Connection:
    """A running application; `log` has what Java says."""

    session: SparkSession
    log: Path
    address: str

    @property
    def is_alive(self) -> bool:
        try:
            return not self.session.sparkContext._jsc.sc().isStopped()
        except Exception:  # Java is gone, or was told to go
            return False

    def stop(self) -> None:
        """End the application and its Java."""
        with contextlib.suppress(Exception):
            gateway = self.session.sparkContext._gateway
            self.session.stop()
            gateway.shutdown()
            gateway.proc.stdin.close()  # Java ends with it


def check(engine: str) -> None:
    """Raise an EnvironmentFault when Spark cannot be reached; starts nothing."""
    if importlib.util.find_spec("pyspark") is None:
        raise faults.not_installed()
    if _java_version() < LEAST_JAVA:
        raise faults.no_java()
    if engine != LOCAL_CLUSTER and _reached(engine) is None:
        raise faults.no_master(engine)


_starting = threading.Lock()
_made: dict[tuple[str, int], Connection] = {}


def connection(engine: str, *, scratch: Path, log: Path) -> Connection:
    """The connection of this process to `spark://host:port`, or to a cluster of its own.

    One that has ended (the master went away, Java was killed) is made anew.
    """
    with _starting:
        key = engine, os.getpid()
        if key not in _made or not _made[key].is_alive:
            check(engine)
            for other in _made.values():
                other.stop()
            _made.clear()
            _made[key] = _connect(engine, scratch, log)
        return _made[key]


def _connect(engine: str, scratch: Path, log: Path) -> Connection:
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.unlink()
    if engine == LOCAL_CLUSTER:
        cluster = _own_cluster(scratch / f"spark-{os.getpid()}", log)
        address, here, sizes = cluster.address, LOOPBACK, _SIZES
        environment = {"SPARK_CONF_DIR": str(cluster.configuration)}
    else:
        address, here, environment = engine, _reached(engine) or LOOPBACK, {}
        sizes = {} if "SPARK_CONF_DIR" in os.environ else _SIZES | _SHARING
    listening = {"spark.driver.host": here, "spark.driver.bindAddress": here}
    with _environment(environment), log.open("ab") as said:
        session = _start(address, _QUIET | sizes | listening, said.fileno(), log)
    return Connection(session, log, address)


def _start(address: str, settings: dict[str, str], output: int, log: Path) -> SparkSession:
    """Java in a process of its own; all that it says goes to the log."""
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkException
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    # The Java of a former connection, ended by now, would be asked for this one's settings.
    SparkContext._gateway = SparkContext._jvm = None
    conf = SparkConf(loadDefaults=False).setMaster(address).setAppName("Perennial")
    conf.setAll(list(settings.items()))
    try:
        with faults.named(log), _own_interrupts():
            gateway = launch_gateway(conf, {"stdout": output, "stderr": output})
            context = SparkContext(gateway=gateway, conf=conf)
            return SparkSession(context)
    except PySparkException as error:
        raise faults.did_not_start(log) from error


def _own_cluster(folder: Path, log: Path) -> Cluster:
    import pyspark

    spark_home = Path(pyspark.__file__).parent
    cluster = Cluster(folder, log)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(cluster.stop)
    cluster.start(spark_home=spark_home)
    return cluster


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Java is told its folders by the environment alone."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _own_interrupts() -> Iterator[None]:
    """PySpark takes over Ctrl-C when it starts in the main thread; we keep it."""
    handler = signal.getsignal(signal.SIGINT)
    yield
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, handler)


def _reached(engine: str) -> str | None:
    """Our own address as the first master that answers sees it; None when none does.

    Only this one address listens to the workers. Several masters stand as `spark://a:1,b:2`.
    """
    for place in engine.removeprefix("spark://").split(","):
        host, _, port = place.rpartition(":")
        if port.isdigit() and answers(host.strip("[]"), int(port)):
            with socket.create_connection((host.strip("[]"), int(port)), timeout=3) as reached:
                return str(reached.getsockname()[0])
    return None


@lru_cache(maxsize=1)
def _java_version() -> int:
    """The major version of the Java that Spark will use; 0 without one."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if java is None or not Path(java).exists():
        return 0
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = re.search(r'version "(\d+)', said.stderr)
    return int(found[1]) if found else 0

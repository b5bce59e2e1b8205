"""What can go wrong with Spark, each as one sentence that says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from perennial.units.errors import EnvironmentFault
from perennial.units.sentence import sentence


def not_installed() -> EnvironmentFault:
    return EnvironmentFault(
        sentence("PERENNIAL_ENGINE asks for Spark, which is not installed: run `make spark`."),
        code="spark_not_installed",
    )


def no_java() -> EnvironmentFault:
    return EnvironmentFault(
        sentence(
            "Spark needs Java 17 or newer, which is not here. "
            "On Debian and Ubuntu: apt install openjdk-17-jre-headless"
        ),
        code="java_missing",
    )


def no_master(address: str) -> EnvironmentFault:
    return EnvironmentFault(
        sentence(
            "No Spark master answers at {address}. Start it, or unset PERENNIAL_ENGINE to use "
            "the embedded engine."
        ),
        code="spark_unreachable",
        params={"address": address},
    )


def no_workers(address: str) -> EnvironmentFault:
    return EnvironmentFault(
        sentence(
            "The Spark master at {address} has no free worker. Start one more, or end another "
            "application."
        ),
        code="spark_no_workers",
        params={"address": address},
    )


def did_not_start(log: Path) -> EnvironmentFault:
    return EnvironmentFault(
        sentence("Spark did not start. The details are in {path}."),
        code="spark_not_started",
        params={"path": str(log)},
    )


@contextmanager
def named(log: Path) -> Iterator[None]:
    """Turn the errors of Spark and of the bridge to it into ours; to be used with Spark only."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError, ConnectionError, EOFError) as error:
        with suppress(OSError), log.open("a", encoding="utf-8") as file:
            file.write(f"{error}\n")
        raise _name(str(error), log) from error


def _name(text: str, log: Path) -> EnvironmentFault:
    if "PATH_NOT_FOUND" in text or "FileNotFound" in text or "FILE_NOT_EXIST" in text:
        return EnvironmentFault(
            sentence(
                "Spark's workers do not see the files of the home. It must be on a disk that "
                "all machines share, under the same path."
            ),
            code="spark_files_unseen",
        )
    return EnvironmentFault(
        sentence("Spark stopped. The details are in {path}."),
        code="engine",
        params={"path": str(log)},
    )

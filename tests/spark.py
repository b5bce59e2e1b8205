"""A Spark cluster of the tests' own: a real master and two workers, as `make spark` brings them."""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from perennial.events.store.spark.cluster import Cluster


def missing() -> str:
    """What this machine lacks, and how to get it; empty when Spark can run."""
    if importlib.util.find_spec("pyspark") is None:
        return "no Spark found: make spark"
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        return "no Java found: install openjdk-17-jre-headless"
    return ""


# Hundreds of small questions: what Spark does to make long ones fast would cost most of the time.
_SMALL_QUESTIONS = """
spark.sql.adaptive.enabled false
spark.sql.codegen.wholeStage false
spark.sql.codegen.factoryMode NO_CODEGEN
spark.sql.files.minPartitionNum 1
spark.sql.shuffle.partitions 1
spark.ui.enabled false
spark.cores.max 2
"""


@contextmanager
def running() -> Iterator[str]:
    """The address of the master: `spark://127.0.0.1:…`."""
    import pyspark

    folder = Path(tempfile.mkdtemp(prefix="perennial-spark-"))
    cluster = Cluster(folder, folder / "cluster.log")
    cluster.start(spark_home=Path(pyspark.__file__).parent)
    with (cluster.configuration / "spark-defaults.conf").open("a", encoding="ascii") as defaults:
        defaults.write(_SMALL_QUESTIONS)
    os.environ["SPARK_CONF_DIR"] = str(cluster.configuration)  # with the secret of its own
    try:
        yield cluster.address
    finally:
        del os.environ["SPARK_CONF_DIR"]
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)

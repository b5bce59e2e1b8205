"""Spark reads the store as the embedded engine does: old files, odd paths, every function."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from perennial.events.store import Fresh, answer, open_store
from perennial.events.store.functions import bit_at, bit_count, bit_or, property_text
from perennial.events.store.spark import session
from perennial.events.store.tables import EVENTS, TABLES, Table
from perennial.units.errors import EnvironmentFault, ExitCode

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),  # PySpark leaves them to the
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),  # collector
]

DOCUMENTS = [
    None,
    "",
    "null",
    "5",
    '"a"',
    '[{"a": 1}]',
    "{}",
    '{"a": "文本 ☃ \\u00e9 \\"q\\" \\n"}',
    '{"a": null}',
    '{"a": true, "b": 1, "c": 1.5, "d": -0.0, "e": 12345678901234567890}',
    '{"a": {"b": {"c": "deep"}}, "a.b": "dotted", "a/b": "slashed", "a~b": "tilde"}',
    '{"$current_url": "https://x.example/?a=1", "with \\"quotes\\"": "q", "it\'s": "s", "": "e"}',
    '{"a": [1, "two", null], "文": "名"}',
]
NAMES = [
    *("a", "b", "c", "d", "e", "a.b", "a/b", "a~b", "$current_url", 'with "quotes"', "it's"),
    *("", "文", "absent", "$", "/", "0"),
]


@pytest.fixture
def both(spark: str, settings: Any) -> Iterator[Callable[..., tuple[pa.Table, pa.Table]]]:
    """The answers of the embedded engine and of Spark, in the order of all their columns."""

    def ask(expression: ir.Table, **options: Any) -> tuple[pa.Table, pa.Table]:
        answers = []
        for engine in ("duckdb", spark):
            settings.PERENNIAL_ENGINE = engine
            found = answer(expression, **options)
            answers.append(found.sort_by([(name, "ascending") for name in found.column_names]))
        return answers[0], answers[1]

    yield ask
    gc.collect()  # PySpark's open ends are found here, not in somebody else's test


def test_functions_agree_on_whatever_stands_in_a_property(both: Callable[..., Any]):
    rows = [(text, name) for text in DOCUMENTS for name in NAMES]
    texts = pa.table(dict(zip(("text", "name"), map(list, zip(*rows, strict=True)), strict=True)))
    table = ibis.table({"text": "string", "name": "string"}, name="texts")
    value = property_text(table.text, table.name)
    nested = property_text(property_text(table.text, "a"), "b")
    embedded, spark = both(table.mutate(value=value, nested=nested), offered={"texts": texts})
    assert spark.to_pylist() == embedded.to_pylist()
    found = {(row["text"], row["name"]): row["value"] for row in spark.to_pylist()}
    assert found[DOCUMENTS[10], "a.b"] == "dotted"
    assert json.loads(found[DOCUMENTS[12], "a"]) == [1, "two", None]


def test_bits_agree_over_all_of_their_places(both: Callable[..., Any]):
    places = pa.table({"at": pa.array([*range(-2, 70), None], pa.int64())})
    table = ibis.table({"at": "int64"}, name="places")
    embedded, spark = both(table.mutate(bit=bit_at(table.at)), offered={"places": places})
    assert spark.equals(embedded)
    assert {row["at"]: row["bit"] for row in spark.to_pylist()}[62] == 1 << 62
    whole = table.agg(bits=bit_or(bit_at(table.at)), count=bit_count(bit_or(bit_at(table.at))))
    embedded, spark = both(whole, offered={"places": places})
    assert spark.equals(embedded) and spark["count"].to_pylist() == [63]


def test_no_file_yet_is_no_row(both: Callable[..., Any]):
    embedded, spark = both(ibis.table({"day": "date", "customer": "string"}, name="events"))
    assert spark.equals(embedded) and spark.num_rows == 0


MAY, JUNE = date(2026, 5, 31), date(2026, 6, 1)
ROW = {
    "day": MAY,
    "customer": "c1",
    "event": "login",
    "ts": datetime(2026, 5, 31, 15, 59, 59, 999_999, UTC),
    "received_at": datetime(2026, 5, 31, 16, 0, 0, 1, UTC),
    "received_on": MAY,
    "value": 1.0,
    "message_id": bytes(range(16)),
    "properties": '{"文": "\U0001f600"}',
    "assumed": False,
}


def put(rows: list[dict[str, Any]], *, table: Table = EVENTS) -> None:
    """Commit rows to a table of the store, in files with the columns of `table`."""
    store, schema = open_store(), pa.schema([table.schema.field(it) for it in table.columns])
    with store.writing(), store.session() as session:
        session.offer("rows", pa.Table.from_pylist(rows, schema))
        change = store.change(table.name, session)
        change.table = table
        for month in {row["day"].replace(day=1) for row in rows}:
            change.add(
                f"SELECT * FROM rows WHERE date_trunc('month', day) = '{month}'", month=month
            )
        change.table = TABLES[table.name]
        store.commit(change, days={row["day"] for row in rows})


def everything(name: str) -> ir.Table:
    schema = TABLES[name].schema
    fields = [schema.field(it) for it in TABLES[name].columns]
    return ibis.table(ibis.Schema.from_pyarrow(pa.schema(fields)), name=name)


def test_every_column_arrives_as_it_is_from_any_folder_and_older_files(
    both: Callable[..., Any], settings: Any, tmp_path: Path
):
    settings.PERENNIAL_HOME = tmp_path / "a b [1] {2,3} * 100% #? 常青"
    settings.PERENNIAL_HOME.mkdir()
    younger = ("kind", "anonymous_id", "given_id", "bot", "known_on", "replaced_on")
    older = pa.schema([field for field in EVENTS.schema if field.name not in younger])
    put([ROW | {"person": None}], table=replace(EVENTS, schema=older))
    put([ROW | {"day": JUNE, "person": "安", "kind": "page", "bot": True, "value": -0.1}])
    embedded, spark = both(everything("events"))
    assert spark.schema == embedded.schema and spark.to_pylist() == embedded.to_pylist()
    assert [row["ts"] for row in spark.to_pylist()] == [ROW["ts"]] * 2
    assert {row["message_id"] for row in spark.to_pylist()} == {bytes(range(16))}


def test_days_and_knowledge_limit_the_rows_alike(both: Callable[..., Any], home: Path):
    first, second, third = (date(2026, 6, day) for day in (1, 2, 3))
    put(
        [
            ROW | {"person": "stays"},
            ROW | {"person": "late", "received_on": second},
            ROW | {"person": "nobody", "replaced_on": third},
            ROW | {"person": "somebody", "known_on": third},
            ROW | {"person": "other day", "day": JUNE, "received_on": JUNE},
        ]
    )
    people = {}
    for known_by in (MAY, first, second, third, None):
        embedded, spark = both(everything("events"), known_by=known_by, last_on=MAY)
        assert spark.to_pylist() == embedded.to_pylist()
        people[known_by] = sorted(spark["person"].to_pylist())
    assert people[MAY] == people[first] == ["nobody", "stays"]
    assert people[second] == ["late", "nobody", "stays"]
    assert people[third] == people[None] == ["late", "somebody", "stays"]
    embedded, spark = both(everything("events"), first_on=JUNE)
    assert spark["person"].to_pylist() == embedded["person"].to_pylist() == ["other day"]


def test_fresh_days_come_from_the_embedded_engine_to_the_workers(
    both: Callable[..., Any], home: Path
):
    put([ROW | {"person": "kept"}, ROW | {"day": JUNE, "person": "outdated"}])
    select = "SELECT DATE '2026-06-01' AS day, person FROM offered_people"
    offered = {"offered_people": pa.table({"person": ["fresh"]})}
    options = {"fresh": {"events": Fresh([JUNE], select)}, "offered": offered}
    embedded, spark = both(everything("events"), **options)
    assert spark.to_pylist() == embedded.to_pylist()
    assert sorted(spark["person"].to_pylist()) == ["fresh", "kept"]
    assert list((home / "store" / "scratch").glob("*/events.parquet")) == []


def test_what_fails_on_the_cluster_is_one_sentence(
    spark: str, settings: Any, home: Path, perennial: Any
):
    put([ROW])
    for file in (home / "store" / "events").rglob("*.parquet"):
        file.unlink()
    settings.PERENNIAL_ENGINE = spark
    with pytest.raises(EnvironmentFault) as caught:
        answer(everything("events"))
    assert caught.value.code == "spark_files_unseen"
    put([ROW | {"day": JUNE}])
    assert answer(everything("events"), first_on=JUNE).num_rows == 1  # the session lives on


QUERY = ("metrics", "query", "active_people", "--grain", "day", "--from", "2026-05-31")


def test_the_command_line_prints_the_same_bytes_on_a_cluster_of_its_own(spark: str, home: Path):
    """`spark` is here for its fixture alone, which skips where Spark is missing."""
    said = {}
    for engine in ("duckdb", "local-cluster"):
        environment = os.environ | {"PERENNIAL_HOME": str(home), "PERENNIAL_ENGINE": engine}
        environment.pop("SPARK_CONF_DIR", None)
        environment["DJANGO_SETTINGS_MODULE"] = "perennial.config.settings"
        command = [sys.executable, "-m", "perennial.config.cli"]
        if engine == "duckdb":
            subprocess.run([*command, "users", "list"], env=environment, check=True)
            put([ROW | {"person": "安"}, ROW | {"person": "bo", "product": "附加"}])
        outcome = subprocess.run(
            [*command, *QUERY, "--to", "2026-05-31", "--json"],
            env=environment,
            capture_output=True,
            check=False,
        )
        said[engine] = outcome.returncode, outcome.stdout, outcome.stderr
    assert said["local-cluster"] == said["duckdb"]
    assert said["duckdb"][0] == 0 and json.loads(said["duckdb"][1])[0]["value"] == 2
    assert list((home / "store" / "scratch").glob("spark-*")) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("engine", "lacks", "told"),
    [
        ("spark://127.0.0.1:1", "", "No Spark master answers at spark://127.0.0.1:1."),
        ("local-cluster", "java", "Spark needs Java 17 or newer"),
        ("local-cluster", "pyspark", "run `make spark`"),
    ],
    ids=["no master", "no Java", "not installed"],
)
def test_what_is_missing_is_said_in_one_sentence(
    engine: str, lacks: str, told: str, settings: Any, perennial: Any, monkeypatch: Any
):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: lacks != "pyspark" or None)
    monkeypatch.setattr(session, "_java_version", lambda: 0 if lacks == "java" else 17)
    put([ROW])
    settings.PERENNIAL_ENGINE = engine
    asked = perennial(*QUERY, "--to", "2026-05-31", "--json")
    assert asked.code == ExitCode.ENVIRONMENT
    assert told in asked.document["error"]["message"]
    assert told in perennial("doctor").out


def test_a_connection_that_ended_is_made_anew(both: Callable[..., Any]):
    table = ibis.table({"n": "int64"}, name="numbers")
    numbers = {"numbers": pa.table({"n": [1, 2]})}
    for _ in "ab":
        embedded, spark = both(table.mutate(twice=table.n * 2), offered=numbers)
        assert embedded.equals(spark)
        for made in session._made.values():
            made.stop()

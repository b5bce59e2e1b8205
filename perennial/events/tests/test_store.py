"""The store's door: layout, atomic replacement, snapshots, upkeep."""

from __future__ import annotations

import multiprocessing
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from perennial.events.store import ACTIVITY, EVENTS, HEALTH_HISTORY, Store, compact, sweep
from perennial.events.store.commits import decode_days, encode_days
from perennial.events.store.engine import Engine, named_errors
from perennial.events.store.writing import plan_files
from perennial.events.tests.conftest import Loader
from perennial.units.errors import Busy, EnvironmentFault

DAY = date(2026, 3, 1)


def scores(*rows: tuple[date, str, float | None]) -> pa.Table:
    """A table of scores as the health slice hands it over."""
    return pa.table(
        {
            "day": pa.array([row[0] for row in rows], pa.date32()),
            "customer": [row[1] for row in rows],
            "score": pa.array([row[2] for row in rows], pa.float64()),
            "band": ["green"] * len(rows),
            "profile": ["standard"] * len(rows),
            "version": pa.array([1] * len(rows), pa.int32()),
            "coverage": [1.0] * len(rows),
            "parts": ["[]"] * len(rows),
        }
    )


def read(store: Store, from_on: date = DAY, days: int = 400) -> list[tuple[date, str, float]]:
    found = store.health(
        from_on=from_on,
        to_on=from_on + timedelta(days=days),
        columns=["day", "customer", "score"],
    )
    return [tuple(row.values()) for row in found.to_pylist()]


def test_a_dense_day_is_a_file_and_a_sparse_month_is_a_file() -> None:
    counts = [(DAY, 500), (DAY + timedelta(1), 90), (DAY + timedelta(2), 90)]
    counts += [(date(2026, 4, day), 1) for day in (1, 15, 30)]
    assert plan_files(counts, file_rows=100) == [
        (date(2026, 3, 1), date(2026, 3, 1)),
        (date(2026, 3, 2), date(2026, 3, 3)),
        (date(2026, 4, 1), date(2026, 4, 30)),
    ]


def test_twenty_sparse_years_are_a_file_a_month(load: Loader) -> None:
    days = [date(2005, 1, 1) + timedelta(days=30 * n) for n in range(240)]
    load("event,timestamp\n" + "".join(f"a,{day}\n" for day in days))
    months = {day.replace(day=1) for day in days}
    assert len(load.store.snapshot("events").files) == len(months)
    assert load.rows("count(*)") == [(240,)]


def test_an_empty_store_answers_with_the_schema(store: Store) -> None:
    assert read(store) == []
    with store.reading("events", "activity") as session:
        assert session.table("FROM activity").schema.names == list(ACTIVITY.columns)
        assert session.rows("SELECT count(*) FROM events") == [(0,)]


def test_other_engines_read_the_tables_as_they_are(load: Loader) -> None:
    load("event,timestamp,customer_id\na,2026-03-01,acme\nb,2026-04-01,acme\n")
    table = DeltaTable(load.store.path / "events").to_pyarrow_table()
    assert table.schema.names == EVENTS.schema.names
    assert sorted(table.column("month").to_pylist()) == [date(2026, 3, 1), date(2026, 4, 1)]


def test_a_day_written_again_replaces_itself_and_keeps_its_neighbours(store: Store) -> None:
    second = DAY + timedelta(days=1)
    store.append_health(scores((DAY, "a", 1.0), (second, "a", 2.0)))
    store.append_health(scores((second, "b", 3.0)))
    assert read(store) == [(DAY, "a", 1.0), (second, "b", 3.0)]
    assert store.changed_days("health_history", since=1) == {second}


def test_scores_can_be_read_for_some_customers_and_unknown_stays_unknown(store: Store) -> None:
    store.append_health(scores((DAY, "a", None), (DAY, "b", 2.0)))
    found = store.health(from_on=DAY, to_on=DAY, customers=["a"])
    assert found.schema.names == list(HEALTH_HISTORY.columns)
    assert found.column("score").to_pylist() == [None]


def test_a_reader_keeps_its_snapshot_while_days_are_replaced(store: Store) -> None:
    store.append_health(scores((DAY, "a", 1.0)))
    with store.reading("health_history") as session:
        store.append_health(scores((DAY, "a", 2.0)))
        assert session.rows("SELECT score FROM health_history") == [(1.0,)]
    assert read(store) == [(DAY, "a", 2.0)]


def test_another_process_is_seen_at_once(store: Store) -> None:
    store.append_health(scores((DAY, "a", 1.0)))
    Store(store.path).append_health(scores((DAY + timedelta(days=1), "a", 2.0)))
    assert len(read(store)) == 2


def test_compaction_keeps_every_row_and_makes_no_day_dirty(store: Store) -> None:
    for number in range(12):
        store.append_health(scores((DAY + timedelta(days=number), "a", float(number))))
    before = read(store)
    version = store.snapshot("health_history").version
    assert compact(store, "health_history") == 11
    assert compact(store, "health_history") == 0
    assert read(store) == before
    assert store.changed_days("health_history", since=version) == set()


def test_sweeping_deletes_orphans_and_replaced_files_only(store: Store) -> None:
    store.append_health(scores((DAY, "a", 1.0)))
    store.append_health(scores((DAY, "a", 2.0)))
    orphan = store.path / "health_history" / "month=2026-03-01" / "orphan.parquet"
    orphan.write_bytes(b"half a file")
    dead = store.scratch / "import-of-the-dead-999999999"
    dead.mkdir()
    sweep(store, keep_hours=0)
    assert not orphan.exists()
    assert not dead.exists()
    assert len(list(orphan.parent.glob("*.parquet"))) == 1
    assert read(store) == [(DAY, "a", 2.0)]


def test_a_table_outlives_its_checkpoints(store: Store) -> None:
    for number in range(45):
        store.append_health(scores((DAY + timedelta(days=number), "a", float(number))))
    assert len(read(Store(store.path))) == 45


def test_days_whose_log_is_gone_are_not_called_unchanged(store: Store) -> None:
    store.append_health(scores((DAY, "a", 1.0)))
    store.append_health(scores((DAY, "a", 2.0)))
    (store.path / "health_history/_delta_log/00000000000000000001.json").unlink()
    assert store.changed_days("health_history", since=0) is None


def _hold(path: Path, held: object, release: object) -> None:
    with Store(path).writing():
        held.set()  # type: ignore[attr-defined]
        release.wait(30)  # type: ignore[attr-defined]


def test_writers_take_turns_and_say_so(store: Store) -> None:
    context = multiprocessing.get_context("spawn")
    held, release = context.Event(), context.Event()
    process = context.Process(target=_hold, args=(store.path, held, release))
    process.start()
    try:
        assert held.wait(30)
        with pytest.raises(Busy), store.writing(wait_seconds=0.1):
            pass
    finally:
        release.set()
        process.join()
    with store.writing(wait_seconds=5):
        pass


@pytest.mark.parametrize(
    "days",
    [
        pytest.param(set(), id="none"),
        pytest.param({DAY}, id="one"),
        pytest.param({DAY, DAY + timedelta(1), date(1969, 12, 31), date(2199, 1, 1)}, id="runs"),
    ],
)
def test_days_survive_the_log(days: set[date]) -> None:
    assert decode_days(encode_days(days)) == days


def test_all_events_stream_in_portions(load: Loader) -> None:
    load("event,timestamp,customer_id\na,2026-03-01,acme\nb,2026-04-01,other\n")
    batches = list(load.store.event_batches(customers=["acme"], received_by=date(2026, 3, 1)))
    assert [name for batch in batches for name in batch.column("event").to_pylist()] == ["a"]
    assert sum(batch.num_rows for batch in load.store.event_batches()) == 2


def test_ctrl_c_inside_a_statement_is_an_interruption():
    with pytest.raises(KeyboardInterrupt), named_errors():
        raise RuntimeError("Query interrupted")
    with pytest.raises(RuntimeError, match="another"), named_errors():
        raise RuntimeError("another")


def test_a_full_disk_is_said_in_plain_words():
    with pytest.raises(EnvironmentFault, match="The disk is full"), named_errors():
        raise DeltaError('Could not write file "x.parquet": No space left on device')


def test_an_error_inside_the_engine_does_not_outlive_its_statement(tmp_path):
    engine = Engine(tmp_path)
    engine._database.close()  # what the engine does to itself after an error of its own
    assert engine.session().rows("SELECT 1") == [(1,)]

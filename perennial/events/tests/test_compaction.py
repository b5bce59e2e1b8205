"""Small commits for days, tables of older versions, and rows that were replaced."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from unittest.mock import patch

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from perennial.events.load import undo_batch
from perennial.events.store import (
    EVENTS,
    Store,
    compact,
    drop_before,
    merge_small,
    schema,
    sweep,
    tables,
    upkeep,
)
from perennial.events.tests.conftest import Loader
from perennial.events.tests.inbox import NOON, Posted, track

DAY = date(2026, 3, 1)
OLD = pa.schema(list(EVENTS.schema)[:16])  # before events came over HTTP


def commit(store: Store, rows: str, *, month: date = DAY) -> None:
    """One small commit of events, as the inbox makes them."""
    with store.writing(), store.session() as session:
        change = store.change("events", session)
        change.add(rows, month=month)
        days = [day for (day,) in session.rows(f"SELECT DISTINCT day FROM ({rows})")]
        store.commit(change, days=days)
        merge_small(store, "events", session=session)


def event(number: int, day: date = DAY, **columns: str) -> str:
    more = "".join(f", {value} AS {name}" for name, value in columns.items())
    return (
        f"SELECT DATE '{day}' AS day, DATE '{day}' AS received_on, 'acme' AS customer, "
        f"'e{number}' AS event, TIMESTAMPTZ '{day} 10:00:00+00' AS ts, "
        f"unhex(md5('{number}')) AS message_id, 'web' AS source, 1.0 AS value{more}"
    )


def events(store: Store, known_by: date | None = None) -> list[str]:
    with store.reading("events", known_by=known_by) as session:
        return [name for (name,) in session.rows("SELECT event FROM events ORDER BY ALL")]


def test_many_small_commits_leave_few_files_and_no_day_is_forgotten(store: Store) -> None:
    for number in range(80):
        commit(store, event(number, DAY + timedelta(days=number % 2)))
    assert len(events(store)) == 80
    assert len(store.snapshot("events").files) < 2 * upkeep.TIER
    assert store.changed_days("events", since=0) == {DAY, DAY + timedelta(days=1)}
    assert store.changed_days("events", since=store.last_change("events")) == set()


def test_a_merge_waits_for_no_reader_and_changes_no_row(store: Store) -> None:
    for number in range(upkeep.TIER - 1):
        commit(store, event(number))
    with store.reading("events") as session:
        commit(store, event(99))
        assert session.rows("SELECT count(*) FROM events") == [(upkeep.TIER - 1,)]
    assert len(store.snapshot("events").files) == 1
    assert len(events(store)) == upkeep.TIER


def test_dirty_days_are_known_when_the_log_is_cleaned(store: Store) -> None:
    commit(store, event(0))
    delta = DeltaTable(store.path / "events")
    delta.alter.set_table_properties({"delta.logRetentionDuration": "interval 0 seconds"})
    with patch.dict(schema.CONFIGURATION, {"delta.logRetentionDuration": "interval 0 seconds"}):
        for number in range(1, 60):
            commit(store, event(number, DAY + timedelta(days=number)))
    oldest = min((store.path / "events/_delta_log").glob("*.json")).stem
    assert int(oldest) > 20  # cleaned
    fresh = Store(store.path)
    everything = {DAY + timedelta(days=number) for number in range(60)}
    assert fresh.changed_days("events", since=0) == everything
    assert len(fresh.changed_days("events", since=60) or ()) < 10


def test_a_reader_finds_the_table_again_whose_log_was_cleaned_meanwhile(store: Store) -> None:
    commit(store, event(1))
    reader = Store(store.path)
    assert events(reader) == ["e1"]
    for number in range(2, 5):
        commit(store, event(number))
    DeltaTable(store.path / "events").create_checkpoint()
    for version in range(4):
        (store.path / f"events/_delta_log/{version:020}.json").unlink()
    assert len(events(reader)) == 4


def test_a_store_of_an_older_version_is_read_and_goes_on(
    load: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as old:
        old.setitem(tables.TABLES, "events", replace(EVENTS, schema=OLD, newest=""))
        load("event,timestamp,customer_id,message_id\na,2026-03-01,acme,1\nb,2026-03-02,acme,2\n")
    store = Store(load.store.path)
    assert events(store) == ["a", "b"] == events(store, known_by=date(2026, 12, 31))
    commit(store, event(3, kind="'track'"))
    assert DeltaTable(store.path / "events").schema().fields[-1].name == "replaced_on"
    load.store = store
    assert load("event,timestamp,customer_id,message_id\na,2026-03-01,acme,1\n").duplicates == 1
    assert load.rows("event, kind") == [("a", None), ("b", None), ("e3", "track")]
    monkeypatch.setattr(upkeep, "SMALL_FILES", 0)
    assert compact(store, "events") == 1
    assert all(file.standing is not None for file in store.snapshot("events").files)
    assert len(events(store)) == 3


def test_a_replaced_row_stands_for_the_days_before(store: Store) -> None:
    commit(
        store,
        event(1, customer="NULL", replaced_on="DATE '2026-03-05'").replace(
            "'acme' AS customer, ", ""
        ),
    )
    commit(store, event(1, known_on="DATE '2026-03-05'"))
    seen = {}
    for known_by in (date(2026, 2, 28), DAY, date(2026, 3, 4), date(2026, 3, 5), None):
        with store.reading("events", known_by=known_by) as session:
            seen[known_by] = [row for (row,) in session.rows("SELECT customer FROM events")]
    assert list(seen.values()) == [[], [None], [None], ["acme"], ["acme"]]
    exported = store.event_batches(received_by=date(2026, 3, 4))
    assert sum(batch.num_rows for batch in exported) == 1
    assert store.snapshot("events").standing_rows == 1


def test_a_replaced_row_is_still_the_event_that_a_file_sends_again(
    store: Store, load: Loader
) -> None:
    commit(store, event(1, replaced_on="DATE '2026-03-05'"))
    commit(store, event(1, known_on="DATE '2026-03-05'"))
    load.store = store
    row = f"e1,{DAY}T10:00:00Z,acme,1"
    done = load(f"event,timestamp,customer_id,message_id\n{row}\n", source="web")
    assert (done.added, done.duplicates) == (0, 1)


def test_whole_days_beyond_the_retention_go_and_no_day_becomes_dirty(store: Store) -> None:
    for number in range(4):
        commit(store, event(number, DAY + timedelta(days=number)))
    compact(store, "events")
    version = store.snapshot("events").version
    assert drop_before(store, "events", DAY + timedelta(days=2)) == 2
    assert drop_before(store, "events", DAY + timedelta(days=2)) == 0
    assert events(store) == ["e2", "e3"]
    assert store.changed_days("events", since=version) == set()
    sweep(store, keep_hours=0)
    assert events(store) == ["e2", "e3"]


@pytest.mark.django_db
def test_an_import_is_undone_and_what_came_over_http_stays(
    posted: Posted, load: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted.post(track("a"))
    posted.load()
    load(f"event,timestamp\nfile,{NOON.isoformat()}\n")
    monkeypatch.setattr(upkeep, "SMALL_FILES", 0)
    compact(posted.store, "events")
    assert len(posted.store.snapshot("events").files) == 1
    assert undo_batch(load.batch, store=posted.store) == 1
    assert posted.rows() == [("login",)]

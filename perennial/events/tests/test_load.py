"""Imports of event files: what is kept, and as what."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from perennial.events.load import (
    Format,
    Recorded,
    attach_orders,
    events_wait_for_orders,
    undo_batch,
)
from perennial.events.tests.conftest import Loader

HEAD = "event,timestamp,customer_id,user_id\n"
ONE = HEAD + "login,2026-03-01 10:00:00,acme,ann\n"


def test_an_event_lands_on_its_business_day_with_everything_it_said(load: Loader) -> None:
    text = (
        "event,timestamp,customer_id,user_id,product,value,order_id,received_at,colour\n"
        "export,2026-03-01T20:30:00Z,acme,ann,CRM,3,O-1,2026-03-05 08:00,blue\n"
    )
    result = load(text)
    assert (result.rows, result.added, result.unattributed, result.written) == (1, 1, 0, True)
    columns = (
        "day, customer, person, event, product, value, order_id, received_on, source, batch, "
        "properties, assumed, epoch_us(ts), epoch_us(received_at), octet_length(message_id)"
    )
    assert load.rows(columns) == [
        (
            date(2026, 3, 2),
            "acme",
            "ann",
            "export",
            "CRM",
            3.0,
            "O-1",
            date(2026, 3, 5),
            "file",
            1,
            '{"colour":"blue"}',
            False,
            1772397000000000,
            1772668800000000,
            16,
        )
    ]


def test_the_same_file_again_adds_nothing(load: Loader) -> None:
    load(ONE)
    again = load(ONE)
    assert (again.added, again.duplicates) == (0, 1)
    assert len(load.rows()) == 1


def test_equal_rows_are_one_and_unequal_rows_are_two(load: Loader) -> None:
    row = "login,2026-03-01 10:00:00,acme,ann\n"
    other = "login,2026-03-01 10:00:00,acme,bob\n"
    result = load(HEAD + row + other + row)
    assert (result.rows, result.added, result.duplicates) == (3, 2, 1)


def test_rows_that_only_a_translation_makes_alike_stay_two(load: Loader) -> None:
    text = "event,timestamp\nsignin,2026-03-01 10:00\nlog-in,2026-03-01 10:00\n"
    assert load(text, maps=("event=event{signin:login,log-in:login}",)).added == 2
    assert load.rows("event") == [("login",), ("login",)]


def test_one_file_in_three_formats_is_the_same_events(load: Loader, tmp_path: Path) -> None:
    load(ONE)
    line = (
        '{"event":"login","timestamp":"2026-03-01T02:00:00Z",'
        '"customer_id":"acme","user_id":"ann"}\n'
    )
    assert load(line, format=Format.NDJSON).duplicates == 1
    path = tmp_path / "events.parquet"
    moment = pa.array([1772330400000000], pa.timestamp("us", "UTC"))
    pq.write_table(
        pa.table(
            {"event": ["login"], "timestamp": moment, "customer_id": ["acme"], "user_id": ["ann"]}
        ),
        path,
    )
    assert load(path, format=Format.PARQUET).duplicates == 1


def test_several_columns_together_are_the_id(load: Loader) -> None:
    text = "event,timestamp,u,s\na,2026-03-01,1,x\na,2026-03-01,1,y\n"
    assert load(text, id_columns=("u", "s")).added == 2
    refused = load(text, id_columns=("u",))
    assert [(e.code, e.column) for e in refused.errors] == [("repeated_id", "u")]


def test_identity_is_source_and_id_inside_the_day_and_the_first_arrival_wins(load: Loader) -> None:
    text = "event,timestamp,message_id\nfirst,2026-03-01,7\n"
    later = text.replace("first", "second")
    assert load(text).added == 1
    assert load(later).duplicates == 1
    assert load(later, source="crm").added == 1
    assert load(later.replace("03-01", "03-02")).added == 1
    assert load.rows("event, source", where="day = '2026-03-01'") == [
        ("first", "file"),
        ("second", "crm"),
    ]


def test_an_id_that_is_a_uuid_is_kept_as_its_sixteen_bytes(load: Loader) -> None:
    load("event,timestamp,message_id\na,2026-03-01,0F8FAD5B-D9CB-469F-A165-70867728950E\n")
    assert load.rows("lower(hex(message_id))") == [("0f8fad5bd9cb469fa16570867728950e",)]


def test_unknown_customers_are_kept_and_counted(load: Loader) -> None:
    result = load(HEAD + "a,2026-03-01,acme,x\na,2026-03-01,ghost,x\na,2026-03-01,,x\n")
    assert (result.added, result.unattributed) == (3, 2)


def test_an_order_stands_for_its_customer_unless_one_is_named(load: Loader) -> None:
    text = (
        "event,timestamp,customer_id,order_id\n"
        "a,2026-03-01,,O-1\nb,2026-03-01,ghost,O-1\nc,2026-03-01,,O-9\n"
    )
    result = load(text, orders={"O-1": "acme"})
    assert result.unattributed == 2
    assert load.rows("event, customer, order_id") == [
        ("a", "acme", "O-1"),
        ("b", "ghost", "O-1"),
        ("c", None, "O-9"),
    ]


def test_events_of_an_order_find_their_customer_when_the_order_becomes_known(
    load: Loader,
) -> None:
    load("event,timestamp,order_id\na,2026-03-01,O-1\nb,2026-03-02,O-2\nc,2026-04-01,\n")
    assert events_wait_for_orders(load.store)
    version = load.store.snapshot("events").version
    assert attach_orders({"O-1": "acme"}, store=load.store) == 1
    assert attach_orders({"O-1": "acme"}, store=load.store) == 0
    assert load.rows("event, customer") == [("a", "acme"), ("b", None), ("c", None)]
    assert load.store.changed_days("events", since=version) == {date(2026, 3, 1)}


def test_the_first_import_of_a_source_is_recorded_as_it_happened_and_later_ones_now(
    load: Loader,
) -> None:
    load(ONE)
    load(ONE.replace("ann", "bob"))
    load(ONE.replace("ann", "cem"), recorded=Recorded.EFFECTIVE)
    assert load.rows("person, assumed, received_on") == [
        ("ann", True, date(2026, 3, 1)),
        ("bob", False, date(2026, 11, 1)),
        ("cem", True, date(2026, 3, 1)),
    ]


def test_a_dry_run_counts_and_leaves_nothing(load: Loader) -> None:
    result = load(ONE, dry_run=True)
    assert (result.added, result.written) == (1, False)
    assert load.rows() == []
    assert list((load.store.path / "events").glob("*/*.parquet")) == []
    assert load(ONE).added == 1


def test_undo_takes_out_this_import_only_and_can_be_repeated(load: Loader) -> None:
    load(HEAD + "a,2026-03-01,acme,x\n")
    load(HEAD + "b,2026-03-01,acme,x\nb,2026-04-01,acme,x\n")
    assert undo_batch(2, store=load.store) == 2
    assert undo_batch(2, store=load.store) == 0
    assert load.rows("event") == [("a",)]
    assert load.store.changed_days("events", since=2) == {date(2026, 3, 1), date(2026, 4, 1)}


def test_the_same_batch_is_not_imported_twice(load: Loader) -> None:
    first = load(ONE, batch=40)
    again = load(ONE, batch=40)
    assert again == first
    assert load.store.has_batch(40) == 1
    assert load.store.has_batch(41) is None


def test_a_column_of_properties_is_taken_apart_again(load: Loader) -> None:
    text = 'event,timestamp,properties\na,2026-03-01,"{""k"": 1}"\n'
    load(text)
    assert load.rows("properties") == [('{"k":1}',)]


def test_a_file_with_a_header_only_is_no_events(load: Loader) -> None:
    result = load("event,timestamp\n")
    assert (result.rows, result.added, result.written) == (0, 0, True)


def test_an_interrupted_import_leaves_no_files(load: Loader) -> None:
    def interrupt(done: int, total: int | None = None, /) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(ONE, progress=interrupt)
    assert list((load.store.path / "events").glob("*/*.parquet")) == []
    assert [it.name for it in load.store.scratch.iterdir() if it.name.startswith("import")] == []


def test_robots_are_kept_and_flagged(load: Loader) -> None:
    load(
        "event,timestamp,customer_id,user_id\n"
        "push,2026-01-05 09:00,acme,bot_ci\n"
        "push,2026-01-05 09:00,acme,robert\n"
        "push,2026-01-05 09:00,acme,\n"
    )
    assert load.rows("person, bot") == [("bot_ci", True), ("robert", False), (None, False)]

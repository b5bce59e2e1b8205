"""Imports of event files: what is wrong, how it is told, what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from perennial.events.load import Format
from perennial.events.tests.conftest import Loader
from perennial.units.errors import InputRefused


@pytest.mark.parametrize(
    ("cells", "code", "column", "value"),
    [
        pytest.param(",2026-03-01,1", "missing_event", "event", None, id="no event"),
        pytest.param("a,,1", "missing_timestamp", "timestamp", None, id="no time"),
        pytest.param("a,soon,1", "bad_timestamp", "timestamp", "soon", id="no date"),
        pytest.param("a,2026-02-30,1", "bad_timestamp", "timestamp", "2026-02-30", id="30 Feb"),
        pytest.param(
            "a,2026-11-01 20:00:01,1",
            "future_timestamp",
            "timestamp",
            "2026-11-01 20:00:01",
            id="a second after the clock at import",
        ),
        pytest.param("a,2026-03-01,many", "bad_value", "value", "many", id="no number"),
        pytest.param("a,2026-03-01,nan", "bad_value", "value", "nan", id="not finite"),
        pytest.param("a,2026-03-01,-1", "negative_value", "value", "-1", id="negative"),
    ],
)
def test_a_bad_row_is_named_with_row_and_column(
    load: Loader, cells: str, code: str, column: str, value: str | None
) -> None:
    result = load(f"event,timestamp,value\ngood,2026-03-01,1\n{cells}\n")
    assert (result.rows, result.rejected, result.written) == (2, 1, False)
    [error] = result.errors
    assert (error.code, error.row, error.column) == (code, 3, column)
    assert error.params.get("value") == (value or "")
    assert load.rows() == []


def test_a_malformed_received_at_is_a_row_error_in_the_files_own_words(load: Loader) -> None:
    result = load(
        "event,timestamp,rcv\na,2026-03-01,never\n", maps=("received_at=rcv",), skip_bad_rows=True
    )
    assert [(e.code, e.column, e.row) for e in result.errors] == [("bad_received_at", "rcv", 2)]


def test_skipping_bad_rows_keeps_the_good_ones_and_hands_back_the_bad(
    load: Loader, tmp_path: Path
) -> None:
    rejects = tmp_path / "rejects.csv"
    text = (
        "event,timestamp,colour\n"
        "a,2026-03-01,red\nb,soon,blue\nbroken\nc,2026-03-02,green\n,2026-03-02,grey\n"
    )
    result = load(text, skip_bad_rows=True, rejects_path=rejects)
    assert (result.rows, result.added, result.rejected) == (5, 2, 3)
    assert [(e.row, e.code) for e in result.errors] == [
        (3, "bad_timestamp"),
        (4, "broken_row"),
        (6, "missing_event"),
    ]
    kept = rejects.read_text(encoding="utf-8").splitlines()
    assert kept[0] == "event,timestamp,colour,reason"
    assert sorted(line.split(",")[0] for line in kept[1:]) == ["", "b", "broken"]
    assert "b,soon,blue,“soon” is not a date and time." in kept


def test_rows_that_cannot_be_split_do_not_shift_the_numbers_of_the_others(load: Loader) -> None:
    text = "event,timestamp\nx\na,2026-03-01\ny\nz,soon\n"
    result = load(text, skip_bad_rows=True)
    assert [(e.row, e.code) for e in result.errors] == [
        (2, "broken_row"),
        (4, "broken_row"),
        (5, "bad_timestamp"),
    ]


def test_an_id_with_other_contents_is_an_error_beyond_its_first_row(load: Loader) -> None:
    text = (
        "event,timestamp,id\n"
        "a,2026-03-01,1\nb,2026-03-01,1\na,2026-03-01,1\nc,2026-04-01,1\nd,2026-03-01,2\n"
    )
    refused = load(text, maps=("message_id=id",))
    assert not refused.written
    assert [(e.row, e.code, e.params["value"]) for e in refused.errors] == [
        (3, "repeated_id", "1"),
        (5, "repeated_id", "1"),
    ]
    taken = load(text, maps=("message_id=id",), skip_bad_rows=True)
    assert (taken.added, taken.duplicates, taken.rejected) == (2, 1, 2)
    assert load.rows("event") == [("a",), ("d",)]


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        pytest.param("2026-03-01 10:00", {}, "2026-03-01 02:00:00", id="wall time of the zone"),
        pytest.param("2026-03-01T10:00:00.5Z", {}, "2026-03-01 10:00:00.5", id="Z"),
        pytest.param("2026-03-01T10:00:00+0100", {}, "2026-03-01 09:00:00", id="offset"),
        pytest.param("2026-03-01", {}, "2026-02-28 16:00:00", id="a bare day"),
        pytest.param("2026/3/1 9:05 pm", {}, "2026-03-01 13:05:00", id="slashes and pm"),
        pytest.param("25/3/2026", {}, "2026-03-24 16:00:00", id="one reading only"),
        pytest.param("1541105830796", {}, "2018-11-01 20:57:10.796", id="milliseconds"),
        pytest.param("1541105830", {}, "2018-11-01 20:57:10", id="seconds"),
        pytest.param(
            "03-04-2026 10:00", {"date_format": "%d-%m-%Y"}, "2026-04-03 02:00:00", id="format"
        ),
    ],
)
def test_moments_are_read_as_written(
    load: Loader, text: str, options: dict[str, Any], expected: str
) -> None:
    assert load(f"event,timestamp\na,{text}\n", **options).added == 1
    assert load.rows("ts::VARCHAR") == [(expected + "+00",)]


def test_a_date_with_two_readings_refuses_the_file_even_with_bad_rows_skipped(
    load: Loader,
) -> None:
    text = "event,timestamp\na,25/3/2026\nb,03/04/2026\n"
    with pytest.raises(InputRefused) as refused:
        load(text, skip_bad_rows=True)
    assert (refused.value.code, refused.value.row, refused.value.column) == (
        "ambiguous_date",
        3,
        "timestamp",
    )
    assert load.rows() == []


@pytest.mark.parametrize(
    ("content", "form", "code"),
    [
        pytest.param("event,timestamp\n", Format.PARQUET, "wrong_format", id="text as Parquet"),
        pytest.param("PAR1 cut", Format.PARQUET, "truncated", id="cut-off Parquet"),
        pytest.param("", Format.CSV, "empty_file", id="nothing at all"),
        pytest.param("event,event,timestamp\n", Format.CSV, "bad_header", id="a name twice"),
        pytest.param("name,timestamp\na,b\n", Format.CSV, "missing_column", id="no event column"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(
    load: Loader, content: str, form: Format, code: str
) -> None:
    with pytest.raises(InputRefused) as refused:
        load(content, format=form)
    assert refused.value.code == code


def test_a_mapping_to_a_column_that_is_not_there_is_refused(load: Loader) -> None:
    with pytest.raises(InputRefused) as refused:
        load("event,timestamp\n", maps=("product=app",))
    assert (refused.value.code, refused.value.params["name"]) == ("unknown_column", "app")


def test_names_and_texts_of_a_file_never_become_sql_or_a_pattern(
    load: Loader, tmp_path: Path
) -> None:
    hostile = 'x\'); DROP TABLE "t"; --'
    folder = tmp_path / "a[b]*'c"
    folder.mkdir()
    path = folder / "ev?nts.csv"
    quoted = hostile.replace('"', '""')
    path.write_text(
        f'event,timestamp,"{quoted}",Event\n"{quoted}",2026-03-01,"{quoted}",other\n',
        encoding="utf-8",
    )
    (folder / "events.csv").write_text("event,timestamp\nwrong,2026-03-01\n", encoding="utf-8")
    assert load(path, source=hostile).added == 1
    assert load.rows("event, source") == [(hostile, hostile)]


def test_broken_json_lines_are_row_errors(load: Loader) -> None:
    text = '{"event":"a","timestamp":"2026-03-01","n":{"k":[1]},"x":null}\n{"event"\n[1]\n\n'
    result = load(text, format=Format.NDJSON, skip_bad_rows=True)
    assert (result.added, result.rejected) == (1, 2)
    assert [(e.row, e.code) for e in result.errors] == [(2, "broken_row"), (3, "broken_row")]
    assert load.rows("properties") == [('{"n":{"k":[1]}}',)]


def test_a_neutralised_cell_of_an_export_comes_back_as_it_was(load: Loader) -> None:
    load("event,timestamp,note\n'=SUM(A1),2026-03-01,'tis\n")
    assert load.rows("event, properties") == [("=SUM(A1)", '{"note":"\'tis"}')]

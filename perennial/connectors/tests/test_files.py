"""Files are recognised by their content and read whatever wrote them."""

import codecs
import gzip
from datetime import datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from perennial.connectors.files import Cell, open_table, recognising
from perennial.connectors.tests.files import write
from perennial.units.errors import InputRefused

TEXT = '编号,名称\nC1,北京卓泽\nC2,"上海, 分公司"\n'
ROWS = [["C1", "北京卓泽"], ["C2", "上海, 分公司"]]


def rows(path: Path) -> list[list[Cell]]:
    table = open_table(path)
    return [cells for _row, cells in table.read()]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(TEXT.encode(), id="UTF-8"),
        pytest.param(codecs.BOM_UTF8 + TEXT.encode(), id="UTF-8 with a mark"),
        pytest.param(TEXT.encode("gb18030"), id="GB18030"),
        pytest.param(codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), id="UTF-16"),
        pytest.param('id;name\nC1;北京卓泽\nC2;"上海, 分公司"\n'.encode(), id="semicolons"),
        pytest.param('id\tname\nC1\t北京卓泽\nC2\t"上海, 分公司"\n'.encode(), id="tabs"),
        pytest.param(TEXT.replace("\n", "\r\n").encode(), id="Windows line ends"),
    ],
)
@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_text_is_recognised(tmp_path, data, name):
    assert rows(write(tmp_path, name, data)) == ROWS


def test_western_text_is_not_taken_for_chinese(tmp_path):
    path = write(tmp_path, "a.csv", "id,name\n1,Café Müller Söhne\n".encode("cp1252"))
    assert rows(path) == [["1", "Café Müller Söhne"]]


def test_xlsx_keeps_dates_and_reads_numbers_exactly(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.create_sheet(index=0)
    for line in (["id", "day", "n", "x"], ["C1", datetime(2024, 3, 4), 9, 0.1]):
        sheet.append(line)
    book.save(tmp_path / "a.xlsx")
    assert rows(tmp_path / "a.xlsx") == [["C1", datetime(2024, 3, 4), "9", "0.1"]]
    packed = write(tmp_path, "b.xlsx.gz", (tmp_path / "a.xlsx").read_bytes())
    assert rows(packed) == [["C1", datetime(2024, 3, 4), "9", "0.1"]]


def test_ndjson_may_nest_and_leave_out(tmp_path):
    path = write(tmp_path, "a.ndjson", '{"id":1,"tags":["a","b"]}\n\n{"id":2.50,"p":{"q":true}}\n')
    table = open_table(path)
    assert table.columns == ("id", "tags", "p.q")
    assert list(table.read()) == [(1, ["1", "a;b", None]), (3, ["2.50", None, "true"])]


def test_parquet_is_read_in_portions(tmp_path):
    pq.write_table(pa.table({"id": ["a", None], "n": [1.5, 2.0]}), tmp_path / "a.parquet")
    assert rows(tmp_path / "a.parquet") == [["a", "1.5"], [None, "2"]]


def test_what_an_export_neutralised_is_taken_back(tmp_path):
    path = write(tmp_path, "a.csv", "id,name\n1,'=1+1\n2,''=1\n3,'tis\n")
    assert [name for _, name in rows(path)] == ["=1+1", "'=1", "'tis"]


GOOD = gzip.compress(b"id,name\n" + b"1,a\n" * 5_000)


@pytest.mark.parametrize(
    ("name", "data", "code", "row"),
    [
        pytest.param("a.csv", b"", "empty_file", None, id="empty"),
        pytest.param("a.csv", b"\n\n", "empty_file", None, id="blank"),
        pytest.param("a.csv", b",,\n1,2,3\n", "no_header", 1, id="no header"),
        pytest.param("a.csv", b"id,id\n1,2\n", "duplicate_column", 1, id="a column twice"),
        pytest.param("a.csv", GOOD[:40], "truncated_gzip", None, id="truncated gzip"),
        pytest.param("a.csv", GOOD[:15] + b"xx" + GOOD[17:], "damaged_gzip", None, id="damaged"),
        pytest.param("a.parquet", b"id,name\n", "another_kind", None, id="CSV named Parquet"),
        pytest.param("a.xlsx", b"id,name\n", "another_kind", None, id="CSV named XLSX"),
        pytest.param("a.csv", b'{"id":1}\n', "another_kind", None, id="JSON named CSV"),
        pytest.param("a.csv", b"PAR1....", "another_kind", None, id="Parquet named CSV"),
        pytest.param("a.csv", b"\x89PNG\r\n\x1a\n\x00\x00", "unknown_format", None, id="a picture"),
        pytest.param("a.csv", b"PK\x03\x04zip", "unknown_format", None, id="a zip"),
        pytest.param("a.xls", b"\xd0\xcf\x11\xe0\xa1", "old_excel", None, id="old Excel"),
        pytest.param("a.json", b'[{"id":1}]', "json_list", None, id="a JSON list"),
        pytest.param("a.ndjson", b'{"id":1}\n{"id":\n', "bad_json", 2, id="broken JSON"),
        pytest.param("a.csv", b'id,name\n1,"a\n', "bad_csv", 2, id="an open quotation mark"),
        pytest.param("a.parquet", b"PAR1" + b"x" * 50, "damaged_file", None, id="cut Parquet"),
        pytest.param("a.xlsx", b"PK\x03\x04xl/workbook", "damaged_file", None, id="cut XLSX"),
    ],
)
def test_a_bad_file_is_refused_in_one_sentence(tmp_path, name, data, code, row):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(InputRefused) as refused:
        rows(path)
    assert (refused.value.code, refused.value.file, refused.value.row) == (code, name, row)


def test_a_gz_that_is_none_is_refused(tmp_path):
    (tmp_path / "a.csv.gz").write_bytes(b"id,name\n1,a\n")
    with pytest.raises(InputRefused, match="not packed"):
        rows(tmp_path / "a.csv.gz")


def test_a_small_gzip_cannot_unpack_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr(recognising, "UNPACKED_BYTES", 10_000)
    path = write(tmp_path, "a.csv.gz", "id,name\n" + "1,a\n" * 10_000)
    with pytest.raises(InputRefused) as refused:
        rows(path)
    assert refused.value.code == "too_large"

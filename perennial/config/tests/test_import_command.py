"""`perennial import` and `perennial export` on the command line: exit codes, JSON, help."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from perennial.config import cli, database
from perennial.config.pairs import spread
from perennial.customers.models import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def tables_are_there(monkeypatch):
    monkeypatch.setattr(database, "ready", lambda: None)


def file(folder: Path, text: str, name: str = "customers.csv") -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        pytest.param("external_id,name\nC1,A\n", [], 0, id="done"),
        pytest.param("external_id,name\nC1,A\n,B\n", ["--skip-bad-rows"], 1, id="some rejected"),
        pytest.param("external_id,name\nC1,A\n", ["--nonsense"], 2, id="usage"),
        pytest.param("external_id,name\nC1,A\n,B\n", [], 3, id="refused"),
    ],
)
def test_exit_codes(tmp_path, text, options, code):
    assert cli.run(["import", "customers", file(tmp_path, text), *options]) == code
    assert Customer.objects.count() == (1 if code < 2 else 0)


@pytest.mark.parametrize("place", ["nowhere/rejects.csv", "customers.csv"])
def test_rejects_that_cannot_be_kept_are_refused_before_anything_is_written(tmp_path, place):
    path = file(tmp_path, "external_id,name\nC1,A\n,B\n")
    options = ["--skip-bad-rows", "--rejects", str(tmp_path / place)]
    assert cli.run(["import", "customers", path, *options]) == 5
    assert not Customer.objects.exists()


def test_a_result_is_one_json_document(tmp_path, capsys):
    path = file(tmp_path, "id,label,plan\nC1,A,Pro\n")
    assert (
        cli.run(["import", "customers", "--map", "external_id=id", "name=label", path, "--json"])
        == 0
    )
    said = json.loads(capsys.readouterr().out)
    assert (said["added"], said["rejected"], said["recorded"]) == (1, 0, "effective")
    assert [it["code"] for it in said["notices"]] == ["unknown_columns"]


def test_a_refusal_is_one_json_document_with_its_place(tmp_path, capsys):
    path = file(tmp_path, "external_id,name\nC1,\n")
    assert cli.run(["import", "customers", path, "--json", "--lang", "zh"]) == 3
    assert json.loads(capsys.readouterr().out) == {
        "error": {
            "code": "missing_value",
            "message": "缺少必填的值。",
            "file": "customers.csv",
            "row": 2,
            "column": "name",
        }
    }


def test_a_file_that_is_not_there_gets_a_sentence(tmp_path, capsys):
    assert cli.run(["import", "customers", str(tmp_path / "no.csv")]) == 3
    assert "There is no file" in capsys.readouterr().err


def test_help_of_a_kind_lists_its_columns(capsys):
    assert cli.run(["import", "outcomes", "--help"]) == 0
    text = capsys.readouterr().out
    for column in ("customer_id ★", "outcome ★", "occurred_on ★", "recorded_at "):
        assert column in text


def test_a_mapping_file_is_read_and_the_command_line_wins(tmp_path):
    path = file(tmp_path, "a,b,c\nC1,A,Z\n")
    mapping = file(tmp_path, "map:\n  external_id: a\n  name: b\n", "m.yaml")
    assert cli.run(["import", "customers", path, "--mapping", mapping, "--map", "name=c"]) == 0
    assert Customer.objects.get().name == "Z"


def test_export_writes_what_it_says(tmp_path, capsys):
    cli.run(["import", "customers", file(tmp_path, "external_id,name\nC1,A\n")])
    capsys.readouterr()
    assert cli.run(["export", "customers", "--to", str(tmp_path / "out"), "--json"]) == 0
    [said] = json.loads(capsys.readouterr().out)["files"]
    assert (said["kind"], said["rows"]) == ("customers", 1)
    assert Path(said["file"]).name == "customers.csv"


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (["--map", "a=b", "c=d", "f.csv"], ["--map", "a=b", "--map", "c=d", "f.csv"]),
        (["f.csv", "--map", "a=b", "--json"], ["f.csv", "--map", "a=b", "--json"]),
        (["--map", "a==b", "--map", "c=d"], ["--map", "a==b", "--map", "c=d"]),
        (["--map"], ["--map"]),
    ],
)
def test_an_option_takes_several_pairs(given, read):
    assert spread(given, options=["--map"]) == read


def test_a_refusal_lists_the_rows_in_order_and_says_what_to_do(tmp_path, capsys):
    path = file(tmp_path, "external_id,name\nC1,A\n,B\nC3,\n")
    assert cli.run(["import", "customers", path]) == 3
    said = capsys.readouterr().err.splitlines()
    assert ["row 3" in said[0], "row 4" in said[1]] == [True, True]
    assert "--skip-bad-rows" in said[2]


def test_an_option_that_means_nothing_for_a_kind_is_refused(tmp_path):
    path = file(tmp_path, "event,timestamp,customer_id\na,2026-03-01,acme\n")
    assert cli.run(["import", "events", path, "--create-customers"]) == 2

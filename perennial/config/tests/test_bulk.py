"""Files over HTTP: durable before the answer, in the store once, whatever happens between."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from perennial.config import bulk
from perennial.config.erasure.steps import erase
from perennial.connectors.models import Import
from perennial.events.actions import add_source
from perennial.events.api.keys import read_entrances
from perennial.events.inbox.bulk import BulkFile, waiting
from perennial.events.models import Source, SourceKind
from perennial.events.rules.keys import digest
from perennial.events.store import open_store
from perennial.events.tests.intake import KEY, OTHER_KEY, Posting, posting

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, tzinfo=UTC)
CSV = b"""event,timestamp,customer_id,message_id
login,2026-01-05T10:00:00Z,C1,m1
export,2026-01-06T10:00:00Z,C1,m2
"""


@pytest.fixture
def intake(home: Path) -> Iterator[Posting]:
    Source.objects.create(pk=1, name="erp", kind=SourceKind.SERVER, created_at=NOW)
    with posting(home) as it:
        yield it


def sent(intake: Posting, body: bytes = CSV, question: str = "format=csv") -> str:
    reply = intake.post(f"/v1/import?{question}", body, key=KEY)
    assert (reply.status, reply.json["success"]) == (200, True)
    id: str = reply.json["id"]
    return id


def told(intake: Posting, id: str, key: str = KEY) -> Any:
    return intake.post(f"/v1/import/{id}", key=key, method="GET").json


def rows(columns: str = "event, customer, source") -> list[tuple[Any, ...]]:
    with open_store().reading("events") as session:
        return session.rows(f"SELECT {columns} FROM events ORDER BY ALL")


EXPECTED = [("export", "C1", "erp"), ("login", "C1", "erp")]


def test_a_file_is_taken_in_pieces_and_imported_by_the_worker(intake: Posting) -> None:
    intake.pieces = 7
    id = sent(intake)
    assert told(intake, id) == {"success": True, "id": id, "state": "waiting"}
    assert bulk.turn()
    known = told(intake, id)
    assert (known["state"], known["rows"], known["added"]) == ("done", 2, 2)
    assert known["import"] == Import.objects.get().pk
    assert rows() == EXPECTED
    assert waiting(bulk.bulk_folder()) == []


@pytest.mark.parametrize(
    ("body", "question"),
    [
        (gzip.compress(CSV), "format=csv"),
        (
            b'{"event":"login","timestamp":"2026-01-05T10:00:00Z","customer_id":"C1"}\n',
            "format=ndjson",
        ),
        (b"day,event,value,customer_id\n2026-01-05,login,7,C1\n", "format=csv&kind=daily"),
    ],
    ids=["packed", "ndjson", "daily"],
)
def test_every_format_and_kind(intake: Posting, body: bytes, question: str) -> None:
    id = sent(intake, body, question)
    assert bulk.turn()
    assert told(intake, id)["state"] == "done", told(intake, id)
    assert ("login", "C1", "erp") in rows()


def test_bad_rows_are_told_and_the_others_are_in(intake: Posting) -> None:
    id = sent(intake, CSV + b"login,soon,C1,m3\n")
    assert bulk.turn()
    known = told(intake, id)
    assert (known["added"], known["rejected"]) == (2, 1)
    [error] = known["errors"]
    assert (error["row"], error["column"], error["code"]) == (4, "timestamp", "bad_timestamp")
    assert error["message"] == "“soon” is not a date and time."


def test_a_file_that_is_none_fails_and_holds_up_nothing(intake: Posting) -> None:
    first, second = sent(intake, b"PAR1 but not really", "format=parquet"), sent(intake)
    assert bulk.turn()
    assert (told(intake, first)["state"], told(intake, second)["state"]) == ("failed", "done")
    assert told(intake, first)["message"]


def test_sent_twice_or_killed_between_import_and_result_it_counts_once(
    intake: Posting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_args: object) -> None:
        raise KeyboardInterrupt

    id = sent(intake)
    with monkeypatch.context() as patch:
        patch.setattr(bulk, "settle", killed)
        with pytest.raises(KeyboardInterrupt):
            bulk.turn()
    assert told(intake, id)["state"] == "waiting"
    assert bulk.turn()
    assert told(intake, id)["added"] == 2
    again = sent(intake)
    assert bulk.turn()
    assert (told(intake, again)["added"], told(intake, again)["duplicates"]) == (0, 2)
    assert rows() == EXPECTED


def test_an_upload_that_breaks_off_leaves_nothing(intake: Posting) -> None:
    assert intake.post("/v1/import?format=csv", b"x" * 100_001, key=KEY).status == 400
    assert intake.post("/v1/import?format=csv", b"", key=KEY).json["code"] == "empty"
    assert list(bulk.bulk_folder().iterdir()) == []
    cut = BulkFile(1, "0" * 32, 1, "events", "", "csv").name + ".part"
    (bulk.bulk_folder() / cut).write_bytes(b"x")
    assert waiting(bulk.bulk_folder()) == []


@pytest.mark.parametrize(
    ("question", "key", "status", "code"),
    [
        ("format=xlsx", KEY, 400, "bad_question"),
        ("format=csv&kind=orders", KEY, 400, "bad_question"),
        ("format=csv", OTHER_KEY, 403, "server_only"),
        ("format=csv", "sk_unknown", 401, "unknown_key"),
        ("format=csv", None, 401, "unknown_key"),
    ],
)
def test_what_is_refused(
    intake: Posting, question: str, key: str | None, status: int, code: str
) -> None:
    reply = intake.post(f"/v1/import?{question}", CSV, key=key)
    assert (reply.status, reply.json["code"]) == (status, code)


def test_a_file_is_known_to_its_own_source_only(home: Path, intake: Posting) -> None:
    id = sent(intake)
    assert intake.post(f"/v1/import/{'0' * 32}", key=KEY, method="GET").status == 404
    assert intake.post(f"/v1/import/{id}", key=OTHER_KEY, method="GET").status == 403
    assert intake.post(f"/v1/import/{id}", CSV, key=KEY).status == 405
    bulk.turn()
    moved = bulk.bulk_folder() / f"{id}.json"
    moved.write_text(moved.read_text().replace('"source": 1', '"source": 9'))
    assert intake.post(f"/v1/import/{id}", key=KEY, method="GET").status == 404


def test_too_many_bytes_that_wait_are_answered_with_later(intake: Posting) -> None:
    for _ in range(5):
        sent(intake, b"x" * 90_000)
    assert intake.post("/v1/import?format=csv", CSV, key=KEY).status == 503


@pytest.mark.django_db(transaction=True)
def test_an_erased_person_leaves_no_trace_of_files_that_came(intake: Posting) -> None:
    named = CSV.replace(b"C1,m1", b"ann-4711,m1").replace(b"customer_id", b"user_id")
    bad = named + b"login,soon,ann-4711,m3\n" + b"login,ann-4711,x,m4\n"
    first = sent(intake, bad)
    assert bulk.turn()
    assert told(intake, first)["rejected"] == 2
    sent(intake, gzip.compress(bad))
    erase("ann-4711", backup_days=30, by=None, at=datetime.now(UTC))
    assert ("ann-4711",) not in rows("person")
    home = bulk.bulk_folder().parents[1]
    left = [it for it in home.rglob("*") if it.is_file() and b"ann-4711" in it.read_bytes()]
    assert left == []
    assert waiting(bulk.bulk_folder()) == []


def test_only_servers_may_send_files_and_the_setting_bounds_them(home: Path) -> None:
    _server, key = add_source("app", kind=SourceKind.SERVER, settings=None, by=None, at=NOW)
    _browser, open_key = add_source("web", kind=SourceKind.BROWSER, settings=None, by=None, at=NOW)
    found = read_entrances()
    assert found[digest(key)].bulk_bytes == 512 * 1024 * 1024
    assert found[digest(open_key)].bulk_bytes == 0

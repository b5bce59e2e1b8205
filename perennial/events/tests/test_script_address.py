"""The tracking script's address: anybody may load it, and nobody twice."""

from __future__ import annotations

import brotli
import pytest

from perennial.events.views.sdk import SCRIPT

TEXT = SCRIPT.read_bytes()


@pytest.mark.parametrize(
    ("path", "cached"),
    [
        ("/sdk/perennial.js", "max-age=3600"),
        ("/sdk/1.0.0/perennial.js", "immutable"),
        ("/sdk/0.1/perennial.js", "max-age=3600"),
    ],
)
def test_any_page_may_load_it_without_a_log_in(client, db, path, cached):
    answer = client.get(path)
    assert (answer.status_code, answer.content) == (200, TEXT)
    assert cached in answer["Cache-Control"]
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Content-Type"].startswith("text/javascript")
    assert not answer.cookies


def test_it_travels_compressed_and_only_when_it_changed(client, db):
    answer = client.get("/sdk/perennial.js", headers={"accept-encoding": "gzip, br"})
    assert answer["Content-Encoding"] == "br"
    assert brotli.decompress(answer.content) == TEXT
    assert len(answer.content) < 8 * 1024
    again = client.get("/sdk/perennial.js", headers={"if-none-match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")

"""The intake behind a real server: what only shows on the wire."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from perennial.events.api.application import Intake
from perennial.events.api.routes import ROUTES
from perennial.events.inbox.frames import Frame, Frames, pack
from perennial.events.inbox.segments import sealed
from perennial.events.inbox.writer import Inbox
from perennial.events.tests.intake import KEY, Posting, keys_of, listening

EVENT = {"event": "x", "userId": "u"}
SETTLED = {200, 400, 401}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[int, Posting]]:
    with listening(tmp_path) as it:
        yield it


def ask(port: int, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, fields, encode_chunked=not isinstance(body, bytes))
        answer = connection.getresponse()
        text = answer.read()
        is_json = answer.headers.get_content_type() == "application/json" and text
        return answer.status, json.loads(text) if is_json else text.decode()
    finally:
        connection.close()


def test_what_was_answered_lies_sealed_when_the_server_has_ended(tmp_path: Path):
    with listening(tmp_path) as (port, intake):
        body = json.dumps(EVENT).encode()
        answer = ask(port, "POST", "/v1/track", body, authorization=f"Bearer {KEY}")
        assert answer == (200, {"success": True})
        folder = intake.folder
    assert [path.suffix for path in folder.iterdir()] == [".sealed"]
    assert len(sealed(folder)) == 1


def test_a_body_may_come_in_chunks(server: tuple[int, Posting]):
    port, intake = server
    wire = gzip.compress(json.dumps({"batch": [EVENT] * 500}).encode())
    chunks = (wire[at : at + 100] for at in range(0, len(wire), 100))
    status, _ = ask(
        port,
        "POST",
        "/v1/batch",
        chunks,
        authorization=f"Bearer {KEY}",
        transfer_encoding="chunked",
    )
    assert status == 200
    assert len(json.loads(intake.stored()[0].body)["batch"]) == 500


def test_ten_megabytes_are_read_to_their_end_so_that_the_client_sees_the_answer(
    server: tuple[int, Posting],
):
    port, _ = server
    answer = ask(port, "POST", "/v1/batch", b"x" * 10_000_000, authorization=f"Bearer {KEY}")
    assert answer[0] == 400
    assert answer[1]["code"] == "too_large"


def test_a_client_that_leaves_in_the_middle_leaves_nothing_behind(server: tuple[int, Posting]):
    port, intake = server
    with socket.create_connection(("127.0.0.1", port)) as leaving:
        leaving.sendall(b"POST /v1/track HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{")
    assert ask(port, "POST", "/v1/track", b"{}", authorization=f"Bearer {KEY}")[0] == 200
    assert intake.intake._under_way.total == 0
    assert len(intake.stored()) == 1


def test_a_head_without_end_is_cut_off(server: tuple[int, Posting]):
    with socket.create_connection(("127.0.0.1", server[0]), timeout=20) as endless:
        endless.sendall(b"POST /v1/track HTTP/1.1\r\nHost: a\r\nX-Long: ")
        with pytest.raises(ConnectionError):
            for _ in range(10_000):
                endless.sendall(b"x" * 1024)
    long = "x" * 30_000
    answer = ask(server[0], "POST", "/v1/track", b"{}", authorization=f"Bearer {KEY}", x_long=long)
    assert answer[0] == 200


@pytest.mark.parametrize("prefix", ["", "/cdn", "/any/prefix"])
def test_the_browser_library_of_segment_is_told_to_send_here(
    server: tuple[int, Posting], prefix: str
):
    port, _ = server
    status, document = ask(port, "GET", f"{prefix}/v1/projects/{KEY}/settings")
    assert status == 200
    assert document["integrations"]["Segment.io"] == {
        "apiKey": KEY,
        "apiHost": f"127.0.0.1:{port}/v1",
        "protocol": "http",
    }
    assert ask(port, "GET", f"{prefix}/v1/projects/sk_nobody/settings")[0] == 404


@pytest.mark.parametrize("path", ["/flags/?v=2", "/flags", "/decide/?v=3", "/decide"])
def test_feature_flags_are_a_harmless_answer(server: tuple[int, Posting], path: str):
    status, document = ask(server[0], "POST", path, b"\x1f\x8bgarbage")
    assert (status, document["flags"], document["featureFlags"]) == (200, {}, {})
    assert document["errorsWhileComputingFlags"] is False


def test_remote_configuration_turns_off_what_there_is_not(server: tuple[int, Posting]):
    status, document = ask(server[0], "GET", f"/array/{KEY}/config")
    assert status == 200
    assert document["hasFeatureFlags"] is document["sessionRecording"] is False
    status, script = ask(server[0], "GET", f"/array/{KEY}/config.js")
    assert status == 200
    assert f'"{KEY}"' in script


@pytest.mark.parametrize("path", ["/static/array.js", "/static/1.2.3/surveys.js?v=1"])
def test_scripts_that_posthog_would_load_are_quietly_not_there(
    server: tuple[int, Posting], path: str
):
    assert ask(server[0], "GET", path) == (404, "")


def test_own_static_files_are_the_pages_business(server: tuple[int, Posting]):
    assert ask(server[0], "GET", "/static/web/app.css")[0] == 299


def test_the_description_names_only_addresses_that_there_are(server: tuple[int, Posting]):
    status, document = ask(server[0], "GET", "/v1/openapi.json")
    assert (status, document["openapi"]) == (200, "3.1.0")
    for path, methods in document["paths"].items():
        for method in methods:
            address = path.replace("{key}", KEY).replace("{id}", "0" * 32)
            answer = ask(server[0], method.upper(), address, b"{}")
            assert answer[0] in {200, 401}, path


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=15,
)
NAMES = st.sampled_from(["writeKey", "api_key", "token", "batch", "properties", "event", "context"])
ITEMS = st.dictionaries(NAMES, JSON | st.just(KEY) | st.dictionaries(NAMES, JSON), max_size=5)
TEXTS = st.one_of(
    *(JSON, ITEMS, st.lists(ITEMS, max_size=4)),
    st.fixed_dictionaries({"batch": st.lists(ITEMS | JSON, max_size=5)}),
).map(lambda content: json.dumps(content).encode())
BODIES = st.one_of(
    st.binary(max_size=400),
    TEXTS,
    TEXTS.map(gzip.compress),
    TEXTS.map(lambda text: text[: len(text) // 2]),
    st.binary(max_size=200).map(lambda tail: b"\x1f\x8b\x08\x00" + tail),
    st.binary(max_size=200).map(lambda tail: b"data=" + tail),
    st.integers(1, 20_000).map(lambda depth: b'{"a":' * depth + b"1" + b"}" * depth),
    st.integers(1, 20_000).map(lambda depth: b"[" * depth + b"]" * depth),
)
HEADERS = st.dictionaries(
    st.sampled_from(["authorization", "content-encoding", "content-length", "origin"]),
    st.sampled_from(["gzip", "deflate", "br", "99999999999999999999", "-1", "²"])
    | st.text(st.characters(max_codepoint=255), max_size=20)
    | st.text("=abcXYZ019", max_size=20).map(lambda text: f"Basic {text}"),
)


class Kept(Inbox):
    """Keeps frames in a list, so that a thousand examples need no disk."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.frames: list[Frame] = []

    async def append(self, frame: Frame) -> None:
        ((_, read),) = Frames(pack(frame))
        self.frames.append(read)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(path=st.sampled_from(sorted(ROUTES)), body=BODIES, headers=HEADERS, has_key=st.booleans())
@example(path="/v1/track", body=b'{"properties": "x"}', headers={}, has_key=True)
@example(path="/e/", body=b'{"a": "\\ud800", "b": ' + b"9" * 5000 + b"}", headers={}, has_key=True)
def test_no_body_and_no_header_makes_the_intake_fail(
    tmp_path: Path, path: str, body: bytes, headers: dict[str, str], has_key: bool
):
    inbox, known = Kept(tmp_path), keys_of()
    known.start()
    try:
        intake = Posting(Intake(cast(Any, None), inbox=inbox, keys=known), inbox, tmp_path)
        fields = {name.replace("-", "_"): value for name, value in headers.items()}
        query = f"?write_key={KEY}" if has_key else ""
        reply = intake.post(path + query, body, **fields)
    finally:
        known.stop()
    assert reply.status in SETTLED
    assert len(inbox.frames) == (reply.status == 200)
    assert not any(byte < 0x20 and byte not in b"\t\r\n" for it in inbox.frames for byte in it.body)


@pytest.mark.slow
def test_schemathesis_finds_no_fault(server: tuple[int, Posting], tmp_path: Path):
    """Requests made from the description, and such that contradict it."""
    port, intake = server
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run"),
        f"http://127.0.0.1:{port}/v1/openapi.json",
        *("--header", f"Authorization: Bearer {KEY}", "--max-examples", "4", "--seed", "4"),
        *("--phases", "fuzzing", "--mode", "all", "--no-color"),
        "--checks=not_a_server_error,response_schema_conformance,content_type_conformance",
    ]
    ran = subprocess.run(
        command,
        cwd=tmp_path,
        env=os.environ | {"SCHEMATHESIS_HOOKS": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]
    assert re.search(r"(\d+) generated", ran.stdout), ran.stdout[-2000:]
    assert intake.stored()

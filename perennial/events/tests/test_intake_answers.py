"""What clients post and what they are answered: ingest.md, Endpoints to Answers."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from perennial.events.api.routes import ROUTES
from perennial.events.tests.intake import KEY, OTHER_KEY, Posting, posting

TRACK = {"type": "track", "event": "Report Opened", "userId": "u1", "messageId": "m-1"}
POSTHOG = {"event": "Report Opened", "distinct_id": "u1", "properties": {"a": 1}}


@pytest.fixture
def intake(tmp_path: Path) -> Iterator[Posting]:
    with posting(tmp_path) as it:
        yield it


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


SEGMENT_ROUTES = {
    "/v1/identify": "identify",
    "/v1/track": "track",
    "/v1/page": "page",
    "/v1/screen": "screen",
    "/v1/group": "group",
    "/v1/alias": "alias",
    "/v1/batch": "batch",
    "/v1/import": "batch",
    "/v1/i": "identify",
    "/v1/t": "track",
    "/v1/p": "page",
    "/v1/s": "screen",
    "/v1/g": "group",
    "/v1/a": "alias",
    "/v1/b": "batch",
}
POSTHOG_ROUTES = ("/batch", "/capture", "/e", "/i/v0/e", "/i/v0/ai/batch")


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize(("path", "route"), SEGMENT_ROUTES.items(), ids=SEGMENT_ROUTES)
def test_every_address_of_segment_and_rudder_takes_events(
    intake: Posting, path: str, route: str, slash: str
):
    reply = intake.post(path + slash, TRACK, key=KEY)
    assert (reply.status, reply.body) == (200, b'{"success": true}')
    (frame,) = intake.stored()
    assert (frame.route, frame.source, frame.agent) == (route, 1, "test/1.0")
    assert json.loads(frame.body) == TRACK


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("path", POSTHOG_ROUTES)
def test_every_address_of_posthog_takes_events(intake: Posting, path: str, slash: str):
    assert intake.post(path + slash, POSTHOG | {"api_key": KEY}).status == 200
    assert [frame.route for frame in intake.stored()] == ["posthog"]


def test_no_address_is_left_untested():
    assert set(ROUTES) == {
        path + slash for path in (*SEGMENT_ROUTES, *POSTHOG_ROUTES) for slash in ("", "/")
    }


def test_everything_else_goes_on_to_the_pages(intake: Posting):
    assert intake.post("/customers/", b"", method="GET").status == 299
    assert intake.post("/settings/", b"", method="GET").status == 299


KEYS: dict[str, dict[str, Any]] = {
    "basic": {"authorization": basic(f"{KEY}:")},
    "basic without the colon": {"authorization": basic(KEY)},
    "basic in other letters": {"authorization": basic(f"{KEY}:").replace("Basic", "basic")},
    "bearer": {"authorization": f"Bearer {KEY}"},
}


@pytest.mark.parametrize("headers", KEYS.values(), ids=KEYS)
def test_a_key_in_the_headers_is_known(intake: Posting, headers: dict[str, str]):
    assert intake.post("/v1/track", TRACK, **headers).status == 200


BODIES: dict[str, tuple[str, Any]] = {
    "writeKey in the body": ("/v1/track", TRACK | {"writeKey": KEY}),
    "writeKey of the batch": ("/v1/batch", {"batch": [TRACK], "writeKey": KEY}),
    "writeKey in each item": ("/v1/batch", {"batch": [TRACK | {"writeKey": KEY}] * 2}),
    "writeKey beside a null": ("/v1/batch", {"batch": [TRACK | {"writeKey": KEY}, None]}),
    "api_key of a batch": ("/batch/", {"api_key": KEY, "batch": [POSTHOG]}),
    "token of an event": ("/e/", POSTHOG | {"token": KEY}),
    "token inside properties": ("/e/", POSTHOG | {"properties": {"token": KEY}}),
    "api_key inside properties": ("/e/", POSTHOG | {"properties": {"api_key": KEY}}),
    "token inside properties of a list": ("/e/", [POSTHOG | {"properties": {"token": KEY}}]),
    "token inside properties of a batch": (
        "/batch/",
        {"batch": [POSTHOG | {"properties": {"token": KEY}}]},
    ),
    "token beside odd items": ("/e/", [5, POSTHOG | {"properties": {"token": KEY}}]),
    "key in the address": (f"/v1/track?writeKey={KEY}", TRACK),
}


@pytest.mark.parametrize(("path", "body"), BODIES.values(), ids=BODIES)
def test_a_key_in_the_body_is_known(intake: Posting, path: str, body: Any):
    assert intake.post(path, body).status == 200
    assert [frame.source for frame in intake.stored()] == [1]
    assert not intake.stored()[0].refused


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (TRACK, "sk_nobody"),
        (TRACK, None),
        (TRACK, ""),
        (TRACK | {"writeKey": "sk_nobody"}, None),
        (TRACK | {"writeKey": 5}, None),
        (TRACK | {"writeKey": "x" * 10_000}, None),
        ([], None),
        ("text", None),
    ],
)
def test_an_unknown_key_is_answered_with_401(intake: Posting, body: Any, key: str | None):
    reply = intake.post("/v1/track", body, key=key)
    assert (reply.status, reply.json["code"]) == (401, "unknown_key")
    assert intake.stored() == []


@pytest.mark.parametrize("text", ["é", "%%%", "", "=", basic("é")[6:-3]])
def test_basic_that_is_no_base64_is_an_unknown_key(intake: Posting, text: str):
    reply = intake.post("/v1/track", TRACK, authorization=f"Basic {text}")
    assert (reply.status, reply.json["code"]) == (401, "unknown_key")


def test_an_item_with_another_key_goes_to_the_rejects_and_its_batch_is_stored(intake: Posting):
    items = [TRACK, TRACK | {"writeKey": KEY}, TRACK | {"writeKey": OTHER_KEY}]
    items.append(TRACK | {"writeKey": "sk_nobody"})
    assert intake.post("/v1/batch", {"batch": items}, key=KEY).status == 200
    (frame,) = intake.stored()
    assert frame.refused == {2: "foreign_key", 3: "foreign_key"}
    assert len(json.loads(frame.body)["batch"]) == 4


def test_a_property_that_is_called_token_is_no_key_where_there_is_another(intake: Posting):
    items = [POSTHOG | {"properties": {"token": "of the user"}}, POSTHOG | {"token": OTHER_KEY}]
    assert intake.post("/batch/", {"api_key": KEY, "batch": items}).status == 200
    assert intake.post("/batch/", {"batch": items[:1]}, key=KEY).status == 200
    assert intake.post("/v1/batch", {"batch": [TRACK | {"token": "x"}]}, key=KEY).status == 200
    assert [frame.refused for frame in intake.stored()] == [{1: "foreign_key"}, {}, {}]
    mixed = [POSTHOG | {"properties": {"token": key}} for key in (KEY, OTHER_KEY)]
    assert intake.post("/e/", mixed).status == 200
    assert intake.stored()[-1].refused == {1: "foreign_key"}


def test_an_address_with_a_thousand_questions_is_no_fault(intake: Posting):
    query = "&".join(f"_={number}" for number in range(1000))
    assert intake.post(f"/v1/track?{query}", TRACK, key=KEY).status == 200


def raw_deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(data) + stream.flush()


TEXT = json.dumps(TRACK).encode()
WIRE: dict[str, tuple[bytes, dict[str, str]]] = {
    "plain text": (TEXT, {"content_type": "text/plain"}),
    "no type": (TEXT, {}),
    "gzip, said": (gzip.compress(TEXT), {"content_encoding": "gzip"}),
    "gzip, not said": (gzip.compress(TEXT), {"content_type": "text/plain"}),
    "gzip that calls itself a form": (
        gzip.compress(TEXT),
        {"content_type": "application/x-www-form-urlencoded"},
    ),
    "gzip said, and plain": (TEXT, {"content_encoding": "gzip"}),
    "gzip twice": (gzip.compress(gzip.compress(TEXT)), {"content_encoding": "gzip"}),
    "gzip in two members": (gzip.compress(TEXT[:9]) + gzip.compress(TEXT[9:]), {}),
    "deflate": (zlib.compress(TEXT), {"content_encoding": "deflate"}),
    "deflate without header": (raw_deflate(TEXT), {"content_encoding": "deflate"}),
    "form with base64": (b"data=" + quote(base64.b64encode(TEXT)).encode(), {}),
    "form with base64, plus signs": (b"data=" + base64.b64encode(TEXT) + b"&ip=1", {}),
    "form with JSON": (b"data=" + quote(TEXT).encode(), {}),
    "byte order mark": (b"\xef\xbb\xbf" + TEXT, {}),
    "UTF-16": (TEXT.decode().encode("utf-16"), {}),
}


@pytest.mark.parametrize(("wire", "headers"), WIRE.values(), ids=WIRE)
def test_a_body_is_told_by_its_bytes_never_by_its_type(
    intake: Posting, wire: bytes, headers: dict[str, str]
):
    assert intake.post("/v1/track", wire, key=KEY, **headers).status == 200
    assert json.loads(intake.stored()[0].body) == TRACK


UNDECODABLE = {
    "empty": b"",
    "half": b'{"event": "x"',
    "random": bytes(range(256)),
    "NUL": b'{"event": "a\x00b"}',
    "two": b"{} {}",
    "half a list": b"[1,",
    "a word": b"hello",
    "broken gzip": gzip.compress(TEXT)[:-12],
    "damaged gzip": gzip.compress(TEXT)[:12] + b"\x00" * 30,
    "form without sense": b"data=%%%",
    "open without end": b"[" * 100_000,
}


@pytest.mark.parametrize("path", ["/v1/track", "/v1/batch", "/batch/", "/e/"])
@pytest.mark.parametrize("wire", UNDECODABLE.values(), ids=UNDECODABLE)
def test_a_body_that_cannot_be_decoded_is_answered_with_400(
    intake: Posting, wire: bytes, path: str
):
    assert intake.post(path, wire, key=KEY).status == 400
    assert intake.stored() == []


ODD = {
    "a number": b"5",
    "null": b"null",
    "a batch that is a text": b'{"batch": "x"}',
    "items of wrong types": b'{"batch": [1, "x", null, [], {"event": 5}]}',
    "an empty batch": b'{"batch": []}',
    "a huge number": b'{"value": 1' + b"0" * 5000 + b"}",
    "an id of 10,000 characters": b'{"messageId": "' + b"x" * 10_000 + b'"}',
    "a NUL, escaped": b'{"event": "a\\u0000b"}',
    "properties that are a list": b'{"event": "x", "properties": []}',
}


@pytest.mark.parametrize("path", ["/v1/track", "/v1/batch", "/batch/", "/e/"])
@pytest.mark.parametrize("wire", ODD.values(), ids=ODD)
def test_odd_json_is_accepted_and_left_to_the_list_of_rejects(
    intake: Posting, wire: bytes, path: str
):
    assert intake.post(path, wire, key=KEY).status == 200
    assert intake.stored()[0].body == wire


def test_what_clients_encode_badly_is_repaired(intake: Posting):
    wire = b'{"batch": [{"event": "cut \\ud83d", "value": NaN}, {"event": "\\u5e38", "value": 1}]}'
    assert intake.post("/v1/batch", wire, key=KEY).status == 200
    items = json.loads(intake.stored()[0].body)["batch"]
    assert items == [{"event": "cut ?", "value": None}, {"event": "常", "value": 1}]


def test_an_item_nested_without_end_does_not_take_its_batch_with_it(intake: Posting):
    deep = b"[" * 50_000 + b'"]\\"]"' + b"]" * 50_000
    wire = b'{"batch": [{"event": "good"}, {"event": "bad", "properties": ' + deep + b"}]}"
    assert intake.post("/v1/batch", wire, key=KEY).status == 200
    (frame,) = intake.stored()
    assert frame.refused == {1: "too_deep"}
    assert json.loads(frame.body)["batch"][0] == {"event": "good"}
    assert intake.post("/v1/track", deep, key=KEY).status == 400, "over the limit of an event"
    assert intake.post("/v1/track", b"[" * 5000 + b"]" * 5000, key=KEY).status == 200
    assert intake.stored()[-1].refused == {0: "too_deep"}


def test_the_client_s_time_of_sending_in_the_address_is_kept(intake: Posting):
    for query, sent_us in (("_=1767225600000", 1_767_225_600_000_000), ("_=soon", None)):
        assert intake.post(f"/e/?{query}&ver=1.2", POSTHOG | {"token": KEY}).status == 200
        assert intake.stored()[-1].sent_us == sent_us


def test_get_is_no_way_to_send_events(intake: Posting):
    reply = intake.post("/v1/track", b"", key=KEY, method="GET")
    assert (reply.status, reply.headers["allow"]) == (405, "POST, OPTIONS")


def test_refusals_speak_the_dialect_of_every_client(intake: Posting):
    refusal = intake.post("/v1/track", b"{", key=KEY).json
    assert refusal["code"] and refusal["message"], "Rudder's Python client reads these"
    assert refusal["detail"], "PostHog's reads this"

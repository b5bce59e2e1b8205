"""What Segment's and RudderStack's clients say, as rows (bodies typed from what the real clients
put on the wire, versions of November 2026)."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from perennial.events.tests.requests import ARRIVAL, normalised, row, rows

ID = "5ca32d9c-f67f-48b9-8969-0a1d9ca5685a"
WHEN = "2026-03-02T11:59:58.500+00:00"


def track(**said: Any) -> dict[str, Any]:
    return {"type": "track", "event": "Report exported", "userId": "u1"} | said


def test_a_call_becomes_a_row_with_its_four_times() -> None:
    found = row(
        {
            "batch": [track(messageId=ID, timestamp=WHEN, properties={"rows": 3})],
            "sentAt": "2026-03-02T11:59:59+00:00",
        }
    )
    happened = datetime(2026, 3, 2, 11, 59, 58, 500_000, tzinfo=UTC)
    assert found == {
        "position": 0,
        "source": "app",
        "claimed": False,
        "kind": "track",
        "event": "Report exported",
        "message_id": UUID(ID).bytes,
        "original_at": happened,
        "sent_at": happened + timedelta(seconds=0.5),
        "received_at": ARRIVAL,
        "ts": happened,
        "user_id": "u1",
        "value": 1.0,
        "properties": '{"rows": 3}',
        "bot": False,
    }


@pytest.mark.parametrize(
    ("route", "kind"),
    [
        ("track", "track"),
        ("t", "track"),
        ("identify", "identify"),
        ("page", "page"),
        ("p", "page"),
        ("screen", "screen"),
        ("s", "screen"),
    ],
)
def test_the_route_says_the_type_where_the_item_does_not(route: str, kind: str) -> None:
    body = {"userId": "u1", "event": "Login"}
    assert row(body, route=route)["kind"] == kind
    assert row(body | {"type": "track"}, route=route)["kind"] == "track"


@pytest.mark.parametrize(
    "body",
    [
        track(),
        [track()],
        {"batch": [track()]},
        {"batch": [track()], "writeKey": "k", "timestamp": "2020-01-01", "sentAt": None},
    ],
    ids=["single", "list", "batch", "batch with a time of its own"],
)
def test_a_call_stands_alone_or_in_a_batch(body: Any) -> None:
    found = row(body)
    assert (found["event"], found["user_id"], found["ts"]) == ("Report exported", "u1", ARRIVAL)


def test_what_a_batch_says_holds_where_an_item_says_nothing() -> None:
    own = {"groupId": "own", "traits": {"seats": 3}}
    first, second = rows(
        {
            "batch": [
                {"type": "identify", "userId": "u1"},
                {"type": "identify", "userId": "u2", "context": own, "sentAt": WHEN},
            ],
            "sentAt": "2026-03-02T11:59:59Z",
            "context": {"groupId": "acme", "userAgent": "bingbot/2.0"},
        }
    )
    assert (first["context_group_id"], second["context_group_id"]) == ("acme", "own")
    assert json.loads(second["traits"]) == {"seats": 3}
    assert first["sent_at"] - second["sent_at"] == timedelta(seconds=0.5)
    assert first["bot"] and second["bot"]


@pytest.mark.parametrize("other", [track(), 5], ids=["in the form", "beside a bad one"])
def test_a_small_request_never_becomes_a_huge_one(other: Any) -> None:
    """Traits and pages of a batch would be stored once per item."""
    huge = {"traits": {"a": "x" * 20_000}, "page": {"url": "x" * 2000}, "groupId": "acme"}
    batch = [{"type": "identify", "userId": "u1"}] * 1000 + [other]
    found = normalised({"batch": batch, "context": huge})
    assert found.table.nbytes < 1_000_000
    assert sum(len(reject.body) for reject in found.rejects) < 100
    assert found.table["context_group_id"][0].as_py() == "acme"


@pytest.mark.parametrize(
    ("times", "ts", "clock"),
    [
        ({"timestamp": "2026-03-02T10:00:00Z"}, 10, None),
        ({"timestamp": "2026-03-02T10:00:00Z", "sentAt": "2026-03-02T11:00:00Z"}, 11, "corrected"),
        (
            {"originalTimestamp": "2026-03-02T10:00:00Z", "sentAt": "2026-03-02T11:00:00Z"},
            11,
            "corrected",
        ),
        (
            {
                "timestamp": "2026-03-02T09:00:00Z",
                "originalTimestamp": "2026-03-02T11:00:00Z",
                "sentAt": "2026-03-02T11:00:00Z",
            },
            9,
            None,
        ),
        ({"timestamp": "2026-03-02T15:00:00Z"}, 12, "clamped"),
        ({"timestamp": None, "sentAt": "no time"}, 12, None),
        ({"timestamp": ""}, 12, None),
    ],
    ids=[
        "as sent",
        "timestamp alone is the original",
        "original",
        "rudder-node: the caller's own time stands beside the client's",
        "future",
        "missing, and an unreadable sending time",
        "empty",
    ],
)
def test_the_time_of_a_call(times: dict[str, Any], ts: int, clock: str | None) -> None:
    found = row(track(**times))
    assert (found["ts"].hour, found.get("clock")) == (ts, clock)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (ID, UUID(ID).bytes),
        (ID.upper(), UUID(ID).bytes),
        ("node-next-1-x", hashlib.md5(b"node-next-1-x").digest()),
        (ID[:-1] + "g", hashlib.md5((ID[:-1] + "g").encode()).digest()),
        (ID.replace("-", "x"), hashlib.md5(ID.replace("-", "x").encode()).digest()),
        ("é" * 18, hashlib.md5(("é" * 18).encode()).digest()),
        (42, hashlib.md5(b"42").digest()),
        (None, hashlib.md5(b"segment:0:0").digest()),
        ("", hashlib.md5(b"segment:0:0").digest()),
    ],
)
def test_any_message_id_becomes_sixteen_bytes(given: Any, kept: bytes) -> None:
    assert row(track(messageId=given))["message_id"] == kept


def test_items_without_ids_are_told_apart_by_their_place() -> None:
    bodies = [{"batch": [track(), track(messageId="m")]}, {"batch": [track(), track()]}]
    found = [row["message_id"] for row in rows(*bodies)]
    places = ["segment:0:0", "m", "segment:1:0", "segment:1:1"]
    assert found == [hashlib.md5(place.encode()).digest() for place in places]


def test_numbers_as_ids_become_text() -> None:
    found = row(track(userId=42, groupId=7.0, anonymousId=" a "))
    assert (found["user_id"], found["group_id"], found["anonymous_id"]) == ("42", "7", "a")


def test_an_explicit_group_and_the_one_of_the_context_are_told_apart() -> None:
    found = row(track(groupId="acme", context={"groupId": "other"}))
    assert (found["group_id"], found["context_group_id"]) == ("acme", "other")


@pytest.mark.parametrize(
    "said",
    [
        {"traits": {"name": "Ann"}},
        {"context": {"traits": {"name": "Ann"}}},
        {"traits": {}, "context": {"traits": {"name": "Ann"}}},
    ],
    ids=["item", "rudder-python: in the context", "empty in the item"],
)
def test_traits_stand_in_the_call_or_in_its_context(said: dict[str, Any]) -> None:
    found = row({"type": "identify", "userId": "u1"} | said)
    assert json.loads(found["traits"]) == {"name": "Ann"}
    assert "traits" not in row(track(context={"traits": {"name": "Ann"}}))


def test_a_page_keeps_its_name_and_address() -> None:
    address = {"page": {"url": "https://app.example/docs?x=1", "title": "Docs"}}
    found = row({"type": "page", "userId": "u1", "name": "Home", "context": address})
    assert (found["kind"], found["event"]) == ("page", "page")
    assert json.loads(found["properties"]) == {
        "name": "Home",
        "url": "https://app.example/docs?x=1",
    }
    own = {"name": "own", "url": "/own"}
    found = row({"type": "screen", "userId": "u1", "name": "X", "properties": own})
    assert json.loads(found["properties"]) == own
    found = row(track(name="no page", context=address, properties={"rows": 3}))
    assert json.loads(found["properties"]) == {"url": "https://app.example/docs?x=1", "rows": 3}


def test_a_property_named_value_is_no_count() -> None:
    found = row(track(properties={"value": 900}))
    assert (found["value"], found["properties"]) == (1.0, '{"value": 900}')


@pytest.mark.parametrize(
    ("properties", "product"),
    [({"product": "Forms"}, "Forms"), ({"product": {"id": 1}}, "CRM"), ({}, "CRM")],
)
def test_the_product_is_the_events_own_else_the_sources(properties: Any, product: str) -> None:
    assert row(track(properties=properties), product="CRM")["product"] == product


@pytest.mark.parametrize("empty", [{}, [], None, ""], ids=str)
def test_empty_properties_are_none(empty: Any) -> None:
    assert "properties" not in row(track(properties=empty))


CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) {}/156.0 Safari"


@pytest.mark.parametrize(
    ("item", "agent", "bot"),
    [
        ({}, "analytics-python/2.4.0", False),
        ({}, CHROME.format("Chrome"), False),
        ({}, CHROME.format("HeadlessChrome"), False),
        ({}, "Mozilla/5.0 (Linux; CUBOT X18) Chrome/99", False),
        ({}, "Mozilla/5.0 (compatible; Googlebot/2.1)", True),
        ({}, "Mozilla/5.0 (compatible; Baiduspider/2.0)", True),
        ({"context": {"userAgent": "Mozilla/5.0 (compatible; bingbot/2.0)"}}, "", True),
        ({"userId": "bot_9661b965e594"}, "", True),
        ({"userId": "dependabot[bot]"}, "", True),
        ({"userId": "bottger"}, "", False),
        ({"anonymousId": "bot-1"}, "", True),
    ],
)
def test_bots_are_flagged_and_headless_browsers_are_not(
    item: dict[str, Any], agent: str, bot: bool
) -> None:
    assert row(track(**item), agent=agent)["bot"] is bot

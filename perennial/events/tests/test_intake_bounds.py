"""Limits, keys and floods: nobody harms the others, nothing is promised that is not held."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection

from perennial.events.api import arrival, keys
from perennial.events.api.answers import Refused
from perennial.events.api.bounds import Hold, UnderWay
from perennial.events.api.keys import Keys, read_entrances
from perennial.events.inbox.writer import Inbox, NotDurable
from perennial.events.models import Source, WriteKey
from perennial.events.rules.keys import digest
from perennial.events.tests.intake import KEY, OTHER_KEY, TIGHT_KEY, Posting, posting

EVENT = {"event": "x", "userId": "u"}
HOME = {"origin": "https://app.example.com"}


@pytest.fixture
def intake(tmp_path: Path) -> Iterator[Posting]:
    with posting(tmp_path) as it:
        yield it


def padded(content: dict[str, Any], size: int) -> bytes:
    """JSON of exactly this many bytes."""
    bare = len(json.dumps(content | {"pad": ""}).encode())
    return json.dumps(content | {"pad": "x" * (size - bare)}).encode()


SIZES: dict[str, tuple[str, dict[str, Any], int]] = {
    "one event": ("/v1/track", EVENT, 32 * 1024),
    "a batch": ("/v1/batch", {"batch": []}, 500 * 1024),
    "an event of PostHog": ("/e/", EVENT, 32 * 1024),
    "a batch of PostHog": ("/batch/", {"batch": []}, 500 * 1024),
}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize(("path", "content", "limit"), SIZES.values(), ids=SIZES)
def test_the_limits_hold_after_decompression(
    intake: Posting, path: str, content: dict[str, Any], limit: int, packed: bool
):
    for size, status in ((limit, 200), (limit + 1, 400)):
        body = padded(content, size)
        reply = intake.post(path, gzip.compress(body) if packed else body, key=KEY)
        assert reply.status == status
    assert len(intake.stored()) == 1


def test_limits_belong_to_the_source(intake: Posting):
    assert intake.post("/v1/track", padded(EVENT, 2048), key=TIGHT_KEY, **HOME).status == 200
    assert intake.post("/v1/track", padded(EVENT, 2049), key=TIGHT_KEY, **HOME).status == 400


def test_an_oversize_item_inside_an_allowed_batch_is_accepted_with_it(intake: Posting):
    large = json.loads(padded(EVENT, 100_000))
    assert intake.post("/v1/batch", {"batch": [EVENT, large]}, key=KEY).status == 200
    assert len(json.loads(intake.stored()[0].body)["batch"]) == 2, "the loader rejects it alone"


def test_a_body_beyond_every_limit_is_refused_in_pieces_too(intake: Posting):
    body = b" " * 10_000_000
    intake.pieces = 100
    assert intake.post("/v1/batch", body, key=KEY).status == 400
    announced = intake.post("/v1/batch", body, key=KEY, content_length="10000000")
    assert announced.status == 400
    endless = intake.post("/v1/batch", b" " * (arrival.DRAIN_BYTES + 1), key=KEY)
    assert (endless.status, endless.headers["connection"]) == (400, "close")


def test_a_bomb_is_refused_without_being_unpacked(intake: Posting):
    bomb = gzip.compress(b"\x00" * 50_000_000)
    assert len(bomb) < 500 * 1024
    tracemalloc.start()
    try:
        assert intake.post("/v1/batch", bomb, key=KEY).status == 400
        assert intake.post("/v1/batch", gzip.compress(bomb), key=KEY).status == 400
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


def test_memory_of_bodies_under_way_is_bounded_and_given_back(intake: Posting):
    under_way = intake.intake._under_way
    under_way.most = 100_000
    body = padded(EVENT, 30_000)

    async def at_once() -> list[int]:
        sent = [intake.request("/v1/track", body, key=key) for key in [KEY] * 20 + [OTHER_KEY]]
        return [reply.status for reply in await asyncio.gather(*sent)]

    statuses = asyncio.run(at_once())
    assert set(statuses) == {200, 503}
    assert statuses[-1] == 200, "the flood of one key leaves room for another"
    assert under_way.total == 0
    assert not any(under_way.of_source.values())
    assert intake.post("/v1/track", body, key=KEY).status == 200


def test_bodies_of_strangers_cannot_take_the_room_of_those_with_a_key():
    under_way = UnderWay(most=1000)
    stranger, other = Hold(under_way), Hold(under_way)
    stranger.add(500)
    with pytest.raises(Refused) as refused:
        other.add(1)
    assert dict(refused.value.answer.headers)[b"retry-after"] == b"1"
    other.release()
    known = Hold(under_way)
    known.belongs_to(1)
    known.add(500)
    stranger.release()
    known.release()
    assert under_way.total == 0


def test_a_body_that_does_not_arrive_in_time_is_given_up(
    intake: Posting, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(arrival, "BODY_SECONDS", 0.05)

    async def never() -> Any:
        await asyncio.sleep(60)

    async def slow() -> bytes:
        return await arrival.body_of(never, said=10, most=100, hold=Hold(UnderWay()))

    with pytest.raises(Refused) as refused:
        asyncio.run(slow())
    assert refused.value.answer.status == 503


def test_a_rate_is_answered_with_429_and_the_seconds_to_wait(intake: Posting):
    replies = [intake.post("/v1/track", EVENT, key=TIGHT_KEY, **HOME) for _ in range(4)]
    assert [reply.status for reply in replies] == [200, 200, 200, 429]
    assert 1 <= int(replies[-1].headers["retry-after"]) <= 60
    assert intake.post("/v1/track", EVENT, key=KEY).status == 200, "others have none"
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=90)):
        assert intake.post("/v1/track", EVENT, key=TIGHT_KEY, **HOME).status == 429, (
            "a clock that jumps opens nothing"
        )


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://app.example.com", 200), ("https://APP.example.com", 200), ("https://e.org", 403)],
)
def test_a_source_may_list_its_origins(intake: Posting, origin: str, status: int):
    assert intake.post("/v1/track", EVENT, key=TIGHT_KEY, origin=origin).status == status


def test_a_source_with_a_list_of_origins_takes_nothing_without_one(intake: Posting):
    assert intake.post("/v1/track", EVENT, key=TIGHT_KEY).status == 403
    assert intake.post("/v1/track", EVENT, key=KEY, origin="https://e.org").status == 200


def test_any_page_may_post_and_none_may_send_cookies(intake: Posting):
    reply = intake.post("/v1/t", EVENT, key=KEY, origin="https://e.org")
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in reply.headers
    asked = intake.post(
        "/v1/t",
        method="OPTIONS",
        origin="https://e.org",
        access_control_request_headers="authorization,content-type",
    )
    assert asked.status == 204
    assert asked.headers["access-control-allow-headers"] == "authorization,content-type"
    assert "POST" in asked.headers["access-control-allow-methods"]
    odd = intake.post("/v1/t", method="OPTIONS", access_control_request_headers="a: b;c")
    assert odd.headers["access-control-allow-headers"] == "*"
    page = intake.post("/customers/", method="GET")
    assert "access-control-allow-origin" not in page.headers


def test_what_the_disk_refuses_is_answered_with_503(
    intake: Posting, monkeypatch: pytest.MonkeyPatch
):
    async def full(_self: Inbox, _frame: object) -> None:
        raise NotDurable("No space left on device")

    monkeypatch.setattr(Inbox, "append", full)
    reply = intake.post("/v1/track", EVENT, key=KEY)
    assert (reply.status, reply.json["code"]) == (503, "not_stored")
    assert reply.headers["retry-after"] == "5"


@pytest.mark.django_db
def test_a_key_opens_its_source_until_it_is_revoked_or_the_source_retired():
    now = datetime.now(UTC)
    source = Source.objects.create(
        name="web", kind="browser", origins=["https://a.b"], created_at=now
    )
    made = {"source": source, "created_at": now, "hint": "…"}
    WriteKey.objects.create(digest=digest("good"), **made)
    WriteKey.objects.create(digest=digest("gone"), revoked_at=now, **made)
    WriteKey.objects.create(digest=digest("soon"), revoked_at=now + timedelta(days=1), **made)
    found = read_entrances()
    assert found.keys() == {digest("good"), digest("soon")}
    assert found[digest("good")].source == source.pk
    assert found[digest("good")].batch_bytes == 500 * 1024
    assert found[digest("good")].origins == {"https://a.b"}
    source.retired_at = now
    source.save()
    assert read_entrances() == {}


@pytest.mark.django_db(transaction=True)
def test_a_new_key_works_and_a_revoked_one_stops_within_five_seconds():
    source = Source.objects.create(name="web", kind="server", created_at=datetime.now(UTC))
    known = keys.of_database()
    known.start()
    try:
        assert known.find("fresh") is None
        key = WriteKey.objects.create(
            source=source, digest=digest("fresh"), hint="…", created_at=datetime.now(UTC)
        )
        assert within(5, lambda: known.find("fresh") is not None)
        key.revoked_at = datetime.now(UTC)
        key.save()
        assert within(5, lambda: known.find("fresh") is None)
    finally:
        known.stop()
    assert connection.connection is not None, "the thread closed its own connection only"


def within(seconds: float, condition: Any) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_keys_that_cannot_be_read_are_used_for_a_while_and_then_events_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(keys, "READ_EVERY_SECONDS", 0.02)
    monkeypatch.setattr(keys, "STALE_SECONDS", 0.3)
    broken = False

    def read() -> Any:
        if broken:
            raise ConnectionError("the database is away")
        return {digest(KEY): keys.Entrance(1, 32768, 512000)}

    with posting(tmp_path, keys=Keys(read, close=lambda: None)) as intake:
        assert intake.post("/v1/track", EVENT, key=KEY).status == 200
        broken = True
        assert intake.post("/v1/track", EVENT, key=KEY).status == 200
        assert within(5, lambda: intake.post("/v1/track", EVENT, key=KEY).status == 503)
        broken = False
        assert within(5, lambda: intake.post("/v1/track", EVENT, key=KEY).status == 200)

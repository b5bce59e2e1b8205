"""A bad item is rejected with its reason; the others of its batch are stored."""

from __future__ import annotations

import json
from typing import Any

import pytest

from perennial.events.intake.rejected import KEPT_BYTES
from perennial.events.rules.reasons import SENTENCES
from perennial.events.tests.requests import normalised, reasons, row, rows

WHEN = "2026-03-02T11:59:58.500+00:00"


def track(**said: Any) -> dict[str, Any]:
    return {"type": "track", "event": "Report exported", "userId": "u1"} | said


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (5, "not_an_object"),
        ([track()], "not_an_object"),
        (None, "not_an_object"),
        ({"userId": "u1"}, "no_type"),
        ({"userId": "u1", "type": "tracked"}, "unknown_type"),
        ({"userId": "u1", "type": ["track"]}, "unknown_type"),
        (track(event=None), "no_event"),
        (track(event=" "), "no_event"),
        (track(event={"a": 1}), "wrong_type"),
        (track(userId=None), "no_id"),
        (track(userId=True), "wrong_type"),
        (track(userId=["u1"]), "wrong_type"),
        (track(userId="u" * 501), "too_long"),
        (track(messageId="m" * 10_000), "too_long"),
        (track(userId="u\x001"), "bad_text"),
        (track(properties={"a": ["\x00"]}), "bad_text"),
        (track(properties={"\x00": 1}), "bad_text"),
        (track(properties=[1]), "wrong_type"),
        (track(properties="text"), "wrong_type"),
        (track(context="text"), "wrong_type"),
        (track(timestamp="yesterday"), "bad_timestamp"),
        (track(timestamp="1600-01-01T00:00:00Z"), "bad_timestamp"),
        (track(timestamp={"at": 1}), "bad_timestamp"),
        (track(properties={"a": "x" * 40_000}), "too_large"),
        ({"type": "group", "userId": "u1"}, "no_group"),
        ({"type": "alias", "userId": "u1"}, "no_previous"),
        ({"type": "alias", "previousId": "a1"}, "no_previous"),
        ({"type": "identify", "groupId": "acme"}, "no_id"),
        ({"type": "identify", "userId": "u1", "traits": [1]}, "wrong_type"),
    ],
)
def test_a_bad_item_is_rejected_alone(item: Any, reason: str) -> None:
    found = normalised({"batch": [track(userId="a"), item, track(userId="b")]})
    assert found.table["user_id"].to_pylist() == ["a", "b"]
    (reject,) = found.rejects
    assert (reject.reason.value, reject.place) == (reason, "segment:0:1")
    assert SENTENCES[reject.reason].format(**reject.params)  # every gap has its param


def nested(depth: int) -> bytes:
    inner = b'{"a":' * depth + b"1" + b"}" * depth
    return b'{"type":"track","event":"E","userId":"u1","properties":' + inner + b"}"


def test_deep_nesting_is_rejected_and_braces_in_texts_are_no_nesting() -> None:
    assert reasons(nested(32)) == []
    assert reasons(nested(33)) == ["too_deep"]
    deep = b'{"batch":[' + nested(3000) + b"," + nested(1) + b"]}"
    assert len(normalised(deep).rejects) == 1 or reasons(deep) == ["too_deep"]
    assert reasons(track(properties={"a": "{[" * 99 + '\\"', "b": [{}] * 99})) == []
    assert reasons(track(properties={"a": r"\u0000 is text"})) == []


def test_text_that_is_no_utf8_harms_its_own_item_only() -> None:
    bad = b'{"type":"track","event":"E","userId":"\xff"}'
    good = json.dumps(track()).encode()
    found = normalised(b'{"batch":[' + bad + b"," + good + b"]}")
    assert [reject.reason.value for reject in found.rejects] == ["bad_text"]
    assert found.table["user_id"].to_pylist() == ["u1"]


def test_a_reject_can_be_sent_again_alone_and_names_no_key() -> None:
    """Fixed by hand, a reject becomes the row that it would have been."""
    body = {"userId": "u1", "event": "E", "writeKey": "SECRET", "timestamp": "soon"}
    (single,) = normalised(body, route="t").rejects
    batch = {"batch": [body | {"type": "track"}], "sentAt": WHEN, "writeKey": "SECRET"}
    (one,) = normalised(batch | {"context": {"groupId": "acme"}}).rejects
    for reject in (single, one):
        assert "SECRET" not in reject.body and reject.whole
        again = reject.body.replace("soon", "2026-03-02T11:59:58Z").encode()
        found = row(again, route=reject.route)
        assert (found["kind"], found["user_id"]) == ("track", "u1")
    assert found["context_group_id"] == "acme" and found["sent_at"].second == 58


def test_an_oversize_reject_stays_whole_so_that_it_can_go_through_a_higher_limit() -> None:
    (reject,) = normalised(track(properties={"a": "x" * 2000}), event_bytes=1024).rejects
    assert reject.whole and "x" * 2000 in reject.body
    assert reject.params["at_most"] == "1024"


def test_a_huge_reject_is_cut() -> None:
    (reject,) = normalised(track(properties={"a": "x" * 200_000}), event_bytes=1024).rejects
    assert (len(reject.body), reject.whole) == (KEPT_BYTES, False)


@pytest.mark.parametrize("code", ["foreign_key", "too_deep", "of_another_version"])
def test_items_that_the_intake_refused_are_rejects(code: str) -> None:
    found = normalised({"batch": [track(), track()]}, refused={1: code})
    (reject,) = found.rejects
    assert reject.place == "segment:0:1"
    assert reject.reason.value == ("broken" if code == "of_another_version" else code)
    SENTENCES[reject.reason].format(**reject.params)
    assert found.table.num_rows == 1


def test_an_empty_batch_is_nothing() -> None:
    assert rows({"batch": []}, []) == []
    assert normalised().table.num_rows == 0

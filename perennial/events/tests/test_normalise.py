"""Whatever a client sends becomes rows and rejects that add up, never an exception."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from perennial.events.intake.reading import pieces
from perennial.events.intake.staged import STAGED
from perennial.events.intake.texts import depth
from perennial.events.tests.requests import normalised

_NAMES = """
    type event name messageId timestamp originalTimestamp sentAt userId anonymousId previousId
    groupId properties traits context batch page url product $groups $set $set_once uuid
    distinct_id $distinct_id offset sent_at alias $group_type $group_key $lib company
"""
_WORDS = """
    track page identify group alias t $pageview $identify $create_alias $groupidentify $set
    u1 acme 2026-03-02T11:00:00Z 2026-03-02T11:00:00 1772452800000 posthog-python
"""
NAMES = st.sampled_from(_NAMES.split())
WORDS = st.sampled_from(_WORDS.split())
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=8)
    | WORDS
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(NAMES | st.text(st.characters(codec="utf-8"), max_size=3), inner)
    ),
    max_leaves=12,
)
ITEMS = st.dictionaries(NAMES, JSON, max_size=8)
ROUTES = st.sampled_from(["batch", "track", "p", "alias", "posthog"])


def count(body: bytes) -> int:
    """How many items a body holds."""
    read = json.loads(body)
    if isinstance(read, dict) and isinstance(read.get("batch"), list):
        read = read["batch"]
    return len(read) if isinstance(read, list) else 1


@settings(max_examples=300, deadline=None)
@given(
    st.lists(JSON | ITEMS | st.fixed_dictionaries({"batch": st.lists(ITEMS | JSON, max_size=4)})),
    ROUTES,
)
@example([{"batch": [{"batch": [1]}], "context": 5, "sentAt": {}}], "batch")
@example([[[]], {"batch": {}}, {"batch": [[1]]}, {"properties": {"product": 3}}], "track")
@example([{"type": "group", "groupId": "x", "timestamp": 10**30}], "batch")
def test_any_json_becomes_rows_and_rejects_that_add_up(bodies: list[Any], route: str) -> None:
    raw = [json.dumps(body).encode() for body in bodies]
    found = normalised(*raw, route=route)
    assert found.table.num_rows + len(found.rejects) == sum(map(count, raw))
    assert found.table.schema == STAGED
    assert len({reject.place for reject in found.rejects}) == len(found.rejects)
    for name in ("properties", "traits"):
        texts = found.table[name].drop_null().to_pylist()
        assert all(isinstance(json.loads(text), dict) for text in texts)


@settings(max_examples=100, deadline=None)
@given(st.lists(ITEMS, min_size=1, max_size=3))
def test_the_engine_reads_every_property_that_is_stored(items: list[dict[str, Any]]) -> None:
    sure = [
        item | {"type": "track", "event": "E", "userId": "u1", "timestamp": None} for item in items
    ]
    stored = normalised({"batch": sure}).table
    with duckdb.connect() as engine:
        engine.register("stored", stored)
        engine.sql("SELECT json_keys(properties), properties ->> 'url' FROM stored").fetchall()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60), ROUTES)
@example(b"", "batch")
@example(b'{"batch": [', "posthog")
@example(b"[" * 5000, "batch")
@example(b'{"batch":[{"type":"track","event":"E","userId":"\xff"}]}', "batch")
@example(b'{"batch":[{"event":"\\ud800","distinct_id":"u"}]}', "posthog")
def test_bytes_that_are_no_json_are_one_reject(body: bytes, route: str) -> None:
    found = normalised(body, route=route)
    try:
        expected = len(pieces(body))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        expected = 1
    assert found.table.num_rows + len(found.rejects) == expected


@given(JSON)
def test_depth_counts_what_is_inside_one_another(value: Any) -> None:
    def deep(part: Any) -> int:
        if isinstance(part, dict):
            return 1 + max(map(deep, part.values()), default=0)
        return 1 + max(map(deep, part), default=0) if isinstance(part, list) else 0

    assert depth(json.dumps(value).encode()) == deep(value)

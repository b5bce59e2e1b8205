"""`perennial sources`: keys are printed once; JSON documents and exit codes are a promise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from perennial.events.models import WriteKey

pytestmark = pytest.mark.django_db
Command = Callable[..., Any]


def test_add_prints_the_key_once(perennial: Command) -> None:
    added = perennial("sources", "add", "web", "--kind", "browser", "--json")
    assert added.code == 0
    document = added.document
    assert set(document) == {"id", "name", "kind", "key"}
    assert (document["name"], document["kind"]) == ("web", "browser")
    listed = perennial("sources", "list", "--json")
    assert document["key"] not in listed.out
    assert document["key"][-4:] in listed.out


def test_a_key_is_rotated_and_revoked_by_name(perennial: Command) -> None:
    old = perennial("sources", "add", "api", "--kind", "server", "--json").document["key"]
    new = perennial("sources", "rotate", "api", "--old-for", "24", "--json").document["key"]
    (source,) = perennial("sources", "list", "--json").document["sources"]
    assert [key["hint"] for key in source["keys"] if key["active"]] == [new[-4:], old[-4:]]
    revoked = perennial("sources", "revoke", "api", "--key", old[-4:], "--json")
    assert revoked.document == {"name": "api", "revoked": [old[-4:]]}
    assert WriteKey.objects.get(revoked_at=None).hint == new[-4:]


def test_set_changes_only_what_is_given(perennial: Command) -> None:
    perennial("sources", "add", "web", "--kind", "browser", "--origin", "https://a.example.com")
    changed = perennial("sources", "set", "web", "--per-minute", "600", "--json").document
    assert changed["requests_per_minute"] == 600
    assert changed["origins"] == ["https://a.example.com"]
    freed = perennial(
        "sources", "set", "web", "--per-minute", "none", "--origin", "", "--json"
    ).document
    assert (freed["requests_per_minute"], freed["origins"]) == (None, [])


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (("add", "file", "--kind", "server"), 3, "name_taken"),
        (("add", "x", "--kind", "server", "--event-bytes", "1"), 3, "out_of_bounds"),
        (("set", "nobody", "--product", "x"), 3, "unknown_source"),
        (("rotate", "nobody"), 3, "unknown_source"),
        (("revoke", "nobody"), 3, "unknown_source"),
        (("rejects", "--source", "nobody"), 3, "unknown_source"),
        (("rejects", "--replay"), 3, "nothing_to_replay"),
        (("add", "x"), 2, "usage"),
        (("add", "x", "--kind", "fax"), 2, "usage"),
        (("add", "x", "--kind", "server", "--per-minute", "often"), 2, "usage"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_refused_says_why(
    perennial: Command, arguments: tuple[str, ...], code: int, error: str
) -> None:
    outcome = perennial("sources", *arguments, "--json")
    assert outcome.code == code
    assert outcome.document["error"]["code"] == error

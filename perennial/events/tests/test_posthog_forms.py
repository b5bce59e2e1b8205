"""What PostHog's clients say, as rows (bodies typed from what the real clients put on the wire,
versions of November 2026)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from perennial.events.rules.posthog import group_of
from perennial.events.tests.requests import ARRIVAL, ARRIVAL_US, normalised, reasons, row, rows

WEB = {"$lib": "web", "token": "phc_x", "distinct_id": "u1", "$raw_user_agent": "Mozilla/5.0"}


def event(name: Any = "Report exported", **said: Any) -> dict[str, Any]:
    return {"event": name, "distinct_id": "u1", "uuid": "01a20531-4309-7471-9b9b-38291c972fdd"} | (
        said
    )


def posted(body: Any, **how: Any) -> dict[str, Any]:
    return row(body, route="posthog", **how)


@pytest.mark.parametrize(
    "body",
    [
        {"api_key": "k", "batch": [event()], "sent_at": None},
        [event()],
        event(api_key="k"),
        {"event": "Report exported", "properties": {"distinct_id": "u1", "token": "k"}},
        {"event": "Report exported", "$distinct_id": "u1"},
    ],
    ids=["batch", "list", "single", "id in the properties", "old name of the id"],
)
def test_an_event_stands_alone_or_with_others(body: Any) -> None:
    found = posted(body)
    assert (found["kind"], found["event"], found["user_id"]) == ("track", "Report exported", "u1")
    assert (found["ts"], found.get("properties")) == (ARRIVAL, None)


@pytest.mark.parametrize(
    ("name", "kind", "stored"),
    [
        ("Report exported", "track", "Report exported"),
        ("$pageview", "page", "page"),
        ("$screen", "screen", "screen"),
        ("$autocapture", "track", "$autocapture"),
        ("$identify", "identify", "identify"),
        ("$set", "identify", "identify"),
        ("$set_once", "identify", "identify"),
        ("$pageleave", "system", "$pageleave"),
        ("$feature_flag_called", "system", "$feature_flag_called"),
        ("$web_vitals", "system", "$web_vitals"),
    ],
)
def test_what_an_event_of_posthog_is(name: str, kind: str, stored: str) -> None:
    found = posted(event(name))
    assert (found["kind"], found["event"]) == (kind, stored)


def test_of_the_properties_those_about_use_are_kept_in_the_words_of_all_clients() -> None:
    properties = WEB | {
        "$current_url": "https://app.example/docs",
        "$pathname": "/docs",
        "$os": "Linux",
        "$ip": "192.0.2.1",
        "$groups": {"company": "acme"},
        "rows": 3,
        "title": "Docs",
    }
    found = posted(event("$pageview", properties=properties))
    assert json.loads(found["properties"]) == {
        "url": "https://app.example/docs",
        "path": "/docs",
        "rows": 3,
        "title": "Docs",
    }
    assert found["group_id"] == "acme"
    screen = posted(event("$screen", properties={"$screen_name": "Main"}))
    assert json.loads(screen["properties"]) == {"name": "Main"}


@pytest.mark.parametrize(
    ("groups", "group_type", "expected"),
    [
        ({"company": "acme"}, "", "acme"),
        ({"project": "p", "company": "acme"}, "", "acme"),
        ({"customer": "c", "account": "a", "organization": "o"}, "", "o"),
        ({"workspace": "w"}, "", "w"),
        ({"workspace": "w", "team": "t"}, "", None),
        ({"workspace": "w", "company": "acme"}, "workspace", "w"),
        ({"company": "acme"}, "workspace", "acme"),
        ({}, "", None),
        ("acme", "", None),
        (None, "", None),
    ],
)
def test_the_customer_is_the_group_of_the_sources_type_else_the_usual_else_the_only_one(
    groups: object, group_type: str, expected: str | None
) -> None:
    assert group_of(groups, group_type=group_type) == expected


def test_saying_who_a_group_is_creates_no_person() -> None:
    said = {"$group_type": "company", "$group_key": "acme", "$group_set": {"name": "Acme"}}
    found = posted(event("$groupidentify", distinct_id="$company_acme", properties=said))
    assert (found["kind"], found["group_id"]) == ("group", "acme")
    assert json.loads(found["traits"]) == {"name": "Acme"}
    assert "user_id" not in found and "anonymous_id" not in found
    other = posted(
        event("$groupidentify", properties=said | {"$group_type": "project"}),
        group_type="company",
    )
    assert other["kind"] == "system" and "group_id" not in other and "traits" not in other


def test_who_is_not_known_yet_is_anonymous() -> None:
    unknown = WEB | {"distinct_id": "d1", "$device_id": "d1", "$is_identified": False}
    found = posted(event(distinct_id="d1", properties=unknown))
    assert found["anonymous_id"] == "d1" and "user_id" not in found
    server = posted(event(distinct_id="r1", properties={"$process_person_profile": False}))
    assert server["anonymous_id"] == "r1" and "user_id" not in server
    known = WEB | {"$device_id": "d1", "$is_identified": True}
    found = posted(event(properties=known))
    assert (found["user_id"], found["anonymous_id"]) == ("u1", "d1")


def test_identify_names_the_anonymous_id_and_what_is_known_of_the_person() -> None:
    said: dict[str, Any] = {
        "$set": {"name": "Ann"},
        "$set_once": {"first": 1, "$initial_host": "x", "utm_source": None},
    }
    properties = WEB | {"$anon_distinct_id": "d1"}
    found = posted(event("$identify", properties=properties) | said)
    assert (found["user_id"], found["anonymous_id"]) == ("u1", "d1")
    assert json.loads(found["traits"]) == {"name": "Ann", "$set_once": {"first": 1}}


@pytest.mark.parametrize("place", ["event", "properties"])
def test_a_counted_event_may_say_who_somebody_is(place: str) -> None:
    said = {"$set": {"plan": "gold"}}
    found = posted(event(**said) if place == "event" else event(properties=said))
    assert (found["kind"], json.loads(found["traits"])) == ("track", {"plan": "gold"})


def test_an_alias_is_another_id_of_the_person_whichever_client_says_it() -> None:
    node = {"distinct_id": "u1", "alias": "d1", "$lib": "posthog-node"}
    python = {"distinct_id": "d1", "alias": "u1", "$lib": "posthog-python"}
    for properties in (node, python):
        said = event("$create_alias", distinct_id=properties["distinct_id"], properties=properties)
        found = posted(said)
        assert (found["kind"], found["user_id"], found["previous_id"]) == ("alias", "u1", "d1")


@pytest.mark.parametrize(
    ("times", "minutes", "clock"),
    [
        ({"timestamp": "2026-03-02T11:57:00.000Z"}, -3, None),
        ({"timestamp": "2026-03-02T11:57:00Z", "sent_at": "2026-03-02T12:00:01Z"}, -3, None),
        ({"timestamp": "2026-03-02T10:57:00Z", "sent_at": "2026-03-02T11:00:00Z"}, -3, "corrected"),
        ({"offset": 180_000}, -3, None),
        ({"offset": 180_000, "sent_at": "2026-03-02T11:00:00Z"}, -3, "corrected"),
        ({"sent_at": "2026-03-02T11:00:00Z"}, 0, None),
        ({"timestamp": "2099-01-01T00:00:00Z"}, 0, "clamped"),
    ],
)
def test_the_time_of_an_event(times: dict[str, Any], minutes: int, clock: str | None) -> None:
    for body in (event(**times), {"batch": [event(**times)]}):
        found = posted(body)
        assert (found["ts"], found.get("clock")) == (ARRIVAL + timedelta(minutes=minutes), clock)


def test_the_address_may_say_when_it_was_sent() -> None:
    hour = 3_600_000_000
    found = posted(event(timestamp="2026-03-02T10:57:00Z"), sent_us=ARRIVAL_US - hour)
    assert (found["ts"], found["clock"]) == (ARRIVAL - timedelta(minutes=3), "corrected")


def test_a_batch_says_once_when_it_was_sent() -> None:
    body = {"batch": [event(offset=1000), event(offset=2000)], "sent_at": "2026-03-02T12:00:00Z"}
    first, second = rows(body, route="posthog")
    assert (ARRIVAL - first["ts"], ARRIVAL - second["ts"]) == (
        timedelta(seconds=1),
        timedelta(seconds=2),
    )


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (7, "not_an_object"),
        (event(None), "no_event"),
        (event(distinct_id=None), "no_id"),
        (event(distinct_id={"a": 1}), "wrong_type"),
        (event(distinct_id="x" * 501), "too_long"),
        (event(properties=[1]), "wrong_type"),
        (event(properties={"a": "\x00"}), "bad_text"),
        (event(timestamp="soon"), "bad_timestamp"),
        (event(offset=1e300), "bad_timestamp"),
        (event("$groupidentify", properties={"$group_type": "company"}), "no_group"),
        (event("$create_alias"), "no_previous"),
        (event(properties={"$groups": {"company": ["acme"]}}), "wrong_type"),
    ],
)
def test_a_bad_event_is_rejected_alone(item: Any, reason: str) -> None:
    body = {"api_key": "SECRET", "batch": [event(), item, event()], "sent_at": None}
    found = normalised(body, route="posthog")
    assert found.table.num_rows == 2
    (reject,) = found.rejects
    assert (reject.reason.value, reject.route) == (reason, "posthog")
    assert "SECRET" not in reject.body


def test_a_broken_member_of_the_properties_harms_its_own_event_only() -> None:
    body = b'{"batch":[{"event":"E","distinct_id":"u1","properties":{"$groups":1e999}},%s]}' % (
        json.dumps(event()).encode()
    )
    assert reasons(body, route="posthog") == ["broken"]

"""Data and metric pages under hostile requests and hostile data: no page breaks, nothing of it
becomes markup, a GET changes nothing, a POST needs its token, a key is shown once.

`HOSTILE_ROUNDS=2000` tries longer than CI does.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from time_machine import TimeMachineFixture

from perennial.customers.models import Customer
from perennial.events.actions import add_source
from perennial.events.actions.features import name_feature
from perennial.events.intake.loading import load
from perennial.events.models import Source
from perennial.events.rules.features import CLICK, FeatureRule
from perennial.events.store import open_store
from perennial.events.tests.scene import NOW, arrive, log_in
from perennial.metrics.actions import define_metric, set_goal
from perennial.metrics.rules.own import GoalDefinition, OwnDefinition
from perennial.team.models import AuditEntry, Role
from tests.addresses import addresses

pytestmark = pytest.mark.django_db
ROUNDS = int(os.environ.get("HOSTILE_ROUNDS", "150"))
MARK = "<x9\"'>"
EVIL = f"{MARK}{{{{7*7}}}}%s{{0.__class__}}\u202e'; DROP TABLE events; --"
MARKUP = re.compile(r"<x9|x9\"'|\bon\w+=|<script(?![^>]* src=)(?![^>]*application/json)|\bstyle=")
WORDS = (
    *("", " ", "\0", "a\0b", "0", "-1", "1", "9" * 30, "１２", "²", "NaN", "1e400", "x" * 5000),
    *("2026-13-45", "0000-00-00", "9999-12-31", "plan", "plan=pro", "=", "a.b.c=d\nx=y", "..=."),
    *(EVIL, "%00", "%", "*", "*" * 9, "(a+)+$", "\\", "'", '"', "/deals/*", "https://[::1"),
    *("day", "week", "month", "person", "product", "customer", "event_count", "own_one", "preview"),
    *("$click", "$submit", "page", "stickiness", "at_least", "1;tier.in.S,A", "1;owner.is.me"),
    *("1;since.before.x", "rejected", "on", "all", "browser", "server", "https://a.example", "30"),
)  # fmt: skip
_TITLES = {"name": "own_two", "title_zh": "二", "title_en": "two", "where": "plan=pro"}
_OWN = {
    **_TITLES,
    "base": "event_count",
    "event": "x",
    "window_days": "28",
    "unit_zh": "",
    "unit_en": "",
}
_GOAL = {**_TITLES, "metric": "event_count", "comparison": "at_least", "target": "1", "segment": ""}
_RULE = {
    "name": "n",
    "event": "$click",
    "selector": "*b",
    "url": "/a/*",
    "deep": "on",
    "instead_of": "",
}
_SETTINGS = {
    "name": "other", "kind": "server", "origins": "", "group_type": "company", "product": "",
    "rate_per_second": "100", "event_kilobytes": "32", "batch_kilobytes": "500",
    "expected_hours": "",
}  # fmt: skip
_ASKED = {
    "grain": "week",
    "by": "customer",
    "window": "7",
    "event": "x",
    "where": "a=b",
    "page": "1",
}
ASKED = {  # address: what its page understands
    "sources": {"page": "1"},
    "add": _SETTINGS,
    "source": _SETTINGS,
    "rotate": {"overlap": "1"},
    "retire": {"name": "none"},
    "features": {"q": "a", "event": "$click"},
    "name_feature": _RULE,
    "would_count": _RULE,
    "feature": _RULE,
    "live": {"source": "1", "event": "x", "customer": "c", "state": "stored", "paused": ""},
    "rejects": {"source": "1", "reason": "no_event", "page": "1"},
    "rejects_csv": {"source": "1", "reason": "no_event"},
    "replay": {"source": "1", "reason": "no_event", "reject": "1", "all": ""},
    "add_customers": {"customer": "c"},
    "goals": {"goals_needed": "1", "active_days": "7", "silent_days": "14"},
    "add_goal": _GOAL | {"window_days": "28"},
    "goal_preview": _GOAL | {"window_days": "28"},
    "goal": _GOAL | {"window_days": "28"},
    "add_own": _OWN,
    "own_preview": _OWN,
    "own": _OWN,
    "metric": _ASKED,
    "card": _ASKED,
    "metric_csv": _ASKED,
}


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def hostile() -> str:
    """A home full of hostile names, and its browser source's key."""
    source, key = add_source("web", kind="browser", by=None, at=NOW - timedelta(days=40))
    Customer.objects.create(external_id=EVIL, name=EVIL, recorded_at=NOW)
    quoted = EVIL.replace("\\", "\\\\").replace('"', '\\"')
    said = f'"userId":"{quoted}","context":{{"groupId":"{quoted}"}},"writeKey":"{key}"'
    parts = f'"selector":"{quoted}","text":"{quoted}","url":"https://a.b/{quoted}"'
    for event in (quoted, "$click", ""):
        arrive(source, f'{{"event":"{event}","properties":{{{parts}}},{said}}}')
    arrive(source, f'{{"event":"x","userId":"u","groupId":"no {quoted}"}}', f"no JSON {quoted}")
    group = f'{{"groupId":"{quoted}","userId":"u","traits":{{"name":"{quoted}"}}}}'
    arrive(source, group, route="group")
    load(open_store())
    rule = FeatureRule(CLICK, f"*{EVIL}", "")
    name_feature(EVIL, rule=rule, by=None, at=NOW)
    own = OwnDefinition("own_one", EVIL, EVIL, "event_count", EVIL, ((EVIL, EVIL),), 7, "<x9", "")
    define_metric(own, by=None, at=NOW)
    set_goal(GoalDefinition("aim", EVIL, EVIL, "own_one", 1.0), by=None, at=NOW)
    return key


def place(chance: random.Random, name: str, pattern: URLPattern) -> str:
    """The address with something in its gaps: what exists, and what cannot."""
    gaps = {
        "name": ("own_one", "aim", "event_count", "last_seen_on", "stickiness", "no-such", "_"),
        "version": ("1.0.0", "\u202e<x9", "%00"),
        "pk": (1, 1, 1, 2, 3, 0, 10**30),
        "key_pk": (1, 1, 2, 10**30),
    }
    wanted = {gap: chance.choice(gaps[gap]) for gap in pattern.pattern.converters}
    return reverse(name, kwargs=wanted)


def ours() -> list[tuple[str, URLPattern]]:
    spaces = ("events", "metrics", "sdk", "sdk_version")
    return [it for it in addresses(get_resolver()) if it[0].partition(":")[0] in spaces]


def given(chance: random.Random, name: str) -> dict[str, str | list[str]]:
    """What the page understands, with one or two words that it does not."""
    data: dict[str, str | list[str]] = {**ASKED.get(name.rpartition(":")[2], {})}
    for field in chance.sample(sorted(data), min(len(data), chance.choice((0, 1, 1, 2)))):
        data[field] = chance.choices(WORDS, k=chance.choice((1, 1, 1, 3)))
    if chance.random() < 0.1:
        data.pop(chance.choice(sorted(data)), None) if data else None
    return data


@contextmanager
def nothing_written() -> Iterator[None]:
    """Any statement that writes, but for sessions, fails."""

    def watch(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        is_write = re.match(r"\s*(INSERT|UPDATE|DELETE|REPLACE)", sql, re.IGNORECASE)
        assert not is_write or "django_session" in sql, sql
        return execute(sql, *rest)

    with connection.execute_wrapper(watch):
        yield


def test_no_request_breaks_a_page_and_no_text_becomes_markup(
    hostile: str, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(4)
    clients = [log_in(), log_in(language="zh"), log_in(Role.LEADER), log_in(Role.CSM)]
    for client in clients:
        client.raise_request_exception = False
    known = ours()
    shown: list[str] = []
    for _ in range(ROUNDS):
        name, pattern = chance.choice(known)
        address, client, data = (
            place(chance, name, pattern),
            chance.choice(clients),
            given(chance, name),
        )
        partial = {"HX-Request": "true"} if chance.random() < 0.3 else {}
        caplog.clear()
        if chance.random() < 0.6:
            with nothing_written():
                answer = client.get(address, data, headers=partial)
        else:
            answer = client.post(address, data, headers=partial)
        told = f"{name} {address} {data}"
        assert answer.status_code < 500, f"{told}\n{caplog.text}"
        body = answer.content.decode()
        if answer["Content-Type"].startswith("text/html"):
            assert "default-src" in answer["Content-Security-Policy"], told
            assert not MARKUP.search(body), f"{told}\n{around(body)}"
        keys = set(re.findall(r"\b[ps]k_[A-Za-z0-9_-]{20,}", body))
        assert not keys & set(shown), f"{told} shows a key again"
        assert hostile not in body + caplog.text, told
        shown += keys
    told = str(list(AuditEntry.objects.values_list("summary", "detail")))
    assert not [key for key in [hostile, *shown] if key in told]


def around(body: str) -> str:
    found = MARKUP.search(body)
    return body[max(0, found.start() - 200) : found.end() + 100] if found else ""


def test_a_post_needs_its_token(hostile: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = log_in().cookies
    for name, pattern in ours():
        address = place(random.Random(1), name, pattern)
        assert client.post(address).status_code in (403, 405), name
    assert not Source.objects.filter(retired_at__isnull=False).exists()

"""Sources and their keys: told once, rotated, revoked; within bounds; every act is audited."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, timedelta

import pytest

from perennial.events.actions import (
    add_source,
    change_source,
    retire_source,
    revoke_key,
    rotate_key,
)
from perennial.events.models import EventName, Source, WriteKey
from perennial.events.queries.sources import active_keys, settings_of
from perennial.events.rules.sources import SourceSettings
from perennial.team.models import AuditEntry
from perennial.units.errors import InputRefused

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)


def _added(name: str = "web", kind: str = "browser") -> tuple[Source, str]:
    return add_source(name, kind=kind, by=None, at=NOW)


@pytest.mark.parametrize(("kind", "prefix"), [("browser", "pk_"), ("server", "sk_")])
def test_a_key_tells_its_kind_and_only_its_digest_is_kept(kind: str, prefix: str) -> None:
    source, key = _added(kind=kind)
    assert key.startswith(prefix)
    assert len(key) >= len(prefix) + 40  # 160 bits in hexadecimal digits
    assert key.isascii()
    assert key.replace("_", "").isalnum()
    row = WriteKey.objects.get(source=source)
    assert row.digest == hashlib.sha256(key.encode()).hexdigest()
    assert key.endswith(row.hint)
    said = json.dumps(list(AuditEntry.objects.values("action", "summary", "detail")))
    assert "source_added" in said
    assert key not in said


def test_two_keys_are_never_the_same() -> None:
    assert len({_added(f"s{number}")[1] for number in range(20)}) == 20


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("web", "name_taken"),
        ("WEB", "name_taken"),
        ("file", "name_taken"),
        ("File", "name_taken"),
        ("crm-export", "name_taken"),
        ("", "wrong_name"),
        ("   ", "wrong_name"),
        ("x" * 61, "wrong_name"),
        ("a\nb", "wrong_name"),
        ("a\0b", "wrong_name"),
    ],
)
def test_a_name_is_free_and_printable(name: str, code: str) -> None:
    _added("web")
    EventName.objects.create(
        source="crm-export", name="x", first_on=date(2026, 1, 1), last_on=date(2026, 1, 1)
    )
    with pytest.raises(InputRefused) as refused:
        _added(name)
    assert (refused.value.code, refused.value.column) == (code, "name")
    assert Source.objects.count() == 1


@pytest.mark.parametrize(
    ("wanted", "column"),
    [
        (SourceSettings(event_bytes=10), "event_bytes"),
        (SourceSettings(event_bytes=2**30), "event_bytes"),
        (SourceSettings(batch_bytes=2**30), "batch_bytes"),
        (SourceSettings(event_bytes=100_000, batch_bytes=50_000), "batch_bytes"),
        (SourceSettings(requests_per_minute=0), "requests_per_minute"),
        (SourceSettings(silent_after_hours=0), "silent_after_hours"),
        (SourceSettings(origins=("app.example.com",)), "origins"),
        (SourceSettings(origins=("https://app.example.com/path",)), "origins"),
        (SourceSettings(origins=("javascript:alert(1)",)), "origins"),
        (SourceSettings(origins=("https://a b",)), "origins"),
        (SourceSettings(product="x" * 101), "product"),
        (SourceSettings(group_type="a\tb"), "group_type"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_settings_out_of_bounds_are_refused(wanted: SourceSettings, column: str) -> None:
    with pytest.raises(InputRefused) as refused:
        add_source("web", kind="browser", settings=wanted, by=None, at=NOW)
    assert refused.value.column == column
    assert not Source.objects.exists()


def test_origins_are_kept_as_browsers_send_them() -> None:
    given = ("https://App.Example.com/", " http://localhost:5173 ", "https://app.example.com", "")
    settings = SourceSettings(origins=given)
    source, _ = add_source("web", kind="browser", settings=settings, by=None, at=NOW)
    assert source.origins == ["https://app.example.com", "http://localhost:5173"]


def test_after_a_rotation_the_old_key_goes_on_as_long_as_asked() -> None:
    source, old = _added()
    new = rotate_key(source, overlap=timedelta(hours=2), by=None, at=NOW)
    assert new != old

    def works(at: datetime) -> list[str]:
        return [row.hint for row in active_keys(source, at=at)]

    assert works(NOW + timedelta(hours=1)) == [old[-4:], new[-4:]]
    assert works(NOW + timedelta(hours=2)) == [new[-4:]]


def test_a_second_rotation_never_lengthens_the_life_of_a_key() -> None:
    source, old = _added()
    rotate_key(source, overlap=timedelta(hours=1), by=None, at=NOW)
    rotate_key(source, overlap=timedelta(days=7), by=None, at=NOW)
    assert WriteKey.objects.get(hint=old[-4:]).revoked_at == NOW + timedelta(hours=1)


def test_a_rotation_without_overlap_stops_the_old_key_at_once() -> None:
    source, _ = _added()
    new = rotate_key(source, overlap=timedelta(), by=None, at=NOW)
    assert [row.hint for row in active_keys(source, at=NOW)] == [new[-4:]]


def test_a_key_is_revoked_once() -> None:
    source, _ = _added()
    (key,) = active_keys(source, at=NOW)
    revoke_key(key, by=None, at=NOW)
    assert not active_keys(source, at=NOW)
    with pytest.raises(InputRefused, match="revoked already"):
        revoke_key(key, by=None, at=NOW)


def test_a_retired_source_has_no_key_and_gets_none() -> None:
    source, _ = _added()
    rotate_key(source, overlap=timedelta(days=7), by=None, at=NOW)
    retired = retire_source(source, by=None, at=NOW)
    assert not active_keys(retired, at=NOW)
    with pytest.raises(InputRefused, match="is retired"):
        rotate_key(retired, overlap=timedelta(), by=None, at=NOW)


def test_a_change_says_in_the_audit_what_it_was_before() -> None:
    source, _ = _added()
    change_source(source, settings=SourceSettings(requests_per_minute=60), by=None, at=NOW)
    entry = AuditEntry.objects.get(action="source_changed")
    assert entry.detail == {"requests_per_minute": [None, 60]}
    changed = Source.objects.get()
    with pytest.raises(InputRefused, match="Nothing changed"):
        change_source(changed, settings=settings_of(changed), by=None, at=NOW)


@pytest.mark.django_db
def test_a_source_that_somebody_retires_meanwhile_gets_no_new_key() -> None:
    stale, _key = add_source("late", kind="server", by=None, at=NOW)
    retire_source(Source.objects.get(pk=stale.pk), by=None, at=NOW)
    with pytest.raises(InputRefused) as refused:
        rotate_key(stale, overlap=timedelta(), by=None, at=NOW)
    assert refused.value.code == "retired"
    assert stale.keys.filter(revoked_at__isnull=True).count() == 0

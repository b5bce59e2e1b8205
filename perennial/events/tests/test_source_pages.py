"""The pages of sources through HTTP: who may see them, and keys that are never shown twice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from time_machine import TimeMachineFixture

from perennial.events.actions import add_source
from perennial.events.models import Source
from perennial.events.queries.sources import active_keys
from perennial.events.tests.scene import NOW, log_in
from perennial.team.models import AuditEntry, Role

pytestmark = pytest.mark.django_db
ADMIN_PAGES = (
    "/data/sources/add/",
    "/data/sources/{pk}/",
    "/data/sources/{pk}/arrived/",
    "/data/live/",
    "/data/rejects/",
    "/data/rejects.csv",
    "/data/unattributed/",
    "/data/unattributed.csv",
)
ADMIN_ACTS = (
    "/data/sources/add/",
    "/data/sources/{pk}/",
    "/data/sources/{pk}/rotate/",
    "/data/sources/{pk}/keys/{key}/revoke/",
    "/data/sources/{pk}/retire/",
    "/data/rejects/replay/",
    "/data/unattributed/add/",
)
OVERVIEWS = ("/data/", "/data/quality/")


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def web() -> Source:
    source, _key = add_source("web", kind="browser", by=None, at=NOW - timedelta(days=40))
    return source


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_administrators_manage_sources(role: Role, web: Source) -> None:
    (key,) = active_keys(web, at=NOW)
    client = log_in(role)
    gaps = {"pk": web.pk, "key": key.pk}
    assert {client.get(path.format(**gaps)).status_code for path in ADMIN_PAGES} == {403}
    assert {client.post(path.format(**gaps)).status_code for path in ADMIN_ACTS} == {403}
    assert active_keys(web, at=NOW)


@pytest.mark.parametrize("role", list(Role))
def test_the_overview_is_for_those_who_judge_the_data(role: Role, web: Source) -> None:
    wanted = 200 if role in (Role.ADMIN, Role.LEADER, Role.SUPPORT) else 403
    assert {log_in(role).get(path).status_code for path in OVERVIEWS} == {wanted}


def test_a_leader_sees_no_way_to_what_is_forbidden(web: Source) -> None:
    page = log_in(Role.LEADER).get("/data/").content.decode()
    assert "web" in page
    assert "/data/sources/" not in page
    assert "/data/live/" not in page


def test_a_key_is_shown_once_and_kept_nowhere(caplog: pytest.LogCaptureFixture, home: Path) -> None:
    client = log_in()
    caplog.set_level("DEBUG")
    answer = client.post("/data/sources/add/", {"name": "app", "kind": "server", "origins": ""})
    key = answer.context["key"]
    page = answer.content.decode()
    assert page.count(key) >= 5  # the field, and a snippet for each client
    assert answer["Cache-Control"] == "no-store"
    source = Source.objects.get(name="app")
    for path in ("/data/", f"/data/sources/{source.pk}/", "/data/live/"):
        assert key not in client.get(path).content.decode()
    assert key not in caplog.text
    said = [f"{entry.summary}{entry.detail}" for entry in AuditEntry.objects.all()]
    assert not [text for text in said if key in text]
    logs = b"".join(path.read_bytes() for path in home.rglob("*.log"))
    assert key.encode() not in logs


def test_snippets_name_the_host_that_was_asked(web: Source) -> None:
    client = log_in()
    page = client.get(f"/data/sources/{web.pk}/", secure=True).content.decode()
    assert "src=&quot;https://testserver/sdk/perennial.js&quot;" in page
    assert "WRITE_KEY" in page


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "web", "kind": "browser"}, "name"),
        ({"name": "file", "kind": "browser"}, "name"),
        ({"name": "", "kind": "browser"}, "name"),
        ({"name": "x", "kind": "fax"}, "kind"),
        ({"name": "x", "kind": "browser", "origins": "app.example.com"}, "origins"),
    ],
    ids=["taken", "of files", "empty", "kind", "origin"],
)
def test_an_error_stays_beside_its_field(given: dict[str, str], field: str, web: Source) -> None:
    answer = log_in().post("/data/sources/add/", given)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert Source.objects.count() == 1


def test_settings_are_changed_in_kilobytes(web: Source) -> None:
    given = {
        "origins": "https://a.example.com\nhttps://b.example.com",
        "requests_per_minute": "600",
        "silent_after_hours": "",
        "event_kilobytes": "64",
        "batch_kilobytes": "4000",
        "product": "CRM",
        "group_type": "",
    }
    client = log_in()
    assert client.post(f"/data/sources/{web.pk}/", given).status_code == 302
    held = Source.objects.get()
    assert (held.event_bytes, held.batch_bytes) == (64 * 1024, 4000 * 1024)
    assert held.origins == ["https://a.example.com", "https://b.example.com"]
    assert held.silent_after_hours is None
    refused = client.post(f"/data/sources/{web.pk}/", given | {"event_kilobytes": "9000"})
    assert refused.status_code == 422
    assert "event_kilobytes" in refused.context["form"].errors


def test_rotating_revoking_and_retiring(web: Source) -> None:
    client = log_in()
    (old,) = active_keys(web, at=NOW)
    answer = client.post(f"/data/sources/{web.pk}/rotate/", {"overlap": "24"})
    assert answer.context["key"].startswith("pk_")
    assert len(active_keys(web, at=NOW)) == 2
    client.post(f"/data/sources/{web.pk}/keys/{old.pk}/revoke/")
    assert [key.pk for key in active_keys(web, at=NOW)] != [old.pk]
    client.post(f"/data/sources/{web.pk}/retire/", {"name": "wbe"})
    assert Source.objects.get().retired_at is None
    client.post(f"/data/sources/{web.pk}/retire/", {"name": "web"})
    assert not active_keys(web, at=NOW)
    assert "Retired" in client.get("/data/").content.decode()


def test_a_key_of_another_source_is_not_found(web: Source) -> None:
    other, _ = add_source("api", kind="server", by=None, at=NOW)
    (key,) = active_keys(other, at=NOW)
    answer = log_in().post(f"/data/sources/{web.pk}/keys/{key.pk}/revoke/")
    assert answer.status_code == 404
    assert active_keys(other, at=NOW)

"""The pages of the data sources through HTTP: who may see them, what they never show twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from time_machine import TimeMachineFixture

from perennial.customers.models import Customer
from perennial.events.actions import add_source
from perennial.events.inbox.frames import Frame, pack
from perennial.events.inbox.segments import Segment
from perennial.events.intake.loading import load
from perennial.events.models import EventName, IntakeHour, Reject, Source
from perennial.events.queries.sources import active_keys
from perennial.events.store import open_store
from perennial.events.tests.conftest import Loader
from perennial.team.models import AuditEntry, Role, User

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
EVIL = "<img src=x onerror=alert(1)>"
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


def log_in(role: Role = Role.ADMIN, language: str = "en") -> Client:
    email = f"{role}-{language}@example.com"
    user, _ = User.objects.get_or_create(
        email=email, defaults={"name": str(role), "role": role, "language": language}
    )
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def web() -> Source:
    source, _key = add_source("web", kind="browser", by=None, at=NOW - timedelta(days=40))
    return source


def _arrive(source: Source, *bodies: str, route: str = "track", ago: int = 5) -> None:
    """Put requests into the inbox as the API does."""
    folder = Path(settings.PERENNIAL_HOME) / "inbox"
    folder.mkdir(exist_ok=True)
    segment = Segment(folder)
    received_us = int((NOW.timestamp() - ago) * 1e6)
    frames = [Frame(received_us, source.pk, route, "test", body.encode()) for body in bodies]
    segment.write(b"".join(map(pack, frames)))
    segment.seal()


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


def test_live_follows_an_event_from_the_inbox_into_the_store(web: Source) -> None:
    Customer.objects.create(external_id="c1", name="Acme", recorded_at=NOW)
    client = log_in()
    good = '{"event":"Report opened","userId":"u1","context":{"groupId":"c1"},"writeKey":"pk_x"}'
    _arrive(web, good, '{"event":"","userId":"u1"}')
    rows = client.get("/data/live/").context["rows"]
    assert [(row.item.state, row.item.event) for row in rows] == [
        ("waiting", "Report opened"),
        ("rejected", ""),
    ]
    load(open_store())
    page = client.get("/data/live/")
    states = {row.item.state: row for row in page.context["rows"]}
    assert states["stored"].item.customer == "c1"
    assert states["stored"].item.is_claimed
    assert "The event has no name." in page.content.decode()
    assert "pk_x" not in page.content.decode()
    _arrive(web, '{"event":"Report opened","userId":"u1","messageId":"m1"}')
    load(open_store())
    _arrive(web, '{"event":"Report opened","userId":"u1","messageId":"m1"}', ago=2)
    load(open_store())
    assert client.get("/data/live/").context["rows"][0].item.state == "copy"


def test_live_is_filtered_paused_and_partial(web: Source) -> None:
    _arrive(web, '{"event":"A","userId":"u1"}', '{"event":"B","userId":"u2"}')
    client = log_in()
    only = client.get("/data/live/?event=b").context["rows"]
    assert [row.item.event for row in only] == ["B"]
    assert not client.get("/data/live/?state=stored").context["rows"]
    assert "every 3s" in client.get("/data/live/").content.decode()
    assert "every 3s" not in client.get("/data/live/?paused=1").content.decode()
    part = client.get("/data/live/?event=b", headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith("<section")
    assert 'hx-get="/data/live/?event=b"' in part


def test_what_clients_send_is_shown_as_text(web: Source) -> None:
    """Names and ids are whatever somebody sends: none of it becomes markup."""
    event = (
        f'{{"type":"track","event":"{EVIL}","userId":"{EVIL}","context":{{"groupId":"{EVIL}"}}}}'
    )
    _arrive(web, event, f'{{"type":"{EVIL}"}}', route="batch")
    load(open_store())
    EventName.objects.create(
        source=EVIL, name=EVIL, first_on=date(2026, 5, 1), last_on=date(2026, 5, 30)
    )
    Reject.objects.create(
        source=web,
        received_at=NOW,
        reason="unknown_type",
        params={"type": EVIL},
        body=EVIL,
        place="p",
    )
    client = log_in()
    for path in (
        "/data/",
        "/data/live/",
        "/data/rejects/",
        "/data/unattributed/",
        "/data/quality/",
    ):
        assert "<img" not in client.get(path).content.decode(), path


def test_rejects_are_told_by_reason_and_replayed(
    web: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        Reject(
            source=web,
            received_at=NOW - timedelta(minutes=number),
            reason=reason,
            body='{"event":""}',
            whole=reason != "too_large",
            params={"bytes": "9", "at_most": "8"},
            place=f"p{number}",
        )
        for number, reason in enumerate(["no_event"] * 3 + ["too_large"])
    ]
    Reject.objects.bulk_create(rows)
    sent: list[Reject] = []
    monkeypatch.setattr(
        "perennial.events.intake.replay.replay", lambda rejects, *, at: sent.extend(rejects)
    )
    client = log_in()
    page = client.get("/data/rejects/")
    assert [(pile.reason, pile.rejects, pile.waiting) for pile, _told in page.context["piles"]] == [
        ("no_event", 3, 3),
        ("too_large", 1, 0),
    ]
    first = Reject.objects.filter(reason="no_event").first()
    assert first
    client.post("/data/rejects/replay/", {"reject": [first.pk, 10**12]})
    assert [it.pk for it in sent] == [first.pk]
    client.post("/data/rejects/replay/", {"reason": "no_event", "all": "1"})
    assert len(sent) == 3
    assert Reject.objects.filter(replayed_at=NOW).count() == 3
    assert AuditEntry.objects.filter(action="rejects_replayed").count() == 2
    said = client.post("/data/rejects/replay/", {"reason": "too_large", "all": "1"}, follow=True)
    assert "None of these can be sent once more." in said.content.decode()


def test_the_csv_of_rejects_runs_nothing_in_a_spreadsheet(web: Source) -> None:
    Reject.objects.create(
        source=web, received_at=NOW, reason="broken", body="=cmd()", params={}, place="p"
    )
    assert "'=cmd()" in log_in().get("/data/rejects.csv").content.decode()


def test_an_unknown_customer_is_added_and_its_events_count(web: Source) -> None:
    _arrive(web, '{"event":"Open","userId":"u1","context":{"groupId":"c9"}}')
    _arrive(web, '{"event":"Open","userId":"u2"}')
    load(open_store())
    client = log_in()
    page = client.get("/data/unattributed/")
    assert [(it.external_id, it.events) for it in page.context["found"].unknown_customers] == [
        ("c9", 1)
    ]
    assert [it.person for it in page.context["found"].lone_people] == ["u2"]
    assert "c9" in client.get("/data/unattributed.csv").content.decode()
    client.post("/data/unattributed/add/", {"customer": ["c9"]})
    assert Customer.objects.get(external_id="c9").name == "c9"
    assert not client.get("/data/unattributed/").context["found"].unknown_customers


def test_a_silent_source_is_told_on_both_overviews(web: Source) -> None:
    last = NOW.replace(minute=0) - timedelta(hours=50)
    IntakeHour.objects.bulk_create(
        IntakeHour(source=web, hour_at=last - timedelta(hours=back), last_load=1, accepted=30)
        for back in range(24 * 30)
    )
    client = log_in(Role.LEADER)
    assert "Nothing has come from web for 2 d" in " ".join(
        client.get("/data/").content.decode().split()
    )
    page = client.get("/data/quality/")
    (line,) = page.context["lines"]
    assert (line.name, line.tone) == ("web", "bad")
    assert "about 1,470 events were usual" in line.reason


def test_drift_names_what_came_and_went(web: Source) -> None:
    today = date(2026, 6, 30)
    for name, first, last in (
        ("Always", 90, 0),
        ("New", 3, 0),
        ("Gone", 80, 20),
        ("Forgotten", 200, 100),
        ("Once", 30, 29),
    ):
        EventName.objects.create(
            source="web",
            name=name,
            first_on=today - timedelta(days=first),
            last_on=today - timedelta(days=last),
        )
    drift = log_in().get("/data/quality/").context["drift"]
    assert [it.name for it in drift.new] == ["New"]
    assert [it.name for it in drift.vanished] == ["Gone"]


def test_the_reach_is_that_of_the_customers_a_leader_sees(tmp_path: Path) -> None:
    client = log_in(Role.LEADER)
    leader = User.objects.get(role=Role.LEADER)
    for name, owner in (("mine", leader), ("theirs", None)):
        Customer.objects.create(external_id=name, name=name, owner=owner, recorded_at=NOW)
    Loader(open_store(), tmp_path, known=["mine", "theirs"])(
        "event,timestamp,customer_id,user_id\nopen,2026-06-20T00:00:00Z,theirs,u1\n"
    )
    page = client.get("/data/quality/")
    assert page.context["reached"].customers == 1
    assert "theirs" not in page.content.decode()


@pytest.mark.parametrize("path", ["/data/", "/data/quality/", "/data/live/", "/data/rejects/"])
def test_more_sources_need_no_more_queries(
    path: str, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    client = log_in()
    for number in range(8):
        source, _ = add_source(f"s{number}", kind="server", by=None, at=NOW)
        IntakeHour.objects.create(source=source, hour_at=NOW, last_load=1, accepted=5)
    client.get(path)
    with django_assert_max_num_queries(16):
        client.get(path)


@pytest.mark.parametrize("path", ["/data/", "/data/live/", "/data/rejects/", "/data/quality/"])
def test_an_empty_page_says_the_next_step(path: str) -> None:
    page = log_in(language="zh-hans").get(path).content.decode()
    assert 'class="empty"' in page
    assert "<script>" not in page
    assert " style=" not in page


def test_a_first_load_of_rejects_alone_is_a_load(web: Source) -> None:
    _arrive(web, '{"event":"","userId":"u1"}')
    assert load(open_store()).rejected == 1
    assert Reject.objects.get().reason == "no_event"

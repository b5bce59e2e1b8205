"""Pages of what arrives through HTTP: live, rejects, unattributed, quality."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from time_machine import TimeMachineFixture

from perennial.customers.models import Customer
from perennial.events.actions import add_source
from perennial.events.intake.loading import load
from perennial.events.models import EventName, IntakeHour, Reject, Source
from perennial.events.store import open_store
from perennial.events.tests.conftest import Loader
from perennial.events.tests.scene import NOW, arrive, log_in
from perennial.team.models import AuditEntry, Role, User

pytestmark = pytest.mark.django_db
EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def web() -> Source:
    source, _key = add_source("web", kind="browser", by=None, at=NOW - timedelta(days=40))
    return source


def test_live_follows_an_event_from_the_inbox_into_the_store(web: Source) -> None:
    Customer.objects.create(external_id="c1", name="Acme", recorded_at=NOW)
    client = log_in()
    good = '{"event":"Report opened","userId":"u1","context":{"groupId":"c1"},"writeKey":"pk_x"}'
    arrive(web, good, '{"event":"","userId":"u1"}')
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
    arrive(web, '{"event":"Report opened","userId":"u1","messageId":"m1"}')
    load(open_store())
    arrive(web, '{"event":"Report opened","userId":"u1","messageId":"m1"}', ago=2)
    load(open_store())
    assert client.get("/data/live/").context["rows"][0].item.state == "copy"


def test_live_is_filtered_paused_and_partial(web: Source) -> None:
    arrive(web, '{"event":"A","userId":"u1"}', '{"event":"B","userId":"u2"}')
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
    arrive(web, event, f'{{"type":"{EVIL}"}}', route="batch")
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
    arrive(web, '{"event":"Open","userId":"u1","context":{"groupId":"c9"}}')
    arrive(web, '{"event":"Open","userId":"u2"}')
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
    arrive(web, '{"event":"","userId":"u1"}')
    assert load(open_store()).rejected == 1
    assert Reject.objects.get().reason == "no_event"


def test_live_says_when_nothing_is_loaded(web: Source, time_machine: TimeMachineFixture) -> None:
    arrive(web, '{"event":"A","userId":"u1"}')
    client = log_in()
    assert not client.get("/data/live/").context["backlog"]
    time_machine.move_to(NOW + timedelta(minutes=10), tick=False)
    assert "have waited for 10 min" in client.get("/data/live/").content.decode()


def test_a_number_that_no_database_holds_finds_nothing(web: Source) -> None:
    client, long = log_in(), "9" * 30
    for address in ("/data/rejects/", "/data/rejects.csv", "/data/live/"):
        assert client.get(address, {"source": long}).status_code == 200, address
    assert client.post("/data/rejects/replay/", {"reject": long}).status_code == 302
    assert client.post("/data/rejects/replay/", {"source": long, "all": ""}).status_code == 302

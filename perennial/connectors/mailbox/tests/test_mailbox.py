"""A mail's way from a real IMAP server to the customer it speaks to, or into quarantine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from perennial.connectors.mailbox import actions, jobs, queries, server
from perennial.connectors.mailbox.letter import read
from perennial.connectors.mailbox.models import Held, HeldMail
from perennial.connectors.mailbox.tests.imap import Folder, serving
from perennial.customers.models import Customer, Person, Touch, TouchKind
from perennial.team.models import AuditEntry, Role, SecretLink, User
from perennial.units.errors import EnvironmentFault

NOW = datetime(2026, 7, 1, 4, tzinfo=UTC)
pytestmark = pytest.mark.enable_socket


@dataclass
class Scene:
    folder: Folder
    zhou: User
    admin: User
    mingsen: Customer
    li: Person
    address: str

    def mail(self, body: str = "你好", *, to: str = "li@mingsen.example", **heads: str) -> None:
        lines = {
            "From": "周周 <Zhou@cs.example>",
            "To": to,
            "Delivered-To": self.address,
            "Subject": "报价",
            "Date": "Wed, 1 Jul 2026 10:00:00 +0800",
            "Message-ID": f"<{len(self.folder.mails)}@cs.example>",
            "Content-Type": "text/plain; charset=utf-8",
        } | {name.replace("_", "-"): value for name, value in heads.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
        self.folder.mails.append(f"{head}\r\n{body}".encode())


@pytest.fixture
def scene(db: None, settings: Any) -> Iterator[Scene]:
    settings.PERENNIAL_IMAP_ADDRESS = "log@cs.example"
    zhou = User.objects.create(email="zhou@cs.example", name="周周", language="zh-hans")
    admin = User.objects.create(email="admin@cs.example", name="A", role=Role.ADMIN)
    mingsen = customer("铭森", zhou)
    li = person(mingsen, "li@mingsen.example")
    with serving() as folder:
        settings.PERENNIAL_IMAP_URL = folder.url()
        yield Scene(folder, zhou, admin, mingsen, li, actions.renew_address(zhou, by=zhou, at=NOW))


def customer(name: str, owner: User | None) -> Customer:
    return Customer.objects.create(external_id=name, name=name, owner=owner, recorded_at=NOW)


def person(at: Customer, email: str) -> Person:
    return Person.objects.create(
        external_id=email, customer=at, name=email[:2], email=email, recorded_at=NOW
    )


def poll(at: datetime = NOW) -> int:
    return jobs.poll(lambda: at)


def test_a_copy_to_the_secret_address_is_logged_at_its_customer(scene: Scene):
    scene.mail("你好\n\n在 2026年6月30日 9:00，李 <li@mingsen.example> 写道：\n> 旧的")
    assert poll() == 1
    touch = Touch.objects.get()
    assert (touch.customer, touch.person, touch.owner) == (scene.mingsen, scene.li, scene.zhou)
    assert touch.kind == TouchKind.EMAIL
    assert touch.happened_at == datetime(2026, 7, 1, 2, tzinfo=UTC)
    assert touch.note.endswith("报价\n\n你好") and "旧的" not in touch.note
    assert scene.folder.seen == {1}
    assert poll() == 0  # seen


def test_the_same_mail_twice_is_one_touch(scene: Scene):
    scene.mail()
    scene.mail(Message_ID="<0@cs.example>")
    assert poll() == 2 and Touch.objects.count() == 1
    assert scene.folder.seen == {1, 2}


def test_a_forwarded_mail_was_received_from_its_first_sender(scene: Scene):
    body = "---------- Forwarded message ---------\nFrom: Li <li@mingsen.example>\n\n我们续约"
    scene.mail(body, to=scene.address, Delivered_To="")
    poll()
    touch = Touch.objects.get()
    assert touch.customer == scene.mingsen and "我们续约" in touch.note
    scene.mail()
    poll()
    sent = Touch.objects.latest("pk").note
    assert touch.note.split("：")[0] != sent.split("：")[0]  # received, sent


def test_a_date_in_the_future_is_now(scene: Scene):
    scene.mail(Date="Wed, 1 Jul 2099 10:00:00 +0800")
    poll()
    assert Touch.objects.get().happened_at == NOW


@pytest.mark.parametrize(
    ("heads", "reason"),
    [
        ({"From": "li@mingsen.example"}, Held.UNKNOWN_SENDER),
        ({"From": "Zhou@cs.example.evil"}, Held.UNKNOWN_SENDER),
        ({"From": "zhou@cs.example, li@mingsen.example"}, Held.UNKNOWN_SENDER),
        ({"Delivered_To": "log+" + "x" * 22 + "@cs.example"}, Held.NO_ADDRESS),
        ({"Delivered_To": ""}, Held.NO_ADDRESS),
        ({"to": "nobody@else.example"}, Held.NO_CUSTOMER),
        ({"to": "li@mingsen.example, wu@other.example"}, Held.SEVERAL),
    ],
)
def test_what_is_not_clear_waits_with_its_reason(scene: Scene, heads: dict[str, str], reason: Held):
    person(customer("Other", scene.zhou), "wu@other.example")
    scene.mail(**heads)
    poll()
    assert not Touch.objects.exists()
    assert HeldMail.objects.get().reason == reason
    assert scene.folder.seen == {1}


def test_a_customer_of_others_is_none(scene: Scene):
    """The gate: a guessed address does not put a note at a colleague's customer."""
    person(customer("Theirs", scene.admin), "boss@theirs.example")
    scene.mail(to="boss@theirs.example")
    poll()
    assert HeldMail.objects.get().reason == Held.NO_CUSTOMER
    assert not HeldMail.objects.get().candidates.exists()


def test_a_huge_mail_is_not_fetched(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(server, "LARGEST_BYTES", 2_000)
    scene.mail("x" * 5_000)
    poll()
    held = HeldMail.objects.get()
    assert (held.reason, held.subject) == (Held.TOO_LARGE, "报价") and "xxx" not in held.note


def test_a_renewed_address_ends_the_old_one(scene: Scene):
    old = scene.address
    scene.address = actions.renew_address(scene.zhou, by=scene.zhou, at=NOW)
    scene.mail(Delivered_To=old)
    scene.mail()
    poll()
    assert Touch.objects.count() == 1 and HeldMail.objects.get().reason == Held.NO_ADDRESS
    assert old.split("+")[1][:22] not in str(list(SecretLink.objects.values()))


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": Role.VIEWER}])
def test_who_may_not_log_any_more_does_not(scene: Scene, change: dict[str, Any]):
    User.objects.filter(pk=scene.zhou.pk).update(**change)
    scene.mail()
    poll()
    assert not Touch.objects.exists()


def test_nothing_is_marked_before_it_is_committed(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    def broken(*_parts: object, **_named: object) -> None:
        raise OperationalError("disk full")

    scene.mail()
    with monkeypatch.context() as patched:
        patched.setattr(actions, "_log", broken)
        with pytest.raises(OperationalError):
            poll()
    assert not scene.folder.seen
    assert poll() == 1 and Touch.objects.count() == 1


def test_killed_between_commit_and_mark_it_is_still_once(scene: Scene):
    scene.mail()
    scene.folder.breaks = {"STORE"}
    poll()
    assert Touch.objects.count() == 1 and not scene.folder.seen
    scene.folder.breaks = set()
    assert poll() == 1 and Touch.objects.count() == 1 and scene.folder.seen == {1}


def test_a_mail_that_breaks_our_reading_stops_no_other(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
):
    scene.mail("one")
    scene.mail("two")
    broken = "perennial.connectors.mailbox.jobs.read"
    monkeypatch.setattr(broken, lambda content: 1 / 0 if b"one" in content else read(content))
    assert poll() == 2
    assert HeldMail.objects.get().reason == Held.UNREADABLE and Touch.objects.count() == 1


@pytest.mark.parametrize("fault", ["password", "LOGIN", "SELECT", "SEARCH", "port"])
def test_a_mailbox_that_fails_is_told_and_never_raises(scene: Scene, settings: Any, fault: str):
    scene.mail()
    if fault == "port":
        settings.PERENNIAL_IMAP_URL = "imap://u:hidden@127.0.0.1:9/"
    elif fault == "password":
        scene.folder.password = "another"
    else:
        scene.folder.breaks = {fault}
    assert poll() == 0
    state = queries.state()
    assert state["failed_since"] == NOW.isoformat() and "hidden" not in state["error"]
    assert poll(NOW + timedelta(hours=1)) == 0
    assert queries.state()["failed_since"] == NOW.isoformat()
    settings.PERENNIAL_IMAP_URL, scene.folder.breaks = scene.folder.url(), set()
    scene.folder.password = "p w"
    assert poll() == 1 and "failed_since" not in queries.state()


def test_a_wrong_setting_is_told_without_its_password():
    with pytest.raises(EnvironmentFault) as refused:
        server.server("http://u:secret@host/")
    assert "secret" not in str(refused.value)


def test_its_owner_chooses_the_customer_and_can_take_it_back(scene: Scene, client: Client):
    other = customer("Other", scene.zhou)
    person(other, "wu@other.example")
    scene.mail(to="li@mingsen.example, wu@other.example")
    poll()
    held = HeldMail.objects.get()
    client.force_login(scene.zhou)
    page = client.get(reverse("mailbox:page")).content.decode()
    assert "报价" in page and "铭森" in page and "Other" in page
    accept = reverse("mailbox:accept", args=[held.pk])
    client.post(accept, {"customer": other.external_id})
    assert Touch.objects.get().customer == other
    client.post(accept, {"customer": scene.mingsen.external_id})  # decided: said, not done
    assert Touch.objects.count() == 1
    client.post(reverse("mailbox:undo", args=[held.pk]))
    assert not Touch.objects.exists() and queries.waiting(scene.zhou).count() == 1
    client.post(reverse("mailbox:discard", args=[held.pk]))
    assert queries.waiting(scene.zhou).count() == 0
    assert AuditEntry.objects.filter(action="mail_discarded").exists()


def test_held_mails_of_others_do_not_exist(scene: Scene, client: Client):
    scene.mail(From="li@mingsen.example")
    scene.mail(Delivered_To="")
    poll()
    stranger = User.objects.create(email="s@cs.example", name="S")
    client.force_login(stranger)
    assert "报价" not in client.get(reverse("mailbox:page")).content.decode()
    for held in HeldMail.objects.all():
        for name in ("accept", "discard", "undo"):
            assert client.post(reverse(f"mailbox:{name}", args=[held.pk])).status_code == 404
    client.force_login(scene.admin)
    assert client.get(reverse("mailbox:page")).content.decode().count("报价") == 2
    assert queries.waiting(scene.zhou).count() == 1


def test_a_customer_out_of_reach_cannot_be_chosen(scene: Scene, client: Client):
    theirs = customer("Theirs", scene.admin)
    scene.mail(to="nobody@else.example")
    poll()
    client.force_login(scene.zhou)
    accept = reverse("mailbox:accept", args=[HeldMail.objects.get().pk])
    client.post(accept, {"customer": theirs.external_id})
    assert not Touch.objects.exists()


def test_the_address_is_shown_once(scene: Scene, client: Client):
    client.force_login(scene.zhou)
    shown = client.post(reverse("mailbox:renew"))
    assert "log+" in shown.content.decode() and "no-store" in shown.headers["Cache-Control"]
    assert "log+" not in client.get(reverse("mailbox:page")).content.decode()
    client.force_login(User.objects.create(email="v@cs.example", name="V", role=Role.VIEWER))
    assert client.get(reverse("mailbox:page")).status_code == 403


def test_spam_fills_no_database(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(actions, "MOST_OF_NOBODY", 2)
    for _ in range(5):
        scene.mail(Delivered_To="")
    scene.mail()
    poll()
    assert HeldMail.objects.count() == 2 and Touch.objects.count() == 1

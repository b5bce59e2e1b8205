"""The month and the calendar that a phone subscribes to, read back by a library."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import icalendar  # type: ignore[import-untyped]
import pytest
import time_machine
from django.test import Client

from perennial.desk.calendar.events import Event
from perennial.desk.calendar.feed import LINE_BYTES, document, escaped
from perennial.desk.calendar.month import bounds, weeks
from perennial.desk.tests.scene import NOW, ON
from perennial.team.models import Absence, AuditEntry, SecretLink, User
from perennial.work.models import Touchpoint

TODAY = date(2026, 11, 22)
AT = datetime(2026, 11, 22, 2, tzinfo=UTC)


def event(**values) -> Event:
    given = {"on": TODAY, "kind": "task", "pk": 7, "title": "Call", "customer_id": 1}
    return Event(**{**given, "customer": "北京卓泽", **values})


def read(text: str) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(text).walk("VEVENT"))


TEXTS = [
    pytest.param("Call; mail, write\\phone", id="signs-of-the-format"),
    pytest.param("two\nlines", id="two-lines"),
    pytest.param("跟进" * 80, id="long-chinese"),
    pytest.param("🌱" * 60 + "a", id="four-bytes-each"),
    pytest.param("BEGIN:VEVENT\r\nUID:evil", id="an-event-inside"),
]


@pytest.mark.parametrize("title", TEXTS)
def test_a_title_comes_back_as_it_was_from_lines_of_75_bytes(title):
    text = document([event(title=title)], name="P", home="https://x", at=AT)
    assert max(len(line.encode()) for line in text.split("\r\n")) <= LINE_BYTES
    (found,) = read(text)
    assert str(found["SUMMARY"]) == f"北京卓泽 · Task: {title}".replace("\r\n", "\n")
    assert found["DTSTART"].dt == TODAY
    assert found["DTEND"].dt == TODAY + timedelta(days=1)
    assert str(found["UID"]) == "task-7@perennial"


def test_control_characters_do_not_reach_a_calendar():
    assert escaped("a\x00b\x1bc") == "abc"


MONTHS = [
    pytest.param(date(2026, 11, 1), date(2026, 10, 26), date(2026, 12, 7), id="six-weeks"),
    pytest.param(date(2027, 2, 1), date(2027, 2, 1), date(2027, 3, 1), id="exactly-four-weeks"),
    pytest.param(date(2026, 12, 1), date(2026, 11, 30), date(2027, 1, 4), id="over-the-year"),
]


@pytest.mark.parametrize(("month", "first", "until"), MONTHS)
def test_a_month_is_whole_weeks_from_monday(month, first, until):
    assert bounds(month) == (first, until)
    assert all(len(week) == 7 for week in weeks([], month=month, today=TODAY, room=3))


@pytest.fixture
def feed(office, as_user) -> Iterator[str]:
    """The address of the owner's calendar, as it was shown once."""
    Touchpoint.objects.create(
        customer=office.quiet,
        kind=Touchpoint.Kind.REVIEW,
        title="Review",
        planned_on=TODAY + timedelta(days=3),
        due_on=TODAY + timedelta(days=3),
        recorded_at=NOW,
    )
    client = as_user(office.owner)
    answer = client.post("/profile/calendar/", follow=True)
    # A page with forms: under `no-referrer` browsers send `Origin: null`, and they are refused.
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "same-origin")
    shown = answer.context["fresh"]
    assert shown not in client.get("/profile/calendar/").content.decode()
    yield shown.removeprefix("http://testserver")


def summaries(feed: str) -> set[str]:
    return {str(it["SUMMARY"]) for it in read(Client().get(feed).content.decode())}


def test_the_feed_needs_no_log_in_and_says_the_own_book_without_amounts(office, feed):
    answer = Client().get(feed)
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Content-Type"].startswith("text/calendar")
    assert summaries(feed) == {
        "北京卓泽 · Renewal",
        "深圳铭森 · Renewal",
        "Quiet Ltd · Touchpoint: Review",
    }
    assert "480" not in answer.content.decode()
    assert "¥" not in answer.content.decode()


def test_the_feed_asks_the_gate_each_time(office, feed):
    office.beijing.owner = office.outsider
    office.beijing.save()
    assert "北京卓泽 · Renewal" not in summaries(feed)
    User.objects.filter(pk=office.owner.pk).update(is_active=False)
    assert Client().get(feed).status_code == 404


def test_a_revoked_or_expired_feed_is_gone(office, feed, as_user):
    link = SecretLink.objects.get()
    assert as_user(office.outsider).post(f"/profile/calendar/{link.pk}/revoke/").status_code == 404
    with time_machine.travel(NOW + timedelta(days=366), tick=False):
        assert Client().get(feed).status_code == 404
    as_user(office.owner).post(f"/profile/calendar/{link.pk}/revoke/")
    assert Client().get(feed).status_code == 404
    assert AuditEntry.objects.filter(action="secret_link.revoked").count() == 1


def test_the_feed_speaks_as_the_page_did_for_who_has_chosen_no_language(office, as_user):
    client = as_user(office.owner)
    asked = {"accept-language": "zh-hans"}
    shown = client.post("/profile/calendar/", follow=True, headers=asked).context["fresh"]
    assert "北京卓泽 · 续约" in summaries(shown.removeprefix("http://testserver"))


def test_who_may_not_subscribe_is_not_led_there(office, as_user):
    link = 'href="/profile/calendar/"'
    assert link in as_user(office.owner).get("/calendar/").content.decode()
    assert link not in as_user(office.viewer).get("/calendar/").content.decode()


def test_guessed_addresses_open_nothing(office):
    assert Client().get("/calendar/AAAAAAAAAAAAAAAAAAAAAA.ics").status_code == 404


def test_the_month_shows_the_own_book_and_that_of_who_is_away(office, feed, as_user):
    assert "Quiet Ltd" in as_user(office.owner).get("/calendar/").content.decode()
    client = as_user(office.outsider)
    assert "Quiet Ltd" not in client.get("/calendar/?scope=all").content.decode()
    Absence.objects.create(
        user=office.owner,
        stand_in=office.outsider,
        from_on=ON,
        until_on=ON + timedelta(days=9),
        made_at=NOW,
    )
    assert "Quiet Ltd" in client.get("/calendar/").content.decode()
    assert client.get("/calendar/?month=nonsense").status_code == 200

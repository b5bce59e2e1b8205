"""The customer page, and what is changed on it: in place, with the error beside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from perennial.customers.models import Person, Touch
from perennial.desk.models import CustomerFigures
from perennial.desk.tests.scene import NOW, Office
from perennial.team.models import AuditEntry, User

LogIn = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize(
    "tab", ["", "timeline", "usage", "people", "contracts", "changes", "nonsense"]
)
def test_every_tab_opens_also_for_an_empty_customer(
    office: Office, as_user: LogIn, tab: str
) -> None:
    for one in (office.beijing, office.quiet):
        address = reverse("desk:customer", args=[one.pk])
        answer = as_user(office.owner).get(address, {"tab": tab})
        assert answer.status_code == 200
        assert one.name in answer.content.decode()


def test_why_now_stands_on_top_and_in_the_preview(office: Office, as_user: LogIn) -> None:
    address = reverse("desk:customer", args=[office.shenzhen.pk])
    for page in (address, f"{address}peek/"):
        text = as_user(office.owner).get(page).content.decode()
        assert "renewal in 300 days" in text
    assert (
        "Why now"
        not in as_user(office.owner)
        .get(reverse("desk:peek", args=[office.quiet.pk]))
        .content.decode()
    )


def test_queries_of_the_page_are_bounded(
    office: Office, as_user: LogIn, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    client = as_user(office.owner)
    with django_assert_max_num_queries(52):  # type: ignore[attr-defined]
        client.get(reverse("desk:customer", args=[office.beijing.pk]))


@pytest.mark.parametrize("part", ["usage", "timeline"])
def test_htmx_gets_one_card_of_the_page(office: Office, as_user: LogIn, part: str) -> None:
    address = reverse("desk:customer", args=[office.beijing.pk])
    headers = {"HX-Request": "true", "HX-Target": f"article#{part}"}
    text = as_user(office.owner).get(address, {"days": 30}, headers=headers).content.decode()
    assert text.lstrip().startswith(f'<article class="crd" id="{part}"')


def field(office: Office, name: str) -> str:
    return reverse("customers:field", args=[office.beijing.pk, name])


def test_a_field_is_edited_in_place(office: Office, as_user: LogIn) -> None:
    client = as_user(office.owner)
    assert 'name="value"' in client.get(f"{field(office, 'region')}?edit=1").content.decode()
    saved = client.post(field(office, "region"), {"value": "北京", "version": 1}, headers=HTMX)
    assert saved.status_code == 200
    office.beijing.refresh_from_db()
    assert office.beijing.region == "北京"
    page = reverse("desk:customer", args=[office.beijing.pk])
    assert "Region: – → 北京" in client.get(page, {"tab": "changes"}).content.decode()


@pytest.mark.parametrize(
    ("name", "value", "version"),
    [
        pytest.param("region", "x" * 101, "1", id="too long"),
        pytest.param("name", "", "1", id="a name is needed"),
        pytest.param("website", "javascript:alert(1)", "1", id="no web address"),
        pytest.param("region", "A", "7", id="somebody saved before"),
        pytest.param("region", "A", "", id="no version"),
    ],
)
def test_a_wrong_edit_stays_beside_the_field(
    office: Office, as_user: LogIn, name: str, value: str, version: str
) -> None:
    typed = {"value": value, "version": version}
    answer = as_user(office.owner).post(field(office, name), typed, headers=HTMX)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not AuditEntry.objects.exists()


def test_tags_are_split_at_commas_of_either_width(office: Office, as_user: LogIn) -> None:
    typed = {"value": "重点，VIP, 重点", "version": 1}
    as_user(office.owner).post(field(office, "tags"), typed)
    office.beijing.refresh_from_db()
    assert office.beijing.tags == ["重点", "VIP"]


def test_an_unknown_field_is_not_edited(office: Office, as_user: LogIn) -> None:
    typed = {"value": "1", "version": 1}
    answer = as_user(office.owner).post(field(office, "owner"), typed)
    assert answer.status_code == 404


def test_a_touch_is_logged_in_one_go(office: Office, as_user: LogIn) -> None:
    client = as_user(office.owner)
    address = reverse("desk:touch", args=[office.shenzhen.pk])
    typed = {"kind": "call", "note": "wants a price", "minutes": "12"}
    answer = client.post(address, typed, headers=HTMX)
    assert answer.status_code == 204
    assert "sheet:close" in answer["HX-Trigger"]
    touch = Touch.objects.get()
    assert (touch.owner, touch.happened_at, touch.minutes) == (office.owner, NOW, 12)
    assert "深圳铭森" not in client.get("/customers/?view=untouched").content.decode()
    page = reverse("desk:customer", args=[office.shenzhen.pk])
    assert "wants a price" in client.get(page).content.decode()


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param({"kind": "call", "note": ""}, id="nothing said"),
        pytest.param({"kind": "dance", "note": "x"}, id="no such kind"),
        pytest.param({"kind": "call", "note": "x", "minutes": "-1"}, id="less than no time"),
        pytest.param(
            {"kind": "call", "note": "x", "happened_at": "2027-01-01 10:00"}, id="in the future"
        ),
    ],
)
def test_a_wrong_touch_stays_in_the_form(
    office: Office, as_user: LogIn, typed: dict[str, str]
) -> None:
    address = reverse("desk:touch", args=[office.shenzhen.pk])
    assert as_user(office.owner).post(address, typed, headers=HTMX).status_code == 422
    assert not Touch.objects.exists()


def test_a_person_of_another_customer_is_no_contact_here(office: Office, as_user: LogIn) -> None:
    address = reverse("desk:touch", args=[office.shenzhen.pk])
    typed = {"kind": "call", "note": "x", "person": office.person.pk}
    assert as_user(office.owner).post(address, typed, headers=HTMX).status_code == 422


def test_a_person_comes_changes_and_leaves(office: Office, as_user: LogIn) -> None:
    client = as_user(office.owner)
    pk = office.beijing.pk
    client.post(reverse("customers:add_person", args=[pk]), {"name": "梁敏", "grade": "A"})
    added = Person.objects.get(name="梁敏")
    address = reverse("customers:edit_person", args=[pk, added.pk])
    stale = {"name": "梁敏", "sentiment": "warm", "version": 9}
    assert client.post(address, stale, headers=HTMX).status_code == 422
    assert client.post(address, {**stale, "version": 1}, headers=HTMX).status_code == 204
    client.post(reverse("customers:person_left", args=[pk, added.pk]), headers=HTMX)
    added.refresh_from_db()
    assert (added.sentiment, added.to_on) == ("warm", date(2026, 11, 22))
    text = client.get(reverse("customers:people", args=[pk])).content.decode()
    assert text.index("黄志强") < text.index("梁敏")  # who left stands last
    assert "left 2026-11-22" in text


def test_a_contact_of_grade_s_is_overdue_after_a_month(office: Office, as_user: LogIn) -> None:
    Touch.objects.create(
        customer=office.beijing,
        person=office.person,
        happened_at=NOW - timedelta(days=40),
        recorded_at=NOW,
    )
    page = as_user(office.owner).get(reverse("customers:people", args=[office.beijing.pk]))
    assert [it.contact.is_overdue for it in page.context["contacts"]] == [True]


def test_a_customer_that_came_in_today_has_a_page_already(office: Office, as_user: LogIn) -> None:
    CustomerFigures.objects.filter(pk=office.beijing.pk).delete()
    page = f"/customers/{office.beijing.pk}/"
    assert "Not measured" in as_user(office.owner).get(page).content.decode()
    assert as_user(office.owner).get(f"{page}peek/").status_code == 200

"""People over HTTP: list, map, sheets, conflict, undo, the gate, and bad input."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from perennial.customers.models import Customer, GradedBy, Person, Touch
from perennial.customers.people.urls import urlpatterns
from perennial.desk.tests.scene import NOW, Office
from perennial.team.models import User

LogIn = Callable[[User], Client]
HTMX = {"HX-Request": "true"}
TODAY = date(2026, 11, 22)


def person(customer: Customer, name: str, **values: object) -> Person:
    return Person.objects.create(
        external_id=name, customer=customer, name=name, recorded_at=NOW, **values
    )


def at(name: str, *pks: int) -> str:
    return reverse(f"customers:{name}", args=pks)


def test_the_tab_draws_map_and_list_in_one_order(office: Office, as_user: LogIn):
    boss = office.person
    chief = person(office.beijing, "李总监", role="销售总监", grade="A", reports_to=boss)
    person(office.beijing, "王专员", reports_to=chief, sentiment="cool", buying_role="champion")
    person(office.beijing, "旧人", to_on=TODAY - timedelta(days=9), left_to="别家")
    text = as_user(office.owner).get(f"/customers/{office.beijing.pk}/?tab=people").content.decode()
    drawn = text[text.index('<svg class="org') : text.index("The same as a list")]
    listed = text[text.index("The same as a list") :]
    for part in (drawn, listed):
        places = [part.index(name) for name in (boss.name, "李总监", "王专员", "旧人")]
        assert places == sorted(places)
    assert f'data-up="org-{boss.pk}"' in drawn
    assert "▼ cool" in drawn and "★ 王专员" in drawn and 'class="left"' in drawn
    assert "No sponsor" in text and "别家" in listed


def test_a_list_of_two_hundred_stays_small(office: Office, as_user: LogIn):
    tops = [person(office.beijing, f"主管{n}", role="销售主管") for n in range(20)]
    for n in range(179):
        person(office.beijing, f"员工{n}", role="业务骨干", sentiment="warm",
               buying_role="user", grade="B", reports_to=tops[n % 20])  # fmt: skip
    answer = as_user(office.owner).get(f"/customers/{office.beijing.pk}/?tab=people")
    assert len(re.findall(r"<[a-z]", answer.content.decode())) <= 2_500


def test_nobody_known_says_what_to_do(office: Office, as_user: LogIn):
    page = f"/customers/{office.quiet.pk}/?tab=people"
    assert "Nobody is known here yet" in as_user(office.owner).get(page).content.decode()


def test_the_second_editor_sees_both_values_and_may_save_again(office: Office, as_user: LogIn):
    client, them = as_user(office.owner), office.person
    address = at("edit_person", office.beijing.pk, them.pk)
    first = {"name": them.name, "role": "CFO", "version": 1}
    assert client.post(address, first, headers=HTMX).status_code == 204
    second = {"name": them.name, "role": "COO", "version": 1}
    answer = client.post(address, second, headers=HTMX)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "Now stands here: CFO" in text and 'value="COO"' in text and 'value="2"' in text
    them.refresh_from_db()
    assert them.role == "CFO"
    assert client.post(address, second | {"version": 2}, headers=HTMX).status_code == 204


def test_an_edit_is_undone_by_its_toast(office: Office, as_user: LogIn):
    client, them = as_user(office.owner), office.person
    typed = {"name": them.name, "phone": "138 0000", "version": 1}
    answer = client.post(at("edit_person", office.beijing.pk, them.pk), typed, headers=HTMX)
    toast = json.loads(answer["HX-Trigger"])["toast"]
    assert client.post(toast["undo"], headers=HTMX).status_code == 204
    them.refresh_from_db()
    assert them.phone == ""
    again = client.post(toast["undo"], headers=HTMX)
    assert "in the meantime" in json.loads(again["HX-Trigger"])["toast"]


def test_who_goes_to_a_customer_of_ours_is_known_there(office: Office, as_user: LogIn):
    client, them = as_user(office.owner), office.person
    typed = {"left_on": "2026-11-20", "left_to": office.shenzhen.name, "version": 1}
    answer = client.post(at("person_left", office.beijing.pk, them.pk), typed, headers=HTMX)
    assert answer.status_code == 204
    there = Person.objects.get(customer=office.shenzhen, external_id=them.external_id)
    page = client.get(reverse("desk:person", args=[office.shenzhen.pk, there.pk]))
    assert office.beijing.name in page.content.decode()
    names = client.get(at("companies", office.beijing.pk), {"left_to": "铭森"}).content.decode()
    assert office.shenzhen.name in names
    client.post(at("person_back", office.beijing.pk, them.pk), headers=HTMX)
    them.refresh_from_db()
    assert them.to_on is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"left_on": "2019-01-01"}, "before the start"),
        ({"left_on": "2027-01-01"}, "future"),
        ({"left_on": "soon"}, "valid date"),
        ({"left_to": "x" * 300}, "200"),
    ],
)
def test_leaving_on_a_wrong_day_is_refused_beside_the_field(
    office: Office, as_user: LogIn, typed: dict[str, str], said: str
):
    Person.objects.filter(pk=office.person.pk).update(from_on=date(2020, 1, 1))
    address = at("person_left", office.beijing.pk, office.person.pk)
    answer = as_user(office.owner).post(address, typed, headers=HTMX)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Person.objects.get(pk=office.person.pk).to_on is None


def test_loops_large_texts_and_scripts_do_no_harm(office: Office, as_user: LogIn):
    client, them = as_user(office.owner), office.person
    below = person(office.beijing, "下属", reports_to=them)
    address = at("edit_person", office.beijing.pk, them.pk)
    for typed, said in (
        ({"reports_to_id": below.pk}, "circle"),
        ({"personal_needs": "x" * 1_000_000}, "2000"),
        ({"email": "nobody"}, "valid email"),
        ({"grade": "Z"}, "Select a valid choice"),
    ):
        answer = client.post(address, {"name": "a", "version": 1, **typed}, headers=HTMX)
        assert answer.status_code == 422
        assert said in answer.content.decode()
    script = "<script>alert(1)</script>"
    scripted = {"name": script, "role": script, "personal_needs": script, "version": 1}
    assert client.post(address, scripted, headers=HTMX).status_code == 204
    for page in (
        f"/customers/{office.beijing.pk}/?tab=people",
        f"/customers/{office.beijing.pk}/",
        reverse("desk:person", args=[office.beijing.pk, them.pk]),
    ):
        text = client.get(page).content.decode()
        assert script not in text
        assert "&lt;script&gt;" in text


def test_a_grade_follows_the_position_until_somebody_grades_by_hand(office: Office, as_user: LogIn):
    client = as_user(office.owner)
    client.post(at("add_person", office.beijing.pk), {"name": "赵", "role": "CEO", "grade": ""})
    added = Person.objects.get(name="赵")
    assert (added.grade, added.graded_by) == ("S", GradedBy.STANDARD)
    address = at("edit_person", office.beijing.pk, added.pk)
    assert "by the standard: S" in client.get(address, headers=HTMX).content.decode()
    client.post(address, {"name": "赵", "role": "CEO", "grade": "B", "version": 1})
    added.refresh_from_db()
    assert (added.grade, added.graded_by) == ("B", GradedBy.PERSON)


def test_the_page_of_a_person_tells_what_was_said_with_them(office: Office, as_user: LogIn):
    Touch.objects.create(customer=office.beijing, person=office.person, note="谈了续约",
                         happened_at=NOW - timedelta(days=45), recorded_at=NOW)  # fmt: skip
    page = reverse("desk:person", args=[office.beijing.pk, office.person.pk])
    text = as_user(office.owner).get(page).content.decode()
    assert "谈了续约" in text and "15 days overdue" in text and "every 30 days" in text


def test_what_is_foreign_does_not_exist_and_a_viewer_changes_nothing(
    office: Office, as_user: LogIn
):
    outsider, viewer = as_user(office.outsider), as_user(office.viewer)
    gaps = {"pk": office.beijing.pk, "person_pk": office.person.pk, "entry_pk": 1}
    before = Person.objects.values_list("version", "to_on").get(pk=office.person.pk)
    for entry in (it for it in urlpatterns if "pk" in it.pattern.converters):
        wanted = {name: gaps[name] for name in entry.pattern.converters}
        address = reverse(f"customers:{entry.name}", kwargs=wanted)
        for ask in (outsider.get, outsider.post):
            assert ask(address).status_code in (404, 405), entry.name
        if entry.name not in ("people", "org_map"):
            assert viewer.post(address).status_code in (403, 405), entry.name
    assert Person.objects.values_list("version", "to_on").get(pk=office.person.pk) == before

"""Two records that may be one: suggested, compared, merged by name, and parted again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
from django.test import Client
from django.urls import reverse

from perennial.customers.duplicates import Reason, suggested
from perennial.customers.models import Customer, Merge, Person
from perennial.desk.figures import gather
from perennial.desk.tests.scene import NOW, ON, Office, customer
from perennial.desk.together import together
from perennial.team.models import User

LogIn = Callable[[User], Client]


def test_what_they_have_in_common_is_said(office: Office) -> None:
    twin = customer("北京卓泽（科技）有限公司", office.owner)
    Customer.objects.filter(pk=office.beijing.pk).update(
        name="北京卓泽科技", website="https://www.zhuoze.cn/"
    )
    Customer.objects.filter(pk=twin.pk).update(website="http://zhuoze.cn")
    for at, one in enumerate((office.quiet, office.shenzhen)):
        Person.objects.create(
            external_id=f"m{at}",
            customer=one,
            name="M",
            email=f"m{at}@same.example",
            recorded_at=NOW,
        )
        Person.objects.create(
            external_id=f"q{at}", customer=one, name="Q", email=f"q{at}@qq.com", recorded_at=NOW
        )
    found = {(it.first.pk, it.second.pk): it.reasons for it in suggested(office.admin)}
    assert found[office.beijing.pk, twin.pk] == (Reason.NAME, Reason.WEBSITE)
    low, high = sorted((office.quiet.pk, office.shenzhen.pk))
    assert found[low, high] == (Reason.MAIL,)
    assert suggested(office.outsider) == []


def test_a_merge_is_confirmed_by_name_and_taken_back(office: Office, as_user: LogIn) -> None:
    client = as_user(office.admin)
    form = {"a": office.beijing.pk, "b": office.shenzhen.pk, "keep": office.beijing.pk}
    page = client.get(reverse("desk:merge"), form).content.decode()
    assert "Touches" in page and "深圳铭森" in page
    refused = client.post(reverse("desk:merge"), {**form, "confirm": "something"})
    assert refused.status_code == 422 and not Merge.objects.exists()
    done = client.post(reverse("desk:merge"), {**form, "confirm": "深圳铭森"})
    assert done["Location"] == reverse("desk:customer", args=[office.beijing.pk])
    gone = reverse("desk:customer", args=[office.shenzhen.pk])
    assert client.get(gone)["Location"] == done["Location"]
    log = client.get(reverse("desk:duplicates")).content.decode()
    assert "深圳铭森" in log
    client.post(reverse("desk:undo_merge", args=[Merge.objects.get().pk]))
    assert client.get(gone).status_code == 200


def test_people_of_the_merged_stand_at_the_survivor(office: Office, as_user: LogIn) -> None:
    Customer.objects.filter(pk=office.person.customer_id).update(merged_into=office.quiet)
    page = as_user(office.admin).get(
        reverse("desk:customer", args=[office.quiet.pk]) + "?tab=people"
    )
    assert office.person.name in page.content.decode()


@pytest.mark.parametrize("who", ["owner", "viewer", "outsider"])
def test_only_leaders_and_administrators_merge(office: Office, as_user: LogIn, who: str) -> None:
    client = as_user(getattr(office, who))
    assert client.get(reverse("desk:duplicates")).status_code == 403
    assert client.get(reverse("desk:merge"), {"a": office.beijing.pk}).status_code == 403


def test_figures_of_the_merged_count_for_the_survivor(office: Office) -> None:
    found = replace(
        gather(ON),
        mrr={office.beijing.pk: Fraction(10), office.shenzhen.pk: Fraction(5)},
        tickets={office.shenzhen.pk: 2},
    )
    Customer.objects.filter(pk=office.shenzhen.pk).update(merged_into=office.beijing)
    merged = together(found)
    assert merged.mrr == {office.beijing.pk: Fraction(15)}
    assert merged.tickets == {office.beijing.pk: 2}

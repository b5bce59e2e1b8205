"""Groups of companies: no loops, sums of what the reader sees, and business links."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from perennial.customers.kinship import KinRefused, set_parent
from perennial.customers.models import Customer, CustomerLink, Silence, Touch
from perennial.customers.pinyin import person_key
from perennial.desk.groups import roll_up, tree
from perennial.desk.models import CustomerFigures
from perennial.desk.silent import listed, reasons
from perennial.desk.tests.scene import NOW, ON, Office, customer
from perennial.team.models import AuditEntry, User

LogIn = Callable[[User], Client]


def fresh(one: Customer) -> Customer:
    return Customer.objects.get(pk=one.pk)


def test_nobody_is_the_parent_of_its_own_parent(office: Office) -> None:
    one = set_parent(office.shenzhen, parent=office.beijing, version=1, by=office.admin, at=NOW)
    set_parent(fresh(office.quiet), parent=one, version=1, by=office.admin, at=NOW)
    with pytest.raises(KinRefused):
        set_parent(
            fresh(office.beijing), parent=fresh(office.quiet), version=1, by=office.admin, at=NOW
        )
    assert [node.depth for node in tree(office.admin, fresh(office.quiet))] == [0, 1, 2]


def test_a_group_adds_up_what_the_reader_sees(office: Office, as_user: LogIn) -> None:
    foreign = customer("上海总部", office.leader, arr=Decimal(1_000_000), score=5.0)
    for child in (office.beijing, office.shenzhen):
        Customer.objects.filter(pk=child.pk).update(parent=foreign)
    whole, own = (
        roll_up(tree(one, fresh(office.beijing)), on=ON, money=True)
        for one in (office.admin, office.owner)
    )
    assert whole.arr is not None and own.arr is not None
    assert (whole.customers, own.customers) == (3, 2)
    assert whole.arr == own.arr + 1_000_000 and whole.worst == 5.0
    page = as_user(office.owner).get(reverse("desk:customer", args=[office.beijing.pk]))
    assert "上海总部" not in page.content.decode()


def test_the_parent_is_set_in_a_sheet_and_a_stale_form_is_refused(
    office: Office, as_user: LogIn
) -> None:
    client = as_user(office.owner)
    sheet = reverse("desk:set_parent", args=[office.shenzhen.pk])
    assert "北京卓泽" in client.get(sheet + "?q=bjzz").content.decode()
    form = {"other": office.beijing.pk, "version": 1}
    assert client.post(sheet, form, headers={"HX-Request": "true"}).status_code == 204
    assert fresh(office.shenzhen).parent == office.beijing
    assert client.post(sheet, {"other": "0", "version": 1}).status_code == 422
    assert fresh(office.shenzhen).parent == office.beijing


def test_business_links_stand_once_and_are_named_from_both_ends(
    office: Office, as_user: LogIn
) -> None:
    client = as_user(office.owner)
    sheet = reverse("desk:add_link", args=[office.beijing.pk])
    form = {"other": office.shenzhen.pk, "kind": "supplied_by"}
    assert client.post(sheet, form).status_code == 302
    link = CustomerLink.objects.get()
    assert (link.customer, link.other) == (office.shenzhen, office.beijing)
    assert client.post(sheet, form).status_code == 422
    card = client.get(reverse("desk:group_card", args=[office.shenzhen.pk])).content.decode()
    assert "supplies" in card and "北京卓泽" in card
    client.post(reverse("desk:remove_link", args=[office.beijing.pk, link.pk]))
    assert not CustomerLink.objects.exists()


def test_a_tag_on_many_says_how_many_and_comes_off_again(office: Office, as_user: LogIn) -> None:
    client, htmx = as_user(office.owner), {"HX-Request": "true"}
    Customer.objects.filter(pk=office.quiet.pk).update(tags=["重点"])
    preview = client.get(reverse("desk:tag") + "?all=1")
    assert preview.context["count"] == 3 and preview.context["tags"] == [("重点", 1)]
    form = {"all": "1", "tag": " 重点 ", "act": "add"}
    assert client.post(reverse("desk:tag"), form, headers=htmx).status_code == 204
    assert (
        client.get("/customers/?filter=1;tags.in.%E9%87%8D%E7%82%B9").context["summary"].customers
        == 3
    )
    line = AuditEntry.objects.get(action="customers.tagged")
    assert len(line.detail["customers"]) == 2
    client.post(reverse("desk:undo_tag", args=[line.pk]), headers=htmx)
    assert [one.tags for one in Customer.objects.order_by("pk") if one.tags] == [["重点"]]
    assert (
        as_user(office.outsider).post(reverse("desk:undo_tag", args=[line.pk])).status_code == 404
    )


def test_silent_customers_are_asked_why_and_a_new_silence_asks_anew(
    office: Office, as_user: LogIn
) -> None:
    seen = ON - timedelta(days=90)
    CustomerFigures.objects.filter(pk=office.quiet.pk).update(is_silent=True, last_seen_on=seen)
    client = as_user(office.owner)
    sheet = reverse("desk:say_why_silent", args=[office.quiet.pk])
    assert client.post(sheet, {"reason": ""}).status_code == 422
    client.post(sheet, {"reason": "person_left", "note": "The champion is gone"})
    Touch.objects.create(customer=office.quiet, kind="call", happened_at=NOW, recorded_at=NOW)
    (it,) = listed(office.owner, on=ON)
    assert (it.days, it.touches, it.why and it.why.reason) == (90, 1, "person_left")
    assert [(value, n) for value, _title, n in reasons(office.owner)] == [("person_left", 1)]
    page = client.get(reverse("desk:silent")).content.decode()
    assert "The champion is gone" in page
    CustomerFigures.objects.filter(pk=office.quiet.pk).update(last_seen_on=ON - timedelta(days=70))
    (again,) = listed(office.owner, on=ON)
    assert again.why is None and Silence.objects.exists()


def test_an_empty_book_has_no_silent_customer(office: Office, as_user: LogIn) -> None:
    CustomerFigures.objects.update(is_silent=True, last_seen_on=ON)
    page = as_user(office.outsider).get(reverse("desk:silent"))
    assert page.context["totals"]["customers"] == 0 and page.context["listed"] == []


def test_views_are_renamed_ordered_and_opened_first(office: Office, as_user: LogIn) -> None:
    client, manage = as_user(office.owner), reverse("desk:manage_views")
    for name in ("One", "Two"):
        client.post(reverse("desk:save_view"), {"query": "filter=1;tier.in.S", "name": name})
    one, two = client.get(manage).context["mine"]
    client.post(manage, {"do": f"down:{one.pk}"})
    assert list(client.get(manage).context["mine"]) == [two, one]
    stale = {"do": f"rename:{one.pk}", f"name{one.pk}": "Uno", f"version{one.pk}": one.version}
    assert client.post(manage, stale).status_code == 302
    assert client.post(manage, stale).status_code == 422  # the second with the same version
    client.post(manage, {"do": "open:", "opening": f"v{one.pk}"})
    opened = client.get("/customers/")
    assert opened.context["state"].view.title == "Uno"
    assert client.get("/customers/?view=all").context["summary"].customers == 3


def test_columns_are_chosen_kept_in_the_address_and_in_a_view(
    office: Office, as_user: LogIn
) -> None:
    client = as_user(office.owner)
    Customer.objects.filter(pk=office.quiet.pk).update(tags=["<b>", "two"])
    chosen = client.get("/customers/?choose=1&col=tags&col=score&col=nonsense")
    assert chosen.context["state"].columns == ("name", "tags", "score")
    shown = '<span class="tag">&lt;b&gt;</span> <span class="tag">two</span>'
    assert shown in chosen.content.decode()
    query = chosen.context["state"].query()
    assert query == "cols=tags,score"
    client.post(reverse("desk:save_view"), {"query": query, "name": "Slim"})
    tab = client.get("/customers/").context["tabs"][-1]
    assert client.get(f"/customers/{tab.url}").context["state"].columns == ("name", "tags", "score")
    viewer = as_user(office.viewer).get("/customers/?cols=arr,score")
    assert viewer.context["state"].columns == ("name", "score")


@pytest.mark.parametrize(
    ("typed", "finds"),
    [
        pytest.param("bjzz", "北京卓泽", id="initials of a customer"),
        pytest.param("北京zz", "北京卓泽", id="characters and letters mixed"),
        pytest.param("hzq", "黄志强", id="initials of a person"),
        pytest.param("huangzhi", "黄志强", id="syllables of a person"),
        pytest.param("志强", "黄志强", id="the middle of a name"),
        pytest.param("Duplicates", "/customers/duplicates/", id="a command"),
    ],
)
def test_the_palette_finds_it_as_it_is_typed(
    office: Office, as_user: LogIn, typed: str, finds: str
) -> None:
    office.person.pinyin = person_key(office.person.name)
    office.person.save()
    for who in (office.admin, office.owner):
        page = as_user(who).get(reverse("desk:palette"), {"q": typed}).content.decode()
        assert (finds in page) == (who == office.admin or not typed.startswith("D"))
    page = as_user(office.outsider).get(reverse("desk:palette"), {"q": typed}).content.decode()
    assert finds not in page

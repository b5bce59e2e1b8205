"""The outsider visits every address: what is foreign does not exist, sums are zero."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from perennial.alerts.models import Alert, Rule
from perennial.customers.models import Customer, SavedView, Touch
from perennial.customers.urls import urlpatterns as customer_pages
from perennial.desk.tests.scene import ON, Office, work_item
from perennial.desk.urls import urlpatterns as desk_pages
from perennial.team.models import User

LogIn = Callable[[User], Client]
NAMES = ("北京卓泽", "深圳铭森", "Quiet Ltd", "黄志强")


def foreign(office: Office) -> dict[str, tuple[str, ...]]:
    """Every address of a customer, by name, as the outsider would guess it."""
    pk, person = office.beijing.pk, office.person.pk
    return {
        "desk:customer": (reverse("desk:customer", args=[pk]),),
        "desk:alert": (reverse("desk:alert", args=[alert_of(office.beijing).pk]),),
        "desk:peek": (reverse("desk:peek", args=[pk]),),
        "desk:person": (reverse("desk:person", args=[pk, person]),),
        "desk:say_why_silent": (reverse("desk:say_why_silent", args=[pk]),),
        "desk:group_card": (reverse("desk:group_card", args=[pk]),),
        "desk:set_parent": (reverse("desk:set_parent", args=[pk]),),
        "desk:add_link": (reverse("desk:add_link", args=[pk]),),
        "desk:remove_link": (reverse("desk:remove_link", args=[pk, 1]),),
        "desk:touch": (reverse("desk:touch", args=[pk]),),
        "customers:field": (reverse("customers:field", args=[pk, "region"]),),
    }


def alert_of(customer: Customer) -> Alert:
    found, _made = Alert.objects.get_or_create(
        customer=customer,
        rule=Rule.SILENT,
        defaults={
            "metric": "event_count",
            "severity": 1.0,
            "since_on": ON,
            "raised_on": ON,
            "last_fired_on": ON,
            "params": {"days": 70, "last_on": "2026-04-01"},
        },
    )
    return found


LISTS = (
    "today",
    "palette",
    "touch_any",
    "customers",
    "customers_csv",
    "silent",
    "manage_views",
    "choose_columns",
)
OTHERS = (  # tried with every other address by tests/test_outsider.py
    "assign",
    "undo_assign",
    "save_view",
    "delete_view",
    "tag",
    "undo_tag",
    "duplicates",
    "merge",
    "undo_merge",
    "bow_tie",
    "calendar",
    "calendar_links",
    "edit_touch",
    "enrol",
    "feed",
    "remove_touch",
    "revoke_calendar",
    "team",
)


def test_no_address_is_forgotten_here(office: Office) -> None:
    tried = {name.split(":")[1] for name in foreign(office)} | set(LISTS) | set(OTHERS)
    here = [it for it in (*desk_pages, *customer_pages) if isinstance(it, URLPattern)]
    assert {page.name for page in here} == tried  # what is nested is tried by its own tests


def test_a_foreign_customer_does_not_exist(office: Office, as_user: LogIn) -> None:
    client = as_user(office.outsider)
    for name, (address,) in foreign(office).items():
        assert client.get(address).status_code in (404, 405), name
        assert client.post(address, {"note": "x", "kind": "call"}).status_code in (404, 405), name
    assert not Touch.objects.exists()
    assert Customer.objects.get(pk=office.beijing.pk).version == 1


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_an_empty_book_are_empty(office: Office, as_user: LogIn, name: str) -> None:
    address = reverse(f"desk:{name}")
    answer = as_user(office.outsider).get(address, {"q": ""})
    assert answer.status_code == 200
    assert not [known for known in NAMES if known in answer.content.decode()]


def test_counts_and_sums_of_an_empty_book_are_zero(office: Office, as_user: LogIn) -> None:
    answer = as_user(office.outsider).get("/customers/?view=risk")
    assert {tab.count for tab in answer.context["tabs"]} == {0}
    told = answer.context["summary"]
    assert (told.customers, told.mean_score, told.arr, told.due, told.at_risk) == (0, None, 0, 0, 0)
    stakes = as_user(office.outsider).get("/").context["stakes"]
    assert (stakes.customers, stakes.arr, stakes.waiting, stakes.renewals) == (0, 0, 0, 0)


def test_a_guessed_id_is_neither_exported_nor_assigned(office: Office, as_user: LogIn) -> None:
    answer = as_user(office.outsider).get(f"/customers/export.csv?id={office.beijing.pk}")
    assert answer.content.decode().count("\r\n") == 1  # the heading alone
    address = f"/customers/assign/?id={office.beijing.pk}"
    assert as_user(office.outsider).get(address).status_code == 403
    assert as_user(office.leader).get(address).context["count"] == 1


def test_a_view_of_somebody_else_can_be_neither_changed_nor_dropped(
    office: Office, as_user: LogIn
) -> None:
    view = SavedView.objects.create(owner=office.owner, name="Mine", query="")
    client = as_user(office.outsider)
    assert client.post(reverse("desk:delete_view", args=[view.pk])).status_code == 404
    assert client.post(reverse("desk:save_view"), {"pk": view.pk}).status_code == 404


def test_who_sees_no_money_finds_no_amount_anywhere(office: Office, as_user: LogIn) -> None:
    client = as_user(office.viewer)
    one = reverse("desk:customer", args=[office.shenzhen.pk])
    pages = ("/", "/customers/", one, f"{one}peek/", f"{one}?tab=timeline", "/palette/?q=")
    for address in pages:
        text = client.get(address).content.decode()
        assert "\u00a5" not in text, address
        assert "120" not in text.replace("1200", ""), address
    refused = client.get("/customers/?filter=1;arr.gte.100000&sort=-arr")
    assert refused.context["refused"]
    assert refused.context["summary"].customers == 3
    assert client.get("/customers/export.csv").status_code == 403


def test_a_shared_view_by_amount_is_not_there_for_who_sees_no_money(
    office: Office, as_user: LogIn
) -> None:
    view = SavedView.objects.create(
        owner=office.admin, name="Big ones", query="filter=1;arr.gte.100000", shared=True
    )
    client = as_user(office.viewer)
    page = client.get(f"/customers/?view=v{view.pk}")
    assert page.status_code == 200
    assert "Big ones" not in page.content.decode()
    assert "Big ones" not in client.get("/palette/?q=big").content.decode()
    assert as_user(office.admin).get("/palette/?q=big").context["views"]


def test_the_order_tells_no_amounts_to_who_sees_no_money(office: Office, as_user: LogIn) -> None:
    """Beijing pays more; Shenzhen is in the worse state."""
    work_item(office.beijing, rank_value=90_000.0, severity_rate=0.1)
    names = ("北京卓泽", "深圳铭森")

    def order(who: User, address: str) -> list[str]:
        text = as_user(who).get(address).content.decode()
        return sorted(names, key=text.index)

    for address in ("/", "/palette/?q=", "/palette/?q=z"):
        assert order(office.viewer, address) == [names[1], names[0]], address
    assert order(office.admin, "/") == list(names)


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("filter=1;arr.gte.1e30", id="an amount"),
        pytest.param("facets=1&owner=" + "9" * 30, id="an owner"),
        pytest.param("add_field={x}&add_op=nothing", id="a field in braces"),
    ],
)
def test_what_no_database_keeps_is_refused_in_words(
    office: Office, as_user: LogIn, query: str
) -> None:
    assert as_user(office.admin).get(f"/customers/?{query}").context["refused"]


@pytest.mark.parametrize("number", ["9" * 30, "9" * 5000])
def test_a_number_that_no_row_has_finds_nothing(
    office: Office, as_user: LogIn, number: str
) -> None:
    client = as_user(office.admin)
    listed = client.get(f"/customers/export.csv?id={number}&id={office.beijing.pk}")
    assert listed.content.decode().count("\r\n") == 2
    for name, posted in (("assign", "owner"), ("save_view", "pk")):
        answer = client.post(reverse(f"desk:{name}"), {posted: number, "id": number})
        assert answer.status_code == 404, name


def test_a_viewer_may_look_but_not_change(office: Office, as_user: LogIn) -> None:
    client = as_user(office.viewer)
    pk = office.beijing.pk
    assert client.get(reverse("desk:customer", args=[pk])).status_code == 200
    for name in ("desk:touch", "customers:add_person"):
        assert client.post(reverse(name, args=[pk]), {"note": "x"}).status_code == 403
    assert client.post(reverse("customers:field", args=[pk, "region"])).status_code == 403


def test_nobody_gets_in_without_a_log_in(office: Office, client: Client) -> None:
    for address in ("/", "/customers/", f"/customers/{office.beijing.pk}/", "/palette/"):
        assert client.get(address).status_code == 302

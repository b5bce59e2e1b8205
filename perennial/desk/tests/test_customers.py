"""The list: what an address asks for is what stands on the page, and nothing costs per row."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perennial.customers.models import Customer, SavedView
from perennial.desk.tests.scene import Office, customer
from perennial.team.models import AuditEntry, User
from perennial.web.download import neutral

LogIn = Callable[[User], Client]


def names(client: Client, query: str) -> list[str]:
    return [row["name"] for row in client.get(f"/customers/{query}").context["rows"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("", "北京卓泽 深圳铭森 Quiet", id="largest first, unknown last"),
        pytest.param("?sort=score", "深圳铭森 北京卓泽 Quiet", id="lowest health first"),
        pytest.param("?sort=nonsense", "北京卓泽 深圳铭森 Quiet", id="unknown sort: the default"),
        pytest.param("?q=bjzz", "北京卓泽", id="pinyin initials"),
        pytest.param("?q=mingsen", "深圳铭森", id="pinyin syllables in the middle"),
        pytest.param("?q=quiet", "Quiet", id="part of a name"),
        pytest.param("?q=owner+卓", "北京卓泽", id="every word, also the owner"),
        pytest.param("?view=risk", "深圳铭森", id="a shipped view"),
        pytest.param("?view=due", "北京卓泽", id="due within 90 days"),
        pytest.param("?view=drop", "深圳铭森", id="usage drop"),
        pytest.param("?view=changed", "深圳铭森", id="what changed since yesterday"),
        pytest.param("?filter=1;day_change.gte.0", "", id="who rose since yesterday"),
        pytest.param("?sort=day_change", "深圳铭森 北京卓泽 Quiet", id="largest fall first"),
        pytest.param("?view=untouched", "深圳铭森 Quiet", id="never touched is untouched"),
        pytest.param("?filter=1;tier.in.S", "北京卓泽", id="the filter language"),
        pytest.param("?filter=1;(tier.in.S|band.in.red)&sort=arr", "深圳铭森 北京卓泽", id="or"),
        pytest.param("?facets=1&tier=S&tier=A", "北京卓泽 深圳铭森", id="boxes without JavaScript"),
        pytest.param("?facets=1&filter=1;arr.gte.200000&tier=A", "", id="boxes and a filter"),
        pytest.param("?add_field=arr&add_op=gte&add_value=200000", "北京卓泽", id="add and"),
        pytest.param(
            "?filter=1;tier.in.S&add_field=band&add_op=in&add_value=red&join=or",
            "北京卓泽 深圳铭森",
            id="add or",
        ),
        pytest.param("?page=99", "北京卓泽 深圳铭森 Quiet", id="the last page at most"),
    ],
)
def test_an_address_is_a_list(office: Office, as_user: LogIn, query: str, found: str) -> None:
    shown = names(as_user(office.owner), query)
    assert [name.removesuffix(" Ltd") for name in shown] == found.split()


@pytest.mark.parametrize("text", ["2;x", "1;pin.in.x", "1;tier.gt.3", "x" * 3000])
def test_what_is_no_filter_is_said_beside_the_list(
    office: Office, as_user: LogIn, text: str
) -> None:
    answer = as_user(office.owner).get("/customers/", {"filter": text})
    assert answer.status_code == 200
    assert 'class="note-box warn" role="alert"' in answer.content.decode()
    assert len(answer.context["rows"]) == 3


def test_the_summary_is_of_the_filtered_set(office: Office, as_user: LogIn) -> None:
    told = as_user(office.owner).get("/customers/").context["summary"]
    assert (told.customers, told.arr, told.due, told.at_risk) == (3, 600_000, 480_000, 120_000)
    assert told.mean_score == pytest.approx(59.5)
    told = as_user(office.owner).get("/customers/?view=risk").context["summary"]
    assert (told.customers, told.arr, told.due, told.at_risk) == (1, 120_000, 0, 120_000)


def test_a_chip_takes_its_condition_off(office: Office, as_user: LogIn) -> None:
    client = as_user(office.owner)
    chips = client.get("/customers/?filter=1;tier.in.S,A;arr.gte.200000").context["chips"]
    assert [(chip.title, chip.value) for chip in chips] == [
        ("Tier", "S, A"),
        ("ARR", "≥ \u00a5200.0K"),
    ]
    assert names(client, chips[1].url) == ["北京卓泽", "深圳铭森"]


def test_tabs_count_each_view(office: Office, as_user: LogIn) -> None:
    tabs = as_user(office.leader).get("/customers/").context["tabs"]
    counts = {tab.key: tab.count for tab in tabs}
    assert counts == {
        "all": 3,
        "changed": 1,
        "mine": 0,
        "risk": 1,
        "due": 1,
        "onboarding": 0,
        "key": 2,
        "untouched": 2,
        "drop": 1,
    }


def test_a_list_is_kept_as_a_view_and_dropped(office: Office, as_user: LogIn) -> None:
    client = as_user(office.owner)
    saved = client.post("/customers/views/", {"query": "filter=1;tier.in.S", "name": "Only S"})
    view = SavedView.objects.get()
    assert saved["Location"] == f"/customers/?view=v{view.pk}"
    assert names(client, f"?view=v{view.pk}") == ["北京卓泽"]
    client.post(
        "/customers/views/", {"query": f"view=v{view.pk}&filter=1;tier.in.A", "pk": view.pk}
    )
    assert names(client, f"?view=v{view.pk}") == ["深圳铭森"]
    client.post(f"/customers/views/{view.pk}/delete/")
    assert not SavedView.objects.exists()


def test_htmx_gets_the_table_and_the_plain_address(office: Office, as_user: LogIn) -> None:
    client = as_user(office.owner)
    headers = {"HX-Request": "true", "HX-Target": "section#tbl"}
    answer = client.get("/customers/?facets=1&tier=S&sort=-arr&view=all&q=", headers=headers)
    assert answer.content.decode().lstrip().startswith('<section id="tbl"')
    assert answer["HX-Push-Url"] == "/customers/?filter=1;tier.in.S"
    assert "HX-Request" in answer["Vary"]


def test_queries_do_not_grow_with_the_rows(
    office: Office,
    as_user: LogIn,
    django_assert_max_num_queries: Callable[[int], CaptureQueriesContext],
) -> None:
    for number in range(60):
        customer(f"客户{number}", office.owner, arr=Decimal(number), trend=[1, 2, 3])
    client = as_user(office.owner)
    with django_assert_max_num_queries(16):
        answer = client.get("/customers/")
    assert len(answer.context["rows"]) == 50
    assert len(re.findall(r"<[a-z]", answer.content.decode())) <= 2500
    assert len(gzip.compress(answer.content)) <= 15_000


def test_the_export_is_what_is_filtered(office: Office, as_user: LogIn) -> None:
    answer = as_user(office.owner).get("/customers/export.csv?view=risk")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("external_id,name,name_en,tier")
    assert len(lines) == 2
    assert lines[1].startswith("深圳铭森,深圳铭森,,A")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_cell_is_never_a_formula(cell: str) -> None:
    assert neutral([cell, -1, None]) == [f"'{cell}", -1, None]


def test_customers_change_hands_and_come_back(office: Office, as_user: LogIn) -> None:
    client = as_user(office.leader)
    preview = client.get("/customers/assign/?view=risk&all=1")
    assert preview.context["count"] == 1
    htmx = {"HX-Request": "true"}
    done = client.post(
        "/customers/assign/", {"view": "risk", "owner": office.leader.pk}, headers=htmx
    )
    assert "1 customer given to leader" in done["HX-Trigger"]
    office.shenzhen.refresh_from_db()
    assert office.shenzhen.owner == office.leader
    entry = AuditEntry.objects.get(action="customers.assigned")
    client.post(f"/customers/assign/{entry.pk}/undo/", headers=htmx)
    office.shenzhen.refresh_from_db()
    assert office.shenzhen.owner == office.owner


def test_the_first_use_says_what_to_do(office: Office, as_user: LogIn) -> None:
    Customer.objects.all().delete()
    assert "Import customers" in as_user(office.admin).get("/customers/").content.decode()
    page = as_user(office.owner).get("/customers/").content.decode()
    assert "Nobody is assigned to you yet" in page

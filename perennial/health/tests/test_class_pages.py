"""The pages of tiers, fit and stages: by role, by step of the editor, and what they refuse."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from perennial.contracts.jobs import fill as fill_contracts
from perennial.customers.models import ClassOverride, ClassRules, Customer, FitOpinion
from perennial.demo.cast import State
from perennial.demo.plant import Planted, plant
from perennial.health.classes.actions import publish
from perennial.health.classes.jobs import classify
from perennial.health.classes.rules.definition import plain
from perennial.health.classes.rules.shipped import SUGGESTED
from perennial.team.models import DayRun

ON = date(2026, 6, 30)
NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)
HTMX = {"HX-Request": "true"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def planted() -> Any:
    with time_machine.travel(NOON, tick=False):
        found = plant(end_on=ON)
        fill_contracts(day=ON)
        classify(day=ON)
        DayRun.objects.create(day=ON, step="day", state="done", started_at=NOON, finished_at=NOON)
        yield found


def client_of(planted: Planted, email: str) -> Client:
    client = Client()
    client.force_login(planted.users[f"{email}@demo.invalid"])
    return client


def form(kind: str, **more: str) -> dict[str, str]:
    """The suggested rules as the editor sends them."""
    text = plain(SUGGESTED[kind])
    sent = {"rows": str(len(text["rules"])), "otherwise": text["otherwise"]}
    for at, rule in enumerate(text["rules"]):
        sent |= {
            f"r{at}_name": rule["name"],
            f"r{at}_zh": rule["title"]["zh"],
            f"r{at}_en": rule["title"]["en"],
            f"r{at}_value": rule["value"],
            f"r{at}_when": rule["when"],
        }
    return sent | more


@pytest.mark.parametrize(
    ("who", "looks", "edits"),
    [("admin", 200, 200), ("leader", 200, 200), ("owner", 200, 403), ("finance", 200, 403)],
)
def test_all_look_and_leaders_edit(planted: Planted, who: str, looks: int, edits: int) -> None:
    client = client_of(planted, who)
    for kind in ("tier", "fit", "stage"):
        assert client.get(reverse("health:classes_of", args=[kind])).status_code == looks
        assert client.get(reverse("health:class_edit", args=[kind])).status_code == edits
    sent = form("tier", do="publish")
    for name in ("health:class_edit", "health:class_preview"):
        answer = client.post(reverse(name, args=["tier"]), sent)
        assert answer.status_code in ((403,) if edits == 403 else (200, 302))
    assert ClassRules.objects.exists() == (edits == 200)


def test_there_is_no_other_kind(planted: Planted) -> None:
    client = client_of(planted, "admin")
    for name in ("health:classes_of", "health:class_edit"):
        assert client.get(reverse(name, args=["mood"])).status_code == 404


def test_the_preview_counts_only_what_one_sees(planted: Planted) -> None:
    counts = {}
    for who in ("admin", "leader", "owner", "outsider"):
        page = client_of(planted, who).get(reverse("health:classes_of", args=["stage"]))
        counts[who] = page.context["preview"].whole
    assert counts["admin"] == len(planted.customers)
    assert counts["outsider"] == 0 < counts["owner"] < counts["admin"]


def test_a_rule_that_meets_nobody_and_one_that_comes_too_late_are_said(planted: Planted) -> None:
    sent = form("tier", r0_when="1;arr.gte.1", r1_when="1;arr.gte.99999999")
    page = client_of(planted, "admin").post(reverse("health:class_preview", args=["tier"]), sent)
    text = page.content.decode()
    assert "nobody meets it" in text
    assert "all caught before" in text
    assert page.context["preview"].moved_count > 0


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("1;tier.in.S", "it would answer itself"),
        ("1;mood.in.S", "There is no field “mood”"),
        ("arr over 5", "This filter cannot be read"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_published(
    planted: Planted, when: str, said: str
) -> None:
    client = client_of(planted, "admin")
    sent = form("tier", r1_when=when)
    assert (
        said in client.post(reverse("health:class_preview", args=["tier"]), sent).content.decode()
    )
    answer = client.post(reverse("health:class_edit", args=["tier"]), sent | {"do": "publish"})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not ClassRules.objects.exists()


def test_every_button_of_the_editor_works_without_script(planted: Planted) -> None:
    client = client_of(planted, "admin")

    def press(do: str, **typed: str) -> dict[str, Any]:
        address = reverse("health:class_edit", args=["tier"])
        found: dict[str, Any] = client.post(address, form("tier", do=do, **typed)).context[
            "definition"
        ]
        return found

    names = [rule["name"] for rule in press("preview")["rules"]]
    assert [it["name"] for it in press("earlier:1")["rules"]] == [names[1], names[0], *names[2:]]
    assert [it["name"] for it in press("remove:0")["rules"]] == names[1:]
    assert [it["name"] for it in press("add")["rules"]] == [*names, "rule_5"]
    typed = {"r0_new_field": "industry", "r0_new_op": "in", "r0_new_value": "教育培训，医疗健康"}
    added = press("add_condition:0", **typed)["rules"][0]["when"]
    assert added.count(";") == 2
    assert press("drop_condition:0:1", r0_when=added)["rules"][0]["when"] == "1;arr.gte.400000"
    assert press("nonsense:77")["rules"] == press("preview")["rules"]


def test_publishing_shows_the_version_with_its_note(planted: Planted) -> None:
    client = client_of(planted, "leader")
    address = reverse("health:class_edit", args=["fit"])
    answer = client.post(address, form("fit", do="publish", note="先按席位"), headers=HTMX)
    assert answer["HX-Redirect"] == reverse("health:classes_of", args=["fit"])
    page = client.get(reverse("health:classes_of", args=["fit"]))
    assert "先按席位" in page.content.decode()
    report = page.context["fit"]
    seen = page.context["preview"].whole
    assert sum(it.customers for it in report.earned) == seen
    assert sum(it.known + it.unknown for it in report.groups) == seen


def test_without_the_right_no_money_is_shown(planted: Planted) -> None:
    publish("fit", plain(SUGGESTED["fit"]), note="", by=None, at=NOON)
    user = planted.users["outsider@demo.invalid"]
    user.role = "viewer"
    user.save()
    client = Client()
    client.force_login(user)
    page = client.get(reverse("health:classes_of", args=["fit"]))
    assert page.context["preview"].whole == len(planted.customers)
    assert all(it.arr_before is None for it in page.context["preview"].shares)
    assert all((it.arr, it.revenue) == (None, None) for it in page.context["fit"].earned)
    assert "¥" not in page.content.decode()


def test_a_value_is_held_and_given_back_on_the_customers_page(planted: Planted) -> None:
    client, due = client_of(planted, "owner"), planted.customers[State.DUE]
    address = reverse("health:class_override", args=[due.pk, "tier"])
    assert client.get(address).status_code == 200
    wrong = client.post(address, {"value": "S", "reason": "", "until_on": "2026-08-01"})
    assert wrong.status_code == 422
    assert "An override needs a reason." in wrong.content.decode()
    sent = {"value": "S", "reason": "标杆", "until_on": "2026-08-01"}
    assert client.post(address, sent, headers=HTMX).status_code == 204
    assert Customer.objects.get(pk=due.pk).tier == "S"
    card = client.get(reverse("health:class_card", args=[due.pk])).content.decode()
    assert "标杆" in card
    back = reverse("health:class_back", args=[due.pk, "tier"])
    assert client.post(back, headers=HTMX).status_code == 204
    assert Customer.objects.get(pk=due.pk).tier == "A"
    assert not ClassOverride.objects.filter(withdrawn_at__isnull=True).exists()


def test_the_fit_is_judged_at_first_contact(planted: Planted) -> None:
    client, due = client_of(planted, "owner"), planted.customers[State.DUE]
    address = reverse("health:say_fit", args=[due.pk])
    assert client.post(address, {"value": "target", "expectations": ""}).status_code == 422
    assert client.post(address, {"value": "target", "expectations": "提效"}).status_code == 302
    assert FitOpinion.objects.get().by == planted.users["owner@demo.invalid"]


@pytest.mark.parametrize("name", ["class_card", "say_fit", "class_override", "class_back"])
def test_a_foreign_customer_does_not_exist(planted: Planted, name: str) -> None:
    pk = planted.customers[State.DUE].pk
    args = [pk, "tier"] if name in ("class_override", "class_back") else [pk]
    client = client_of(planted, "outsider")
    address = reverse(f"health:{name}", args=args)
    assert client.post(address).status_code in (404, 405)
    assert client.get(address).status_code in (404, 405)

"""Pages of the way in through HTTP: what stands there, who may, conflicts, bad input."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from perennial.config.pipeline import jobs_of
from perennial.customers.models import Customer
from perennial.demo.cast import State
from perennial.demo.plant import Planted
from perennial.team.models import User
from perennial.work.models import Handover, Onboarding, Project, WorkDefinition
from perennial.work.onboarding.actions.handovers import Written, offer, write
from perennial.work.onboarding.actions.projects import Planned, begin
from perennial.work.onboarding.actions.starting import start
from perennial.work.onboarding.tests.conftest import DAY, NOW

HX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def browser(user: User, **headers: str) -> Client:
    client = Client(headers={"accept-language": "en", **headers})
    client.force_login(user)
    return client


def get(client: Client, name: str, *args: object, query: str = "") -> Any:
    return client.get(reverse(f"onboarding:{name}", args=args) + query)


@pytest.fixture
def busy(cast: Planted) -> Planted:
    """A way in with something late, a handover that waits, a project that is late."""
    jobs_of("contracts").fill(day=DAY)
    start(cast.customers[State.PLANTED], started_on=DAY - timedelta(days=12), by=None, at=NOW)
    written = Written(
        "sales_csm", to_user=cast.teammate, from_name="Wang Haitao", goals="Orders in it.",
        expectation="<script>alert(1)</script>Used on Mondays.", promises=[(None, "Offline", "")],
    )  # fmt: skip
    made = write(cast.customers[State.DUE], written, by=cast.owner, at=NOW)
    offer(made, version=1, by=cast.owner, at=NOW)
    planned = {"kickoff": DAY - timedelta(days=20), "golive": DAY + timedelta(days=20)}
    it = Planned("Roll-out", DAY - timedelta(days=30), planned=planned)
    begin(cast.customers[State.DUE], it, by=cast.owner, at=NOW)
    return cast


def test_the_tabs_show_what_is_late(busy: Planted):
    client = browser(busy.owner)
    page = get(client, "list").content.decode()
    assert "Xinya Medical" in page and "8 days late" in page
    assert "first order ¥72.0K a year, from ¥20.0K to ¥100.0K" in page
    assert "Roll-out" in get(client, "deliveries", query="?state=late").content.decode()
    assert "Wang Haitao" in get(client, "handovers").content.decode()
    value = get(client, "time_to_value", query="?by=kind").content.decode()
    assert "at least" in value, "who still waits is not dropped"


@pytest.mark.parametrize("name", ["list", "handovers", "deliveries", "time_to_value", "plan"])
@pytest.mark.parametrize("query", ["", "?state=nonsense&kind=x&page=99&by=y&who=z"])
def test_lists_answer_whatever_the_address_asks(busy: Planted, name: str, query: str):
    page = get(browser(busy.outsider), name, query=query)
    assert page.status_code == 200
    assert "Xinya" not in page.content.decode() and "Zhuoze" not in page.content.decode()


def test_amounts_are_for_roles_that_see_money(busy: Planted):
    viewer = busy.outsider
    viewer.role = "support"
    viewer.save()
    page = get(browser(viewer), "list").content.decode()
    assert "Xinya Medical" in page and "by the size of the first order" in page
    assert "¥72" not in page


def test_the_receiver_reads_it_without_the_customers_page(busy: Planted):
    made = Handover.objects.get()
    page = get(browser(busy.teammate), "handover", made.pk).content.decode()
    assert "Used on Mondays." in page and "Do you take this customer over?" in page
    assert "<script>alert(1)" not in page
    assert reverse("desk:customer", args=[made.customer_id]) not in page
    assert get(browser(busy.outsider), "handover", made.pk).status_code == 404


def test_accepting_by_the_page(busy: Planted):
    made = Handover.objects.get()
    client = browser(busy.teammate, **HX)
    answer = client.post(reverse("onboarding:accept", args=[made.pk]))
    assert answer.status_code == 204 and "toast" in answer["HX-Trigger"]
    assert Customer.objects.get(pk=made.customer_id).owner == busy.teammate
    again = client.post(reverse("onboarding:accept", args=[made.pk]))
    assert '"tone": "bad"' in again["HX-Trigger"]


def test_the_giver_does_not_answer_and_the_receiver_does_not_take_back(busy: Planted):
    made = Handover.objects.get()
    giver, receiver = browser(busy.owner, **HX), browser(busy.teammate, **HX)
    answer = giver.post(reverse("onboarding:accept", args=[made.pk]))
    assert '"tone": "bad"' in answer["HX-Trigger"]
    assert (
        receiver.post(reverse("onboarding:take_back_handover", args=[made.pk])).status_code == 403
    )
    made.refresh_from_db()
    assert made.state == Handover.State.OFFERED


def test_a_handover_is_written_with_its_promises(busy: Planted):
    customer = busy.customers[State.PLANTED]
    client = browser(busy.owner, **HX)
    address = reverse("onboarding:new_handover") + f"?customer={customer.pk}"
    assert "Receiver" in client.get(address).content.decode()
    given = {
        "kind": "csm_csm", "receiver": f"user:{busy.teammate.pk}", "goals": "G", "expectation": "E",
        "p0_text": "A second training", "p0_who": "Qin", "p1_text": "", "p1_pk": "",
    }  # fmt: skip
    answer = client.post(address, given)
    made = Handover.objects.get(customer=customer)
    assert answer["HX-Redirect"] == reverse("onboarding:handover", args=[made.pk])
    assert list(made.promises.values_list("text", "promised_by")) == [("A second training", "Qin")]


@pytest.mark.parametrize(
    ("field", "value"),
    [("kind", "gift"), ("receiver", "user:0"), ("goals", "x" * 1_000_000), ("people", "999999")],
)
def test_bad_input_is_refused_beside_its_field(busy: Planted, field: str, value: str):
    customer = busy.customers[State.PLANTED]
    address = reverse("onboarding:new_handover") + f"?customer={customer.pk}"
    given = {"kind": "csm_csm", "receiver": "", "goals": "", field: value}
    answer = browser(busy.owner, **HX).post(address, given)
    assert answer.status_code == 422 and 'class="error"' in answer.content.decode()
    assert not Handover.objects.filter(customer=customer).exists()


def test_two_editors_of_a_project_see_a_conflict(busy: Planted):
    project = Project.objects.get()
    client = browser(busy.owner, **HX)
    address = reverse("onboarding:edit_project", args=[project.pk])
    given = {"title": "First", "started_on": project.started_on, "version": project.version}
    assert client.post(address, given).status_code == 204
    answer = client.post(address, {**given, "title": "Second"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "Second" in page, "what was typed is not lost"
    assert "There stands now:" in page and "First" in page
    project.refresh_from_db()
    assert project.title == "First"
    assert f'name="version" value="{project.version}"' in page, "and it can be saved again"


def test_a_phase_before_the_start_is_refused_beside_its_field(busy: Planted):
    project = Project.objects.get()
    address = reverse("onboarding:phase", args=[project.pk, "kickoff"])
    given = {"done_on": project.started_on - timedelta(days=1), "version": 1}
    answer = browser(busy.owner, **HX).post(address, given)
    assert answer.status_code == 422 and "before the start" in answer.content.decode()


def test_a_milestone_is_reached_by_the_sheet_and_undone_by_the_toast(busy: Planted):
    milestone = Onboarding.objects.get().milestones.get(step="solution")
    client = browser(busy.owner, **HX)
    given = {"done_on": DAY, "note": "Agreed by mail", "version": milestone.version}
    answer = client.post(reverse("onboarding:reach", args=[milestone.pk]), given)
    undo = reverse("onboarding:take_back", args=[milestone.pk])
    assert undo in answer["HX-Trigger"]
    stale = client.post(reverse("onboarding:reach", args=[milestone.pk]), given)
    assert stale.status_code == 422
    assert client.post(undo).status_code == 204
    milestone.refresh_from_db()
    assert milestone.done_on is None


def test_the_customers_page_shows_its_journey(busy: Planted):
    customer = busy.customers[State.PLANTED]
    page = browser(busy.owner).get(reverse("desk:customer", args=[customer.pk]), {"tab": "journey"})
    text = page.content.decode()
    for words in ("Journey", "Needs understood", "Handovers", "Deliveries"):
        assert words in text
    card = get(browser(busy.outsider), "card", customer.pk)
    assert card.status_code == 404


def test_a_book_says_first_how_many(busy: Planted):
    leader = busy.users["leader@demo.invalid"]
    client = browser(leader, **HX)
    address = reverse("onboarding:book")
    given = {"giver": busy.owner.pk, "to_user": busy.teammate.pk, "notes": ""}
    asked = client.post(address, {**given, "do": "count"})
    assert "would be handed over" in asked.content.decode()
    assert Handover.objects.count() == 1
    client.post(address, {**given, "do": "offer"})
    assert Handover.objects.count() > 2


def test_the_plan_is_edited_with_a_preview_by_who_may(busy: Planted):
    address = reverse("onboarding:edit_plan")
    assert browser(busy.owner).get(address).status_code == 403
    client = browser(busy.users["admin@demo.invalid"])
    page = client.get(address).content.decode()
    given = _fields(page)
    shown = client.post(
        reverse("onboarding:preview_plan"), given | {"sales_below": "80000"}, headers=HX
    )
    assert "CSM → Sales" in shown.content.decode()
    faulty = client.post(address, given | {"sales_below": "-1", "do": "publish"})
    assert faulty.status_code == 422
    client.post(address, given | {"sales_below": "80000", "do": "publish"})
    newest = WorkDefinition.objects.filter(kind="onboarding").latest("version")
    assert newest.definition["deal_sizes"]["sales_below"] == 80000
    assert [it["id"] for it in newest.definition["milestones"]][:2] == ["needs", "key_people"]
    assert newest.definition["milestones"][1]["grades"] == ["S", "A"]


def test_the_second_of_two_who_change_the_plan_is_told(busy: Planted):
    address = reverse("onboarding:edit_plan")
    client = browser(busy.users["admin@demo.invalid"])
    given = _fields(client.get(address).content.decode()) | {"do": "publish"}
    assert client.post(address, given | {"sales_below": "80000"}).status_code == 302
    late = client.post(address, given | {"sales_below": "70000"})
    assert late.status_code == 422
    assert "in the meantime" in late.content.decode() and "70000" in late.content.decode()
    newest = WorkDefinition.objects.filter(kind="onboarding").latest("version")
    assert newest.definition["deal_sizes"]["sales_below"] == 80000
    known = _fields(late.content.decode()) | {"do": "publish"}
    assert client.post(address, known).status_code == 302


def _fields(page: str) -> dict[str, str]:
    """What the editor's form would send, as it stands on the page."""
    from html.parser import HTMLParser

    found: dict[str, str] = {}

    class Reader(HTMLParser):
        select = ""

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            at = dict(attrs)
            name = at.get("name") or ""
            if tag == "select":
                self.select = name
            elif tag == "option" and "selected" in at:
                found[self.select] = at.get("value") or ""
            elif tag == "input" and name:
                chosen = at.get("type") not in ("checkbox", "radio") or "checked" in at
                if chosen:
                    found[name] = at.get("value") or ""

    Reader().feed(page)
    return found

"""Assessments, offers and diagnoses over HTTP: filled, compared, followed, taken back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from perennial.customers.assessments.queries import newest_scores
from perennial.customers.assessments.rules.shipped import PROMT
from perennial.customers.assessments.urls import urlpatterns
from perennial.customers.models import Assessment, Diagnosis, Proposal
from perennial.desk.tests.scene import Office
from perennial.team.models import AuditEntry, User

LogIn = Callable[[User], Client]
HTMX = {"HX-Request": "true"}
TODAY = date(2026, 11, 22)


def at(name: str, *pks: object) -> str:
    return reverse(f"customers:{name}", args=pks)


def answers(**areas: int) -> dict[str, Any]:
    return {
        f"{area.name}.{question.name}": areas[area.name]
        for area in PROMT.areas
        if area.name in areas
        for question in area.questions
    }


def undo(client: Client, answer: Any) -> None:
    toast = json.loads(answer["HX-Trigger"])["toast"]
    assert client.post(toast["undo"], headers=HTMX).status_code == 204


def assessed(client: Client, pk: int, on: str, **areas: int) -> Any:
    typed = {"made_on": on, "note": "看过现场", **answers(**areas)}
    answer = client.post(at("assess", pk, "promt"), typed, headers=HTMX)
    assert answer.status_code == 204, answer.content.decode()
    return answer


def test_a_form_is_filled_compared_and_taken_back(office: Office, as_user: LogIn):
    client, pk = as_user(office.owner), office.beijing.pk
    assessed(client, pk, "2026-05-01", product=2, team=2, resource=4)
    last = assessed(client, pk, "2026-11-01", product=4, team=2, resource=4)
    made = Assessment.objects.latest("pk")
    assert (made.maturity_score, made.potential_score) == (50.0, 75.0)
    text = client.get(f"/customers/{pk}/?tab=assessments").content.decode()
    assert "75 (+50)" in text  # product, 1–5 as 25 and 75
    assert text.index("2026-11-01") < text.index("2026-05-01")
    assert newest_scores(TODAY)[pk].maturity_score == 50.0
    undo(client, last)
    assert newest_scores(TODAY)[pk].maturity_score == 25.0
    again = client.post(at("put_back", pk, made.pk), headers=HTMX)
    assert again.status_code == 204
    assert newest_scores(TODAY)[pk].maturity_score == 50.0
    assert newest_scores(date(2026, 6, 30))[pk].maturity_score == 25.0


def test_low_areas_propose_offers_that_are_followed_to_their_result(office: Office, as_user: LogIn):
    client, pk = as_user(office.owner), office.beijing.pk
    assessed(client, pk, "2026-11-01", team=1, product=5)
    text = client.get(f"/customers/{pk}/?tab=assessments").content.decode()
    assert "Training of operators" in text and "Coaching of deep use" not in text
    typed = {"solution": "training", "area": "team", "assessment": Assessment.objects.get().pk}
    client.post(at("propose", pk), typed, headers=HTMX)
    offer = Proposal.objects.get()
    twice = client.post(at("propose", pk), typed, headers=HTMX)
    assert "runs already" in json.loads(twice["HX-Trigger"])["toast"]
    address = at("follow_offer", pk, offer.pk)
    jump = {"state": "delivered", "result": "", "version": 1}
    assert client.post(address, jump, headers=HTMX).status_code == 422
    step = {"state": "accepted", "result": "", "version": 1}
    assert client.post(address, step, headers=HTMX).status_code == 204
    late = {"state": "delivered", "result": "两人持证", "version": 1}
    answer = client.post(address, late, headers=HTMX)
    assert answer.status_code == 422 and "in the meantime" in answer.content.decode()
    assert client.post(address, late | {"version": 2}, headers=HTMX).status_code == 204
    offer.refresh_from_db()
    assert (offer.state, offer.result, offer.area) == ("delivered", "两人持证", "team")
    assert Proposal.objects.count() == 1


def test_a_stuck_customer_is_diagnosed_and_the_result_written(office: Office, as_user: LogIn):
    client, pk = as_user(office.owner), office.beijing.pk
    judged = {"motivation": 8, "ability": 3, "trigger": 4, "made_on": "2026-11-20",
              "stuck_at": "报表没人用"}  # fmt: skip
    made = client.post(at("diagnose", pk), judged, headers=HTMX)
    assert "Unable" in json.loads(made["HX-Trigger"])["toast"]["text"]
    found = Diagnosis.objects.get()
    assert found.lack == "ability"
    text = client.get(f"/customers/{pk}/?tab=assessments").content.decode()
    assert "make it easy" in text and "报表没人用" in text
    address = at("write_result", pk, found.pk)
    assert client.post(address, {"result": "培训后用起来", "version": 1}).status_code == 302
    stale = client.post(address, {"result": "别的", "version": 1}, headers=HTMX)
    assert stale.status_code == 422
    assert "Now stands here: 培训后用起来" in stale.content.decode()
    undo(client, made)
    assert not Diagnosis.objects.exists()


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("assess", {"made_on": "2026-11-01"}, "at least one question"),
        ("assess", {"made_on": "2026-12-01", "team.owner": 3}, "between 2000 and today"),
        ("assess", {"made_on": "1066-10-14", "team.owner": 3}, "between 2000 and today"),
        ("assess", {"made_on": "2026-11-01", "team.owner": 9}, "Select a valid choice"),
        ("assess", {"made_on": "2026-11-01", "team.owner": 3, "note": "x" * 10**6}, "4000"),
        ("diagnose", {"made_on": "2026-11-01", "motivation": 11}, "Select a valid choice"),
        ("diagnose", {"made_on": "2026-11-01", "motivation": 3}, "Judge all three"),
    ],
)
def test_bad_input_is_refused_beside_its_field(
    office: Office, as_user: LogIn, name: str, typed: dict[str, object], said: str
):
    pks = (office.beijing.pk, "promt") if name == "assess" else (office.beijing.pk,)
    answer = as_user(office.owner).post(at(name, *pks), typed, headers=HTMX)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not AuditEntry.objects.filter(object_type="customer").exists()


def test_scripts_are_shown_as_text(office: Office, as_user: LogIn):
    client, pk = as_user(office.owner), office.beijing.pk
    script = "<script>alert(1)</script>"
    typed = {"made_on": "2026-11-01", "note": script, **answers(team=1)}
    client.post(at("assess", pk, "promt"), typed)
    judged = {"motivation": 1, "ability": 1, "trigger": 1, "made_on": "2026-11-20"}
    client.post(at("diagnose", pk), judged | {"stuck_at": script, "response": script})
    text = client.get(f"/customers/{pk}/?tab=assessments").content.decode()
    assert script not in text and text.count("&lt;script&gt;") == 3


def test_what_is_foreign_does_not_exist_and_a_viewer_changes_nothing(
    office: Office, as_user: LogIn
):
    owner, pk = as_user(office.owner), office.beijing.pk
    assessed(owner, pk, "2026-11-01", team=1)
    owner.post(at("propose", pk), {"solution": "training"}, headers=HTMX)
    judged = {"motivation": 1, "ability": 1, "trigger": 1, "made_on": "2026-11-20"}
    owner.post(at("diagnose", pk), judged)
    gaps = {
        "pk": pk,
        "name": "promt",
        "assessment_pk": Assessment.objects.get().pk,
        "proposal_pk": Proposal.objects.get().pk,
        "diagnosis_pk": Diagnosis.objects.get().pk,
    }
    outsider, viewer = as_user(office.outsider), as_user(office.viewer)
    lines = AuditEntry.objects.count()
    for entry in (it for it in urlpatterns if "pk" in it.pattern.converters):
        wanted = {name: gaps[name] for name in entry.pattern.converters}
        address = reverse(f"customers:{entry.name}", kwargs=wanted)
        for ask in (outsider.get, outsider.post):
            assert ask(address).status_code in (404, 405), entry.name
        if entry.name != "assessment_card":
            assert viewer.post(address).status_code in (403, 405), entry.name
    assert AuditEntry.objects.count() == lines

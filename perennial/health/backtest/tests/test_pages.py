"""The backtest page through HTTP: the form, figures of what one sees, money, drafts."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.test import Client

from perennial.customers.models import Customer
from perennial.health.backtest.tests.scene import NOW, Happen, company
from perennial.health.models import ProfileVersion
from perennial.health.rules.defaults import STEADY
from perennial.team.models import Role, User

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
PAGE = "/health/backtest/"


def log_in(role: Role) -> Client:
    user = User.objects.create(email=f"{role}@x.invalid", name=role, role=role, language="en")
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


@time_machine.travel(NOW, tick=False)
def test_the_page_asks_first_and_then_shows_each_horizon(happen: Happen):
    company(happen)
    client = log_in(Role.FINANCE)
    asked = text(client.get(PAGE))
    assert "Would the score have warned us?" in asked
    assert "forest" not in asked
    found = text(client.get(PAGE, {"outcomes": "renewals", "days": "30"}))
    for words in ("30 days before", "180 days before", "Precision", "Money caught", "45 cases",
                  "Each measure alone"):  # fmt: skip
        assert words in found
    part = text(
        client.get(PAGE, {"outcomes": "renewals"}, headers={"HX-Request": "true",
                                                            "HX-Target": "result"})
    )  # fmt: skip
    assert "<html" not in part
    assert "forest" in part


@time_machine.travel(NOW, tick=False)
def test_who_sees_no_money_sees_no_money(happen: Happen):
    company(happen)
    found = text(log_in(Role.SUPPORT).get(PAGE, {"outcomes": "renewals"}))
    assert "45 cases" in found
    assert "Money" not in found


@time_machine.travel(NOW, tick=False)
def test_a_csm_sees_figures_of_the_own_book_only(happen: Happen):
    company(happen)
    client = log_in(Role.CSM)
    Customer.objects.filter(external_id="c00").update(owner=User.objects.get())
    found = text(client.get(PAGE, {"outcomes": "renewals"}))
    assert "1 case" in found
    assert "Too few renewals" in found
    assert "not of the whole company" in found


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("query", "words"),
    [
        pytest.param({"outcomes": "imported"}, "No imported outcome", id="nothing imported"),
        pytest.param({"outcomes": "silent", "n": "90"}, "No customer was in use", id="no events"),
        pytest.param({"outcomes": "renewals", "profile": "nobody"}, "There is no profile",
                     id="unknown profile"),
        pytest.param({"outcomes": "renewals", "from": "x", "to": "2026-99-99", "n": "-1",
                      "days": "soon"}, "No renewal fell due", id="nonsense"),
        pytest.param({"outcomes": "stars"}, "Would the score have warned us?", id="unknown kind"),
    ],
)  # fmt: skip
def test_an_empty_home_and_nonsense_get_sentences(query: dict[str, str], words: str):
    assert words in text(log_in(Role.ADMIN).get(PAGE, query))


@time_machine.travel(NOW, tick=False)
def test_a_draft_is_tried_by_those_who_edit_and_stands_beside_its_editor(happen: Happen):
    company(happen)
    ProfileVersion.objects.create(
        name="tryout", state="draft", definition={**STEADY, "name": "tryout"}, changed_at=NOW
    )
    admin, viewer = log_in(Role.ADMIN), log_in(Role.VIEWER)
    query = {"outcomes": "renewals", "profile": "tryout:draft"}
    assert "(draft)" in text(admin.get(PAGE, query))
    assert viewer.get(PAGE, query).status_code == 403
    beside = text(admin.get(f"{PAGE}tryout/"))
    assert "45 renewals that fell due" in beside
    assert viewer.get(f"{PAGE}tryout/").status_code == 403

"""Scorecards and their editor, through HTTP, on the cast of the demo."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from perennial.config.pipeline import run
from perennial.customers.models import Customer
from perennial.demo.plant import Planted, plant, write_usage
from perennial.health.actions.profiles import publish_text
from perennial.health.forms.draft import definition_from
from perennial.health.models import CurrentHealth, ProfileVersion
from perennial.health.queries.preview import preview
from perennial.health.queries.profiles import draft_of, profiles_in_force
from perennial.health.queries.standing import standing
from perennial.health.rules.defaults import SHIPPED
from perennial.health.rules.definition import of, plain

DAY = date(2026, 6, 30)
NOW = datetime(2026, 7, 1, 2, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def planted() -> Planted:
    return plant(end_on=DAY)


@pytest.fixture
def judged(planted: Planted, tmp_path: Any, perennial: Callable[..., Any]) -> Planted:
    """The cast after a day with usage."""
    assert perennial("import", "events", write_usage(tmp_path, end_on=DAY)).code == 0
    run(day=DAY)
    return planted


@pytest.fixture
def at_work(planted: Planted) -> Iterator[Client]:
    """An administrator's browser."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(planted.users["admin@demo.invalid"])
    with time_machine.travel(NOW, tick=False):
        yield client


def steady(**changed: Any) -> dict[str, Any]:
    return {**next(plain(it) for it in SHIPPED if it.name == "steady"), **changed}


def fields_of(page: Any) -> dict[str, str]:
    """What the editor's form would send, as it stands on the page."""
    from html.parser import HTMLParser

    found: dict[str, str] = {}

    class Form(HTMLParser):
        inside = False
        chosen = ""

        def handle_starttag(self, tag: str, attributes: Any) -> None:
            given = dict(attributes)
            if tag == "form":
                self.inside = "data-draft" in given
            if not self.inside:
                return
            kind, name = given.get("type"), given.get("name") or ""
            if tag == "input" and name and (kind != "checkbox" or "checked" in given):
                found[name] = given.get("value") or ""
            if tag == "select":
                self.chosen = name
            if tag == "option" and ("selected" in given or self.chosen not in found):
                found[self.chosen] = given.get("value") or ""

    Form().feed(page.content.decode())
    return found


def test_the_form_says_the_text_that_it_shows(at_work: Client):
    for profile in SHIPPED:
        page = at_work.get(reverse("health:edit_profile", args=[profile.name]))
        text = definition_from(fields_of(page), profile.name)
        assert of(text, version=1) == profile


def test_bands_come_back_as_they_were(at_work: Client, planted: Planted):
    text = steady()
    row = text["measures"][1]
    del row["linear"], row["outside"]
    row["bands"] = [[None, 0.2, 20], [0.2, 0.4, 60], [0.4, None, 100]]
    publish_text(text, note="n", by=None, at=NOW)
    page = at_work.get(reverse("health:edit_profile", args=["steady"]))
    assert definition_from(fields_of(page), "steady") == {**text, "bands": [50, 75]}


STEPS = [
    pytest.param("remove_measure:0", lambda it: len(it["measures"]) == 14, id="remove"),
    pytest.param("add_point:1", lambda it: len(it["measures"][1]["linear"]) == 5, id="point"),
    pytest.param("drop_point:1", lambda it: len(it["measures"][1]["linear"]) == 3, id="fewer"),
    pytest.param("other_scale:1", lambda it: len(it["measures"][1]["bands"]) == 4, id="bands"),
    pytest.param("add_exception", lambda it: len(it["exceptions"]) == 2, id="exception"),
    pytest.param("remove_exception:0", lambda it: it["exceptions"] == [], id="no exception"),
    pytest.param("add_measure", lambda it: it["measures"][-1]["source"] == "csat", id="measure"),
    pytest.param(
        "add_condition", lambda it: it["audience"] == "1;industry.in.X%20Y,Z", id="condition"
    ),
    pytest.param("nonsense:99", lambda it: len(it["measures"]) == 15, id="nonsense"),
]


@pytest.mark.parametrize(("do", "expected"), STEPS)
def test_a_button_changes_the_form_and_saves_nothing(at_work: Client, do: str, expected: Any):
    address = reverse("health:edit_profile", args=["steady"])
    typed = fields_of(at_work.get(address))
    typed |= {"do": do, "new_source": "csat"}
    typed |= {"new_field": "industry", "new_op": "in", "new_value": "X Y, Z"}
    answer = at_work.post(address, typed, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert expected(definition_from(fields_of(answer), "steady"))
    assert not ProfileVersion.objects.exists()


def test_from_draft_to_published_without_script(at_work: Client):
    address = reverse("health:edit_profile", args=["steady"])
    typed = fields_of(at_work.get(address)) | {"m0_weight": "90", "do": "publish"}
    to_publish = at_work.post(address, typed)
    assert to_publish.status_code == 302
    page = at_work.get(to_publish["Location"])
    assert "Active days: weight" in page.content.decode()
    side_by_side = at_work.get(reverse("health:compare_versions", args=["steady"]))
    assert "<ins>90</ins>" in side_by_side.content.decode()
    draft = draft_of("steady")
    assert draft is not None
    nothing = at_work.post(to_publish["Location"], {"edits": draft.edits, "note": ""})
    assert nothing.status_code == 422 and draft_of("steady")
    done = at_work.post(to_publish["Location"], {"edits": draft.edits, "note": "depth"})
    assert done.status_code == 302
    newest = next(it for it in profiles_in_force() if it.name == "steady")
    assert (newest.version, newest.items[0].weight) == (2, 90)
    shown = at_work.get(reverse("health:profile", args=["steady"])).content.decode()
    assert "depth" in shown and "Version 2" in shown
    compared = at_work.get(reverse("health:compare_versions", args=["steady"]) + "?a=1&b=2")
    assert "<del>6</del>" in compared.content.decode()


def test_the_second_editor_keeps_what_was_typed(at_work: Client):
    address = reverse("health:edit_profile", args=["steady"])
    typed = fields_of(at_work.get(address))
    assert at_work.post(address, typed | {"m0_weight": "7"}).status_code == 302
    second = at_work.post(address, typed | {"m0_weight": "8"})
    assert second.status_code == 422
    assert "was not saved" in second.content.decode()
    assert fields_of(second)["m0_weight"] == "8"


def test_a_faulty_draft_is_kept_but_not_published(at_work: Client):
    address = reverse("health:edit_profile", args=["steady"])
    typed = fields_of(at_work.get(address)) | {"m0_x1": "oops", "do": "save"}
    at_work.post(address, typed)
    draft = draft_of("steady")
    assert draft is not None and draft.definition["measures"][0]["linear"][1][0] is None
    publishing = reverse("health:publish_profile", args=["steady"])
    refused = at_work.post(publishing, {"edits": draft.edits, "note": "n"})
    assert refused.status_code == 422 and draft_of("steady")
    assert "No figures before" in at_work.get(address).content.decode()


def test_a_preview_is_the_day_until_something_changes(judged: Planted, at_work: Client):
    admin = judged.users["admin@demo.invalid"]
    found = standing(DAY)
    kept = {it.customer_id: it for it in CurrentHealth.objects.all()}
    assert set(kept) == set(found.scores.cases.customer.tolist())
    for pk, score, band in zip(
        found.scores.cases.customer.tolist(),
        found.scores.score.tolist(),
        found.scores.band.tolist(),
        strict=True,
    ):
        row = kept[pk]
        assert (row.score is None) == np.isnan(score)
        assert row.score is None or abs(float(row.score) - score) < 0.001
        assert row.read_band == ("red", "yellow", "green", "unknown")[band]
    for profile in SHIPPED:
        shown = preview(admin, profile, day=DAY)
        assert shown.changed_count == 0 and shown.before == shown.after
        assert shown.risen == shown.fallen == 0
        assert shown.whole == len(kept)
    text = steady(bands=[98, 99])
    shown = preview(judged.users["admin@demo.invalid"], of(text), day=DAY)
    assert shown.changed_count and shown.changed_count >= len(shown.changed)
    address = reverse("health:preview_profile", args=["steady"])
    typed = fields_of(at_work.get(reverse("health:edit_profile", args=["steady"])))
    answer = at_work.post(address, typed | {"yellow": "98", "green": "99"})
    said = answer.content.decode()
    assert shown.changed[0].customer.name_en in said or shown.changed[0].customer.name in said
    assert 'hx-swap-oob="true"' in said


HINTS: list[tuple[dict[str, Any], str]] = [
    ({"audience": "1;tier.in.Z"}, "nobody"),
    ({"priority": 5}, "taken"),
    ({}, "tie"),
    ({"measures": steady()["measures"][-1:]}, "all_grey"),
]


def test_real_customers_say_what_a_text_cannot(judged: Planted):
    for changed, code in HINTS:
        text = steady(name="a_first", priority=10) | changed
        shown = preview(judged.users["admin@demo.invalid"], of(text), day=DAY)
        assert code in {it.code for it in shown.hints}, changed


def test_figures_are_of_the_customers_that_one_sees(judged: Planted):
    own = Customer.objects.filter(owner=judged.owner)
    shown = preview(judged.owner, of(steady(bands=[98, 99])), day=DAY)
    assert 0 < shown.whole <= own.count() < CurrentHealth.objects.count()
    assert {it.customer.pk for it in shown.changed} <= set(own.values_list("pk", flat=True))
    assert preview(judged.outsider, of(steady()), day=DAY).whole == 0


EDITS = ("edit_profile", "publish_profile", "preview_profile", "discard_draft", "retire_profile")


def test_a_csm_looks_but_does_not_edit(planted: Planted):
    client = Client()
    client.force_login(planted.owner)
    for name in ("profile", "compare_versions"):
        assert client.get(reverse(f"health:{name}", args=["steady"])).status_code == 200
    assert client.get(reverse("health:scorecards")).status_code == 200
    for name in (*EDITS, "restore_version"):
        assert client.post(reverse(f"health:{name}", args=["steady"])).status_code == 403
    assert client.post(reverse("health:add_profile")).status_code == 403
    assert client.get(reverse("health:profile", args=["nothing"])).status_code == 404

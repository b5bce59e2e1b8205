"""The pages and texts of grade standards, assessment forms and the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from django.test import Client
from django.urls import reverse

from perennial.config import definitions
from perennial.customers.assessments.queries import solutions, templates
from perennial.customers.models import AssessmentTemplate, GradeStandard, Offer, Person
from perennial.customers.people.standards.queries import standards
from perennial.desk.tests.scene import NOW, Office
from perennial.team.models import User

LogIn = Callable[[User], Client]
HTMX = {"HX-Request": "true"}
OURS = ("grade_standards", "assessment_templates", "solutions")


def at(name: str, *args: object) -> str:
    return reverse(f"customers:{name}", args=args)


def ceo(office: Office) -> Person:
    return Person.objects.create(
        external_id="ceo", customer=office.beijing, name="赵董", role="CEO", recorded_at=NOW,
        grade="S", graded_by="standard",
    )  # fmt: skip


def test_a_standard_shows_whom_it_would_change_and_then_changes_them(
    office: Office, as_user: LogIn
):
    admin, them = as_user(office.admin), ceo(office)
    assert "销售VP" in admin.get(at("grades")).content.decode()
    typed = {"r0_grade": "A", "r0_words": "CEO，总裁", "cadence_A": "45", "version": "0"}
    shown = admin.post(at("preview_grades"), typed, headers=HTMX).content.decode()
    assert "1 person changes" in shown and "赵董" in shown
    assert admin.get(at("edit_grades")).status_code == 200
    answer = admin.post(at("edit_grades"), typed, follow=True)
    assert "1 person graded anew" in answer.content.decode()
    them.refresh_from_db()
    assert them.grade == "A"
    assert standards()[""].cadence_days == {"A": 45}
    late = admin.post(at("edit_grades"), typed)
    assert late.status_code == 422 and "in the meantime" in late.content.decode()
    admin.post(at("drop_grades"))
    them.refresh_from_db()
    assert them.grade == "S"
    assert not GradeStandard.objects.exists()


def test_a_wrong_standard_is_refused_with_every_fault(office: Office, as_user: LogIn):
    typed = {"r0_grade": "Z", "r0_words": "x", "cadence_S": "soon"}
    answer = as_user(office.admin).post(at("edit_grades") + "?product=CRM", typed)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "A grade is S, A or B." in text and "whole number" in text
    assert not GradeStandard.objects.exists()


def test_a_form_of_ones_own_is_written_versioned_and_retired(office: Office, as_user: LogIn):
    admin = as_user(office.admin)
    start = {
        "zh": "门店检查", "en": "Store check", "low_score": "40", "areas": "1",
        "a0_name": "area_1", "a0_zh": "陈列", "a0_en": "Display", "a0_questions": "1",
        "a0_q0_name": "q_1", "a0_q0_zh": "整洁", "a0_q0_en": "Tidy",
        "a0_q0_choices": "否 | No | 0\n是 | Yes | 100",
    }  # fmt: skip
    step = admin.post(at("new_form"), start | {"do": "add:0"})
    assert step.status_code == 200 and 'name="a0_q1_zh"' in step.content.decode()
    assert admin.post(at("new_form"), start | {"do": "save"}).status_code == 302
    made = templates()["store_check"]
    assert (made.version, made.low_score) == (1, 40)
    assert [it.points for it in made.areas[0].questions[0].choices] == [0, 100]
    changed = start | {"do": "save", "version": "1", "a0_weight": "2"}
    assert admin.post(at("edit_form", "store_check"), changed).status_code == 302
    late = admin.post(at("edit_form", "store_check"), changed)
    assert late.status_code == 422 and "in the meantime" in late.content.decode()
    wrong = admin.post(at("new_form"), start | {"do": "save", "a0_zh": "", "low_score": "900"})
    assert wrong.status_code == 422 and "0 to 100" in wrong.content.decode()
    admin.post(at("retire_form", "promt"))
    assert set(templates()) == {"store_check"}
    assert "promt" in admin.get(at("forms")).content.decode()
    admin.post(at("reuse_form", "promt"))
    assert set(templates()) == {"promt", "store_check"}


def test_the_catalogue_is_edited_and_an_entry_retired(office: Office, as_user: LogIn):
    admin = as_user(office.admin)
    typed = {"title_zh": "直播陪跑", "title_en": "Live coaching", "kind": "traffic",
             "areas": ["marketing"]}  # fmt: skip
    assert admin.post(at("new_solution"), typed, headers=HTMX).status_code == 204
    assert solutions()["live_coaching"].areas == ("marketing",)
    assert "Live coaching" in admin.get(at("solutions")).content.decode()
    admin.post(at("edit_solution", "training"), {"title_zh": "", "kind": "talent"}, headers=HTMX)
    admin.post(at("retire_solution", "training"))
    assert "training" not in solutions()
    assert admin.post(at("edit_solution", "training"), typed).status_code == 404


def test_colleagues_look_and_do_not_define(office: Office, as_user: LogIn):
    csm = as_user(office.owner)
    for name in ("grades", "forms", "solutions"):
        answer = csm.get(at(name))
        assert answer.status_code == 200
        assert "Administrators and leaders can change it." in answer.content.decode()
    for name, args in (
        ("edit_grades", ()), ("preview_grades", ()), ("drop_grades", ()), ("new_form", ()),
        ("edit_form", ("promt",)), ("retire_form", ("promt",)), ("reuse_form", ("promt",)),
        ("new_solution", ()), ("edit_solution", ("training",)), ("retire_solution", ("training",)),
    ):  # fmt: skip
        assert csm.post(at(name, *args)).status_code == 403, name
    assert not (AssessmentTemplate.objects.exists() or Offer.objects.exists())


@pytest.mark.django_db
def test_definitions_come_back_byte_for_byte(tmp_path: Path):
    kinds = [it for it in definitions.KINDS if it.name in OURS]
    assert [it.name for it in kinds] == list(OURS)
    text = definitions.export_text(kinds)
    file = tmp_path / "all.yaml"
    file.write_text(text, encoding="utf-8")
    assert definitions.changes(definitions.read_path(file)) == []
    document = yaml.safe_load(text)
    document["grade_standards"][0]["cadence_days"]["S"] = 14
    document["assessment_templates"][0]["low_score"] = 60
    document["solutions"] = document["solutions"][1:]
    file.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    changed = definitions.apply(definitions.read_path(file), by=None, at=NOW)
    assert sorted(it.kind for it in changed) == sorted(OURS)
    assert definitions.changes(definitions.read_path(file)) == []
    assert standards()[""].cadence_days["S"] == 14
    assert templates()["promt"].low_score == 60

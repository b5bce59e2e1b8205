"""Playbooks as text: what is exported comes back, the guide's examples hold, faults have places."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from perennial.config import definitions
from perennial.units.errors import InputRefused
from perennial.work.models import Playbook, PlaybookVersion
from perennial.work.playbooks import queries
from perennial.work.playbooks.tests.cast import NOW, both, publish, step
from perennial.work.playbooks.texts import KINDS

pytestmark = pytest.mark.django_db
GUIDE = Path(__file__).parents[4] / "docs" / "guide"


def written(folder: Path, *playbooks: dict[str, object]) -> Path:
    file = folder / "playbooks.yaml"
    file.write_text(yaml.safe_dump({"playbooks": list(playbooks)}, allow_unicode=True), "utf-8")
    return file


def entry(name: str, *steps: dict[str, object], **more: object) -> dict[str, object]:
    head = {"name": name, "title": both(name), "purpose": both("why")}
    return {**head, "steps": list(steps), **more}


def test_an_export_of_the_shipped_ones_differs_in_nothing_and_writes_nothing(tmp_path: Path):
    file = tmp_path / "playbooks.yaml"
    file.write_text(definitions.export_text(KINDS), "utf-8")
    sections = definitions.read_path(file)
    assert definitions.changes(sections) == []
    definitions.apply(sections, by=None, at=NOW)
    assert not Playbook.objects.exists()
    assert "给{contact}打电话，约 30 分钟。\n" in file.read_text("utf-8")


def test_what_is_left_out_retires_and_what_is_new_is_published(tmp_path: Path):
    publish("old", step("call"))
    file = written(
        tmp_path, entry("fresh", step("call"), trigger="audience", cap={"ever": 1}, automatic=True)
    )
    definitions.apply(definitions.read_path(file), by=None, at=NOW)
    assert [(it.name, it.is_automatic) for it in queries.playbooks()] == [("fresh", True)]
    assert definitions.changes(definitions.read_path(file)) == []


def test_two_playbooks_of_one_text_may_start_each_other_but_in_no_circle(tmp_path: Path):
    inner = entry("a_inner", step("call"))
    outer = entry("b_outer", step("sub", kind="sub_playbook", playbook="a_inner"))
    found = definitions.read_path(written(tmp_path, outer, inner))
    definitions.apply(found, by=None, at=NOW)
    assert PlaybookVersion.objects.filter(playbook__name="b_outer").count() == 1
    circle = entry("a_inner", step("sub", kind="sub_playbook", playbook="b_outer"))
    with pytest.raises(InputRefused) as refused:
        definitions.read_path(written(tmp_path, outer, circle))
    assert {it.code for it in refused.value.errors} == {"circular"}


def test_a_fault_has_its_line_and_place(tmp_path: Path):
    wrong = entry("fresh", step("call", start={"after": "step:nowhere"}))
    with pytest.raises(InputRefused) as refused:
        definitions.read_path(written(tmp_path, wrong))
    (fault,) = refused.value.errors
    assert (fault.column, fault.code) == ("steps.0.start.after", "unknown_step")
    assert fault.row is not None and fault.row > 1


@pytest.mark.parametrize("page", ["playbooks.md", "playbooks.zh.md"])
def test_the_example_of_the_guide_has_no_fault(tmp_path: Path, page: str):
    (example,) = re.findall(r"```yaml\n(.*?)```", (GUIDE / page).read_text("utf-8"), re.S)
    file = tmp_path / "playbooks.yaml"
    file.write_text(example, "utf-8")
    assert [it.name for it in definitions.read_path(file)["playbooks"]] == ["vip_drop"]

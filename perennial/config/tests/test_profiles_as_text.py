"""Profiles through `perennial config`: there and back, faults with their lines, versions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from perennial.health.models import ProfileVersion
from perennial.health.queries.profiles import profiles_in_force
from perennial.health.rules.defaults import SHIPPED
from perennial.team.models import AuditEntry

pytestmark = pytest.mark.django_db
Command = Callable[..., Any]


@pytest.fixture
def exported(tmp_path: Path, perennial: Command) -> Path:
    """The section `profiles` of what an untouched home exports."""
    folder = tmp_path / "definitions"
    assert perennial("config", "export", "--to", folder).code == 0
    return folder / "profiles.yaml"


def changed(path: Path, before: str, after: str) -> Path:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    return path


def test_what_is_shipped_comes_back_and_changes_nothing(exported: Path, perennial: Command):
    assert perennial("config", "diff", exported).code == 0
    assert perennial("config", "apply", exported).code == 0
    assert not ProfileVersion.objects.exists()
    assert profiles_in_force() == sorted(SHIPPED, key=lambda it: -it.priority)


def test_a_change_is_published_as_the_next_version(exported: Path, perennial: Command):
    changed(exported, "weight: 24", "weight: 30")
    assert perennial("config", "diff", exported).code == 1
    assert perennial("config", "apply", exported).code == 0
    assert {it.name: it.version for it in profiles_in_force()} == {
        "steady": 1,
        "onboarding": 2,
        "pre_renewal": 1,
    }
    assert AuditEntry.objects.filter(action="profile_published").count() == 1
    assert perennial("config", "diff", exported).code == 0


def test_a_profile_that_is_left_out_retires(exported: Path, perennial: Command):
    text = exported.read_text(encoding="utf-8")
    exported.write_text(text[: text.index("- name: onboarding")], encoding="utf-8")
    assert perennial("config", "apply", exported).code == 0
    left = [it.name for it in profiles_in_force()]
    assert left == ["steady"]
    exported.write_text("profiles: []\n", encoding="utf-8")
    assert perennial("config", "apply", exported).code == 3
    assert [it.name for it in profiles_in_force()] == left


FAULTS = [
    pytest.param("weight: 24", "weight: -1", "weight: -1", id="a weight"),
    pytest.param("source: nps", "source: moon", "source: moon", id="a source"),
    pytest.param("  bands: [50", "  hierarchy: self\n  bands: [50", "hierarchy", id="hierarchy"),
    pytest.param("cap: 49", "cap: 490", "cap: 490", id="a cap"),
    pytest.param("1;age_days.gte.0", "1;score.lt.50", "1;score", id="circular"),
    pytest.param("1;age_days.gte.0", "1;(", "1;(", id="no filter"),
]


@pytest.mark.parametrize(("before", "after", "line"), FAULTS)
def test_a_fault_names_its_line(
    exported: Path, perennial: Command, before: str, after: str, line: str
):
    changed(exported, before, after)
    lines = exported.read_text(encoding="utf-8").split("\n")
    number = next(i for i, it in enumerate(lines, 1) if line in it)
    refused = perennial("config", "apply", exported, "--json")
    assert refused.code == 3
    assert refused.document["error"]["row"] == number
    assert not ProfileVersion.objects.exists()

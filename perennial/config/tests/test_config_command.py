"""`perennial config export|diff|apply`: definitions as text, there and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from perennial.events.models import Feature
from perennial.metrics.models import OwnMetric
from perennial.team.models import AuditEntry

TEXT = """\
metrics:
- name: exports
  title:
    zh: 导出次数
    en: Exports
  base: event_count
  event: export
  where:
    plan: pro
  window_days: 28
goals:
- name: export_use
  title:
    zh: 常用导出
    en: Exports often
  metric: exports
  target: 2.5
activity:
  goals_needed: 1
  active_days: 28
  silent_days: 45
features:
- name: export
  deep: true
"""

pytestmark = pytest.mark.django_db
Command = Callable[..., Any]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "definitions.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_what_is_exported_comes_back_byte_for_byte(
    file: Path, tmp_path: Path, perennial: Command
) -> None:
    assert perennial("config", "diff", file).code == 1
    assert perennial("config", "apply", file, "--dry-run").code == 0
    assert not OwnMetric.objects.exists()
    done = perennial("config", "apply", file)
    assert done.code == 0
    assert [line for line in done.out.splitlines() if line[0] in "+~-"] == [
        "+ metrics exports",
        "+ goals export_use",
        "~ activity",
        "+ features export",
    ]
    assert Feature.objects.get(name="export").deep
    assert AuditEntry.objects.count() == 4
    assert perennial("config", "diff", file).code == 0
    back = tmp_path / "back.yaml"
    perennial("config", "export", "--to", back)
    whole = back.read_text("utf-8")
    assert whole.startswith(TEXT), "then what is shipped and was not in the file"
    perennial("config", "apply", back)
    perennial("config", "export", "--to", back)
    assert back.read_text("utf-8") == whole
    folder = tmp_path / "folder"
    perennial("config", "export", "--to", folder)
    assert {path.name for path in folder.iterdir()} >= {
        "metrics.yaml",
        "goals.yaml",
        "activity.yaml",
        "features.yaml",
        "stages.yaml",
        "fit.yaml",
        "tiers.yaml",
    }
    assert perennial("config", "diff", folder).code == 0


def test_a_section_says_everything_about_its_kind_and_a_missing_one_nothing(
    file: Path, perennial: Command
) -> None:
    perennial("config", "apply", file)
    file.write_text("metrics: []\n", encoding="utf-8")
    done = perennial("config", "apply", file)
    assert (done.code, done.err.strip()) == (3, "The goal export_use uses this metric.")
    file.write_text("metrics: []\ngoals: []\n", encoding="utf-8")
    done = perennial("config", "apply", file)
    assert (done.code, done.out.splitlines()) == (0, ["- metrics exports", "- goals export_use"])
    assert OwnMetric.objects.filter(name="exports").count() == 2  # its versions stay
    assert Feature.objects.get(name="export").deep


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("base: event_count", "base: sql", "line 6, field base: There is no shipped metric “sql”."),
        ("window_days: 28", "window_days: soon", "line 10, field window_days: This is a whole"),
        ("  metric: exports\n", "", "line 12, field metric: The field is missing."),
        ("target: 2.5", "target: 2.5\n  colour: red", "line 18, field colour: There is no field"),
        ("features:", "things:", "line 22: There is no section “things”."),
        ("silent_days: 45", "silent_days: 0", "line 21, field silent_days: This is from 1 to"),
        ("deep: true", "event: drop table", "line 24, field event: A feature is made of"),
        ("goals:", "goals: ]", "line 11: This is no YAML"),
    ],
)
def test_an_error_names_its_line_and_field(
    file: Path, perennial: Command, old: str, new: str, said: str
) -> None:
    file.write_text(TEXT.replace(old, new), encoding="utf-8")
    done = perennial("config", "apply", file)
    assert done.code == 3
    assert said in done.err
    assert not AuditEntry.objects.exists()


HOSTILE = [
    pytest.param("metrics:\n- &a {name: x}\n- *a\n", 3, id="an alias"),
    pytest.param("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", 2, id="a bomb of aliases"),
    pytest.param(f"metrics:\n- name: {'[' * 300}{']' * 300}\n", 2, id="deep"),
    pytest.param(f"metrics: {'[' * 20_000}", 1, id="deep without an end"),
    pytest.param("metrics:\n- name: !!python/object/apply:os.getcwd []\n", 2, id="a tag"),
    pytest.param("metrics:\n- name: a\0b\n", 2, id="a character that is none"),
    pytest.param('features:\n- {event: page, url: /a,\n   name: "a\\0b"}\n', 3, id="one escaped"),
    pytest.param(f"activity:\n  active_days: {'9' * 5000}\n", 2, id="a long number"),
    pytest.param(
        "goals:\n- {metric: event_count, title: {zh: a, en: b}, name: a,\n"
        f"   target: {'9' * 400}}}\n",
        3,
        id="a number that is no float",
    ),
]


@pytest.mark.parametrize(("text", "line"), HOSTILE)
def test_a_hostile_text_is_refused_with_its_line(
    text: str, line: int, tmp_path: Path, perennial: Command
) -> None:
    path = tmp_path / "hostile.yaml"
    path.write_text(text, encoding="utf-8")
    refused = perennial("--lang", "en", "config", "apply", path)
    assert refused.code == 3, refused.err
    assert f"line {line}" in refused.err
    assert not AuditEntry.objects.exists()

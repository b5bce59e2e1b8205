"""Segments as a text: they come back as written, and what is wrong has its line."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from perennial.config.definitions import Change, apply, export_text, read_path
from perennial.customers.models import Segment
from perennial.desk.segments.texts import SEGMENTS
from perennial.desk.tests.scene import NOW, Office
from perennial.units.errors import InputRefused


def test_segments_of_a_text_come_back_as_they_were_written(office: Office) -> None:
    text = (
        "segments:\n"
        "- {name: upper, title: {zh: 上, en: Upper}, filter: 1;segment.in.base}\n"
        "- {name: base, title: {zh: 下, en: Base}, filter: 1;arr.gte.100000, meaning: m}\n"
    )
    applied = apply_text(text)
    assert [(it.kind, it.name) for it in applied] == [("segments", "base"), ("segments", "upper")]
    assert apply_text(export_text([SEGMENTS])) == []
    apply_text("segments: []")
    assert Segment.objects.filter(retired_at__isnull=False).count() == 2


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        pytest.param("filter: 1;segment.in.one", "made of itself", id="a loop"),
        pytest.param("filter: 1;segment.in.gone", "no segment", id="one that is not there"),
        pytest.param("filter: 1;colour.in.red", "no field", id="an unknown field"),
        pytest.param(f"filter: 1;name.has.{'x' * 2_000}", "too long", id="2,000 letters"),
        pytest.param("filter: ''", "needs a condition", id="no condition"),
    ],
)
def test_a_wrong_segment_of_a_text_has_its_line(office: Office, entry: str, says: str) -> None:
    with pytest.raises(InputRefused) as refused:
        apply_text(f"segments:\n- name: one\n  title: {{zh: 一, en: One}}\n  {entry}\n")
    assert says in refused.value.message
    assert refused.value.row == 4


def apply_text(text: str) -> list[Change]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "all.yaml")
        file.write_text(text, encoding="utf-8")
        return apply(read_path(file), by=None, at=NOW)

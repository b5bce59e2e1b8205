"""The page about the sources of measures names every source, in both languages, as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils.translation import override

from perennial.health.inputs.reading import READERS
from perennial.health.inputs.sources import SOURCES
from perennial.health.rules.defaults import MEASURES
from perennial.health.wording import GROUPS
from perennial.metrics.catalog import METRICS
from perennial.web.formats import number

PAGES = {"en": "health-measures.md", "zh-hans": "health-measures.zh.md"}
GUIDE = Path(__file__).parents[3] / "docs" / "guide"


def table(language: str) -> list[str]:
    """The rows of the page: source, title, group, unit, meaning, days until it is stale."""
    with override(language):
        return [
            f"| `{it.id}` | {it.title} | {GROUPS[it.group]} | {it.unit} | {it.meaning} "
            f"| {'–' if it.stale_days is None else number(it.stale_days)} |"
            for it in SOURCES.values()
        ]


@pytest.mark.parametrize("language", PAGES)
def test_the_page_tells_every_source(language: str):
    text = (GUIDE / PAGES[language]).read_text(encoding="utf-8")
    missing = [row for row in table(language) if row not in text]
    assert not missing
    assert all(f"`{metric.name}`" in text for metric in METRICS)


def test_every_source_can_be_read_and_has_a_scale():
    assert set(SOURCES) == set(READERS) == set(MEASURES)
    assert all(len(source.scale) >= 2 for source in SOURCES.values())


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_is_told_in_chinese(name: str):
    source = SOURCES[name]
    said = {}
    for language in PAGES:
        with override(language):
            said[language] = [str(it) for it in (source.meaning, source.sentence)]
    assert all(zh != en for zh, en in zip(*said.values(), strict=True))

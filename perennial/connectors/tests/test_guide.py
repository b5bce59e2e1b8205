"""The guide names every kind and every column, in both languages."""

import re

import pytest
from django.conf import settings

from perennial.connectors.kinds import KINDS


@pytest.mark.parametrize("name", ["imports.md", "imports.zh.md"])
def test_the_guide_lists_what_can_be_imported(name):
    text = (settings.ROOT / "docs/guide" / name).read_text(encoding="utf-8")
    for kind in KINDS:
        [line] = re.findall(rf"^\| `{kind.name}`.*$", text, re.MULTILINE)
        for field in kind.fields:
            if field.name != "recorded_at":
                assert f"`{field.name}`{'★' if field.required else ''}" in line

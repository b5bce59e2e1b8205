"""One word per thing: whatever the code declares as a role, kind or state has its row."""

from __future__ import annotations

import importlib
import pkgutil
import re
from enum import StrEnum
from pathlib import Path

from django.db import models

import perennial

ROOT = Path(__file__).parents[1]
WORDS = (models.TextChoices, StrEnum)


def declared() -> dict[str, str]:
    """Every value of every TextChoices and StrEnum of the product → where it stands."""
    found: dict[str, str] = {}
    for module in pkgutil.walk_packages(perennial.__path__, "perennial."):
        if any(part in module.name for part in (".tests", ".migrations", ".asgi")):
            continue
        things = vars(importlib.import_module(module.name)).values()
        for kind in (t for t in things if isinstance(t, type)):
            if issubclass(kind, WORDS) and kind.__module__.startswith("perennial."):
                found |= {str(v): f"{kind.__module__}.{kind.__name__}" for v in kind if v}
    return found


def test_every_declared_word_is_in_the_glossary():
    known = set(re.findall(r"`([^`]+)`", (ROOT / "docs/glossary.md").read_text("utf-8")))
    missing = {word: where for word, where in declared().items() if word not in known}
    assert not missing, f"add to docs/glossary.md: {missing}"


def test_every_row_of_the_glossary_speaks_both_languages():
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (ROOT / "docs/glossary.md").read_text("utf-8").splitlines()
        if line.startswith("|") and not line.startswith(("|---", "| 中文"))
    ]
    assert len(rows) > 80
    for chinese, english, identifier in rows:
        assert re.search(r"[\u4e00-\u9fff]", chinese), chinese
        assert english and identifier.startswith("`")

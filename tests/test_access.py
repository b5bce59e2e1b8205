"""The documented matrix of access is the one that the code applies."""

from __future__ import annotations

from pathlib import Path

import pytest

from perennial.team.access import _SCOPES, PAGES
from perennial.team.models import Role

GUIDE = Path(__file__).parents[1] / "docs/guide"


def matrix(file: Path) -> dict[str, dict[str, str]]:
    """The last table of a page: row name → role → cell."""
    rows = [
        line.strip("| ").split("|")
        for line in file.read_text("utf-8").splitlines()
        if line.startswith("|") and line.count("|") == 8
    ]
    head, *body = [[cell.strip(" `") for cell in row] for row in rows]
    return {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in body if "---" not in row}


@pytest.mark.parametrize("name", ["access.md", "access.zh.md"])
def test_the_access_matrix_is_documented_as_it_is(name: str):
    documented = matrix(GUIDE / name)
    assert documented.pop("scope") == {role.value: str(_SCOPES[role]) for role in Role}
    applied = {
        str(page): {role.value: "✓" if role in roles else "–" for role in Role}
        for page, roles in PAGES.items()
    }
    assert documented == applied

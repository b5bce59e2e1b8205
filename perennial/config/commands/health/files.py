"""Profiles of a text file: the section `profiles` of exported definitions, or a profile alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import yaml

from perennial.health.queries.sources import checked
from perennial.health.rules.definition import Profile, of
from perennial.units.errors import InputRefused, RowError
from perennial.units.sentence import sentence

SECTION: Final = "profiles"
LARGEST_BYTES: Final = 1_000_000
DEEPEST: Final = 20


def profiles_of(path: Path) -> list[Profile]:
    """Raises InputRefused with every fault, each with its place in the file."""
    rows = _rows(path)
    errors: list[RowError] = []
    for number, row in enumerate(rows):
        where = f"{SECTION}.{number}." if len(rows) > 1 else ""
        errors += [
            replace(it, column=f"{where}{it.column or ''}".rstrip("."), file=path.name)
            for it in checked(row).faults
        ]
    names = [str(row.get("name")) for row in rows]
    if len(set(names)) < len(names):
        errors.append(RowError("twice", sentence("This name stands twice."), file=path.name))
    if errors:
        first = errors[0]
        refused = InputRefused(
            first.message, code=first.code, params=first.params, file=first.file,
            column=first.column,
        )  # fmt: skip
        refused.errors = errors
        raise refused
    return [of(row) for row in rows]


def _rows(path: Path) -> list[dict[str, Any]]:
    if path.stat().st_size > LARGEST_BYTES:
        raise InputRefused(sentence("The file is too large to be definitions."), file=path.name)
    try:
        text = path.read_text(encoding="utf-8")
        _check_shape(text)
        found = yaml.safe_load(text)
    except (yaml.YAMLError, UnicodeError) as wrong:
        mark = getattr(wrong, "problem_mark", None)
        raise InputRefused(
            sentence("This is no YAML: {reason}."),
            file=path.name,
            row=mark.line + 1 if mark else None,
            params={"reason": str(getattr(wrong, "problem", "") or "")},
        ) from wrong
    rows = found.get(SECTION, [found]) if isinstance(found, dict) else found
    if not isinstance(rows, list) or not rows or not all(isinstance(it, dict) for it in rows):
        raise InputRefused(
            sentence("The file defines no profile. Write name, priority, measures, … in it."),
            file=path.name,
        )
    return rows


def _check_shape(text: str) -> None:
    """A few aliases of aliases, or a deep nest, would fill the memory."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="* and & are not taken here")
        if depth > DEEPEST:
            raise yaml.MarkedYAMLError(problem="nested too deeply")

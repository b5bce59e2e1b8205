"""Texts of playbooks for the rules alone, and an installation that they are checked against."""

from __future__ import annotations

from typing import Any

from perennial.units.errors import RowError
from perennial.work.playbooks.rules.faults import Known


def both(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def step(name: str, /, **more: Any) -> dict[str, Any]:
    return {"id": name, "title": both(name), "text": both(name), "kind": "task", **more}


def outcome(name: str, then: str = "", when: str = "") -> dict[str, str | dict[str, str]]:
    return {"id": name, "title": both(name), "then": then, "when": when}


def playbook(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    head = {"name": "save", "title": both("Save"), "purpose": both("Keep them")}
    return {**head, "steps": list(steps), **more}


def unreadable(text: str) -> RowError | None:
    return None if text.startswith("1;") else RowError("filter_refused", "No filter: {value}")


def gone(source: str) -> RowError | None:
    return RowError("unknown_metric", "Gone") if "gone" in source else None


KNOWN = Known(
    filter_fault=unreadable,
    source_fault=gone,
    alerts={"usage_drop", "own/late"},
    playbooks={"other": ("third",), "third": ("save",), "alone": ()},
    settable=("tags", "industry"),
)

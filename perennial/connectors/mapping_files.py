"""`--mapping FILE.yaml`: a mapping to keep beside the export it reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import yaml

from perennial.units.errors import InputRefused
from perennial.units.mapping import Column, parse_column


@dataclass(frozen=True, slots=True)
class KeptMapping:
    """What the file says; columns are written as on the command line."""

    map: dict[str, Column] = field(default_factory=dict)
    ids: str = ""
    date_format: str | None = None
    time_zone: str | None = None


def read_mapping(path: Path) -> KeptMapping:
    """The keys `map` (ours: theirs), `id`, `date_format`, `timezone`; a file without `map` is
    the map itself. Raises InputRefused."""
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as wrong:
        raise _unreadable(path) from wrong
    if not isinstance(said, dict):
        raise _unreadable(path)
    pairs = said.get("map", {} if set(said) & {"id", "date_format", "timezone"} else said)
    if not isinstance(pairs, dict):
        raise _unreadable(path)
    texts = {str(ours): str(theirs) for ours, theirs in pairs.items()}
    return KeptMapping(
        map={ours: parse_column(it, pair=f"{ours}={it}") for ours, it in texts.items()},
        ids=str(said.get("id") or "") if "map" in said else "",
        date_format=_text(said, "date_format"),
        time_zone=_text(said, "timezone"),
    )


def _text(said: dict[str, object], name: str) -> str | None:
    return str(said[name]) if "map" in said and said.get(name) else None


def _unreadable(path: Path) -> InputRefused:
    return InputRefused(
        "The mapping file cannot be read. Write YAML such as: map: (external_id: account_id).",
        code="bad_mapping_file",
        file=path.name,
    )

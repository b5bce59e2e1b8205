"""`--mapping`: a mapping to keep beside the export it reads, or one of those that are shipped."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from perennial.connectors.kinds import Kind
from perennial.connectors.options import Options
from perennial.units.errors import InputRefused
from perennial.units.mapping import Column, Source, parse_column

SHIPPED = Path(__file__).parent / "mappings"
_KEYS = {"kind", "id", "date_format", "timezone", "escape"}


@dataclass(frozen=True, slots=True)
class KeptMapping:
    """What the file says; columns are written as on the command line."""

    map: dict[str, Column] = field(default_factory=dict)
    ids: str = ""
    date_format: str | None = None
    time_zone: str | None = None
    escape: str = '"'
    kind: str = ""  # of files that it reads; "": any

    @property
    def id_columns(self) -> tuple[str, ...]:
        return tuple(it.strip() for it in self.ids.split("+") if it.strip())

    @property
    def named(self) -> set[str]:
        """The columns that a file must have for this mapping."""
        sources = {column.name for column in self.map.values() if isinstance(column, Source)}
        return sources | set(self.id_columns)


def shipped_mappings() -> list[str]:
    """The names of the mappings for other tools' exports."""
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def mapping_named(name: str) -> KeptMapping:
    """The mapping in a file, or the shipped one of this name. Raises InputRefused."""
    if name in shipped_mappings():
        return read_mapping(SHIPPED / f"{name}.yaml")
    if not Path(name).is_file():
        raise InputRefused(
            "There is no mapping “{name}”: no file of this name, and shipped are {names}.",
            code="no_such_mapping",
            params={"name": name, "names": ", ".join(shipped_mappings())},
        )
    return read_mapping(Path(name))


def recognised_mapping(kind: Kind, columns: tuple[str, ...]) -> Options | None:
    """How a file is read that has every column of a shipped mapping; None when none fits."""
    for name in shipped_mappings():
        kept = read_mapping(SHIPPED / f"{name}.yaml")
        if kept.kind == kind.name and kept.named <= set(columns):
            return options_with(Options(), kept)
    return None


def options_with(options: Options, kept: KeptMapping) -> Options:
    """Options that say what the mapping says where nothing else was said."""
    return replace(
        options,
        map={**kept.map, **options.map},
        id_columns=options.id_columns or kept.id_columns,
        date_format=options.date_format or kept.date_format,
        time_zone=options.time_zone or kept.time_zone,
        escape=kept.escape,
    )


def read_mapping(path: Path) -> KeptMapping:
    """The keys `map` (ours: theirs), `kind`, `id`, `date_format`, `timezone`, `escape`; a file
    without `map` is the map itself. Raises InputRefused."""
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as wrong:
        raise _unreadable(path) from wrong
    if not isinstance(said, dict):
        raise _unreadable(path)
    pairs = said.get("map", {} if set(said) & (_KEYS - {"kind"}) else said)
    if not isinstance(pairs, dict):
        raise _unreadable(path)
    texts = {str(ours): str(theirs) for ours, theirs in pairs.items()}
    return KeptMapping(
        map={ours: parse_column(it, pair=f"{ours}={it}") for ours, it in texts.items()},
        ids=_text(said, "id") or "",
        date_format=_text(said, "date_format"),
        time_zone=_text(said, "timezone"),
        escape=(_text(said, "escape") or '"')[:1],
        kind=_text(said, "kind") or "",
    )


def _text(said: dict[str, object], name: str) -> str | None:
    return str(said[name]) if "map" in said and said.get(name) else None


def _unreadable(path: Path) -> InputRefused:
    return InputRefused(
        "The mapping file cannot be read. Write YAML such as: map: (external_id: account_id).",
        code="bad_mapping_file",
        file=path.name,
    )

"""The wizard's forms: a file to upload, and which of its columns is which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from perennial.connectors.fields import Field, Type
from perennial.connectors.files import Cell
from perennial.connectors.kinds import KINDS, Kind
from perennial.connectors.options import Options, RecordedRule
from perennial.units.errors import InputRefused
from perennial.units.mapping import Column, Constant, Source, parse_column

CONSTANT = "="


class UploadForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("What is in the file"), choices=[(kind.name, kind.label) for kind in KINDS]
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, XLSX, NDJSON or Parquet, packed with gzip or not, up to 512 MB."),
        max_length=300,
    )


@dataclass(frozen=True, slots=True)
class MappingRow:
    """One of our columns with what was chosen for it."""

    name: str
    label: object
    required: bool
    choices: str
    translatable: bool
    chosen: str
    text: str
    values: str


@dataclass(slots=True)
class MappingForm:
    """Reads and shows a mapping. `columns` are those of the file."""

    kind: Kind
    columns: tuple[str, ...]
    options: Options
    samples: list[list[Cell]] = field(default_factory=list)

    @property
    def rows(self) -> list[MappingRow]:
        return [self._row(it) for it in self.kind.fields]

    def _row(self, what: Field) -> MappingRow:
        column = self.options.map.get(what.name)
        translate = column.translate if isinstance(column, Source) else None
        return MappingRow(
            name=what.name,
            label=what.label,
            required=what.required,
            choices=", ".join(what.choices),
            translatable=bool(what.choices) or what.type in (Type.FLAG, Type.CURRENCY),
            chosen=CONSTANT
            if isinstance(column, Constant)
            else (column.name if isinstance(column, Source) else ""),
            text=column.text if isinstance(column, Constant) else "",
            values=", ".join(f"{theirs}:{ours}" for theirs, ours in (translate or {}).items()),
        )

    @property
    def sampled(self) -> list[tuple[str, str]]:
        """Each of the file's columns with its first values."""
        return [
            (name, " · ".join(_short(row[at]) for row in self.samples if at < len(row)))
            for at, name in enumerate(self.columns)
            if name
        ]


def _short(cell: Cell) -> str:
    text = "" if cell is None else str(cell)
    return text if len(text) <= 24 else f"{text[:23]}…"


def posted_options(kind: Kind, columns: tuple[str, ...], posted: Mapping[str, Any]) -> Options:
    """The options that a submitted mapping asks for. Raises InputRefused for a translation
    that cannot be read or a column that the file does not have."""
    chosen: dict[str, Column] = {}
    for what in kind.fields:
        column = _posted_column(what, columns, posted)
        if column is not None:
            chosen[what.name] = column
    ids = [it.strip() for it in str(posted.get("id_columns") or "").split("+") if it.strip()]
    recorded = str(posted.get("recorded") or "")
    return Options(
        map=chosen,
        exact=True,
        id_columns=tuple(ids),
        date_format=str(posted.get("date_format") or "").strip() or None,
        time_zone=str(posted.get("time_zone") or "").strip() or None,
        recorded=RecordedRule(recorded) if recorded in set(RecordedRule) else None,
        create_customers=bool(posted.get("create_customers")),
        custom=bool(posted.get("custom")),
    )


def _posted_column(
    what: Field, columns: tuple[str, ...], posted: Mapping[str, Any]
) -> Column | None:
    theirs = str(posted.get(f"from_{what.name}") or "")
    if theirs == CONSTANT:
        text = str(posted.get(f"text_{what.name}") or "").strip()
        return Constant(text) if text else None
    if not theirs:
        return None
    if theirs not in columns:
        raise InputRefused(
            "The file has no column “{name}”. It has: {columns}.",
            code="no_such_column",
            params={"name": theirs, "columns": ", ".join(filter(None, columns))},
        )
    values = str(posted.get(f"values_{what.name}") or "").strip()
    if not values:
        return Source(theirs)
    read = parse_column(f"x{{{values}}}", pair=f"{what.name}: {values}")
    return Source(theirs, read.translate if isinstance(read, Source) else None)

"""An import in the making: what the wizard knows between its steps, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perennial.connectors.models import Import, SavedMapping
from perennial.connectors.options import Options, RecordedRule
from perennial.units.mapping import Column, Constant, Source


def column_said(column: Column) -> dict[str, Any]:
    if isinstance(column, Constant):
        return {"text": column.text}
    return {"column": column.name, "values": dict(column.translate or {})}


def column_of(said: Mapping[str, Any]) -> Column:
    if "text" in said:
        return Constant(str(said["text"]))
    return Source(str(said["column"]), dict(said["values"]) or None)


def mapping_said(columns: Mapping[str, Column]) -> dict[str, Any]:
    return {ours: column_said(column) for ours, column in columns.items()}


def options_said(options: Options) -> dict[str, Any]:
    """What a draft and a saved mapping keep of the options."""
    return {
        "id_columns": list(options.id_columns),
        "date_format": options.date_format or "",
        "time_zone": options.time_zone or "",
        "escape": options.escape,
        "recorded": options.recorded.value if options.recorded else "",
        "skip_bad_rows": options.skip_bad_rows,
        "create_customers": options.create_customers,
        "custom": options.custom,
    }


def options_of(kept: Import | SavedMapping, *, title: str = "") -> Options:
    """The options as they were kept; the map is exactly the kept one."""
    said: Mapping[str, Any] = kept.options
    return Options(
        map={ours: column_of(it) for ours, it in kept.mapping.items()},
        exact=True,
        id_columns=tuple(said.get("id_columns") or ()),
        date_format=said.get("date_format") or None,
        time_zone=said.get("time_zone") or None,
        escape=said.get("escape") or '"',
        recorded=RecordedRule(said["recorded"]) if said.get("recorded") else None,
        skip_bad_rows=bool(said.get("skip_bad_rows")),
        create_customers=bool(said.get("create_customers")),
        custom=bool(said.get("custom")),
        title=title,
    )

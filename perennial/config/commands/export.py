"""`perennial export KIND|all --to DIR`: everything out, in files that import unchanged."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from django.utils.translation import gettext as _

from perennial.config import output

_KINDS = (
    "customers",
    "people",
    "orders",
    "pauses",
    "events",
    "daily",
    "tickets",
    "invoices",
    "surveys",
    "touches",
    "outcomes",
)


@click.command(
    "export",
    help=_(
        "Write DIR/KIND.FORMAT with the columns of the import, for one kind or all. "
        "The files can be imported again unchanged."
    ),
)
@click.argument("kind", type=click.Choice([*_KINDS, "all"]))
@click.option(
    "--to",
    "folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help=_("The folder to write to; made when it does not exist."),
)
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["csv", "parquet", "ndjson"]),
    default="csv",
    show_default=True,
    help=_("Format of the files."),
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help=_("Only what was recorded by the end of this day."),
)
def command(kind: str, folder: Path, file_format: str, as_of: datetime | None) -> None:
    from perennial.connectors.exporting import ExportFormat, export
    from perennial.connectors.kinds import KINDS

    wanted = [it for it in KINDS if kind in (it.name, "all")]
    with output.progress(_("Export")) as progress:
        done = export(
            wanted,
            to=folder,
            format=ExportFormat(file_format),
            as_of=as_of.date() if as_of else None,
            progress=progress,
        )
    output.table([_("File"), _("Rows")], [[str(it.path), it.rows] for it in done])
    output.document(
        {"files": [{"kind": it.kind, "file": str(it.path), "rows": it.rows} for it in done]}
    )

"""`perennial backup FILE`: everything at one point in time, while people work."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from django.utils.translation import gettext as _

from perennial.config import output


@click.command(
    short_help=_("Everything into one file"),
    help=_(
        "Write the database, the store and the inbox, at one point in time, to FILE "
        "(.tar.gz). May run while people work. Keep the file safe: it holds everything."
    ),
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help=_("Replace FILE if it exists."))
def command(file: Path, force: bool) -> None:
    from perennial.config.backup.write import write
    from perennial.units.errors import InputRefused

    if file.exists() and not force:
        raise InputRefused(
            "The file exists already. --force replaces it.", code="file_exists", file=str(file)
        )
    with output.progress(_("Backup")) as progress:
        manifest = write(file, at=datetime.now(UTC), progress=progress)
    size = file.stat().st_size
    output.say(
        _("{file}: {count} files, {megabytes:.1f} MB").format(
            file=file, count=manifest["files"], megabytes=size / 1e6
        )
    )
    output.document(
        {
            "file": file,
            "bytes": size,
            "files": manifest["files"],
            "made_at": manifest["made_at"],
        }
    )

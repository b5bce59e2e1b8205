"""`perennial restore FILE`: bring a home back from a backup."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from django.utils.translation import gettext as _

from perennial.config import output


@click.command(
    short_help=_("Bring a home back from a backup"),
    help=_(
        "Bring the home back from a backup FILE. The file is verified completely before "
        "anything is touched; nothing else may be using the home."
    ),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help=_("Replace what is in the home; it is moved aside."))
def command(file: Path, force: bool) -> None:
    from perennial.config import database
    from perennial.config.backup.restore import restore
    from perennial.web import formats

    with output.progress(_("Restore")) as progress:
        restored = restore(file, force=force, at=datetime.now(UTC), progress=progress)
    database.ready()
    made_at = formats.moment(datetime.fromisoformat(restored.made_at))
    output.say(_("Restored to the state of {moment}.").format(moment=made_at))
    if restored.replaced:
        output.say(_("What was there before is in {folder}.").format(folder=restored.replaced))
    output.document(restored)

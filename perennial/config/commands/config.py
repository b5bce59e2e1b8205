"""`perennial config`: what people defined, as text files that can be kept, compared, applied."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from django.utils.translation import gettext as _

from perennial.config import output
from perennial.units.errors import ExitCode

if TYPE_CHECKING:
    from perennial.config.definitions import Change

_PATH = click.Path(path_type=Path, exists=True)


@click.command(
    "export",
    short_help=_("Write definitions as text"),
    help=_("Write the definitions to a .yaml file, or one file per kind into a folder."),
)
@click.option("--to", "target", type=click.Path(path_type=Path), required=True,
              metavar=_("DIR|FILE"), help=_("Where to write."))  # fmt: skip
def export(target: Path) -> None:
    from perennial.config.definitions import KINDS, SUFFIX, export_text

    if target.suffix in (SUFFIX, ".yml"):
        written = {target: export_text()}
    else:
        target.mkdir(parents=True, exist_ok=True)
        written = {target / f"{kind.name}{SUFFIX}": export_text([kind]) for kind in KINDS}
    for path, text in written.items():
        path.write_text(text, encoding="utf-8")
        output.say(str(path))
    output.document({"files": [str(path) for path in written]})


@click.command(
    "diff",
    short_help=_("What applying would change"),
    help=_("Compare a file (or a folder of files) with what holds now; exit code 1 when they "
           "differ."),
)  # fmt: skip
@click.argument("path", type=_PATH, metavar="FILE")
def diff(path: Path) -> None:
    from perennial.config.definitions import changes, read_path

    found = changes(read_path(path))
    _show(found)
    if found:
        raise SystemExit(ExitCode.FINDINGS)


@click.command(
    "apply",
    short_help=_("Make definitions hold"),
    help=_("Make the definitions those of a file (or of a folder of files), all or nothing. A "
           "section that is not there is left alone."),
)  # fmt: skip
@click.argument("path", type=_PATH, metavar="FILE")
@click.option("--dry-run", is_flag=True, help=_("Check everything and write nothing."))
def apply(path: Path, dry_run: bool) -> None:
    from perennial.config import definitions

    sections = definitions.read_path(path)
    if dry_run:
        _show(definitions.changes(sections))
    else:
        _show(definitions.apply(sections, by=None, at=datetime.now(UTC)))


def _show(found: Sequence[Change]) -> None:
    for change in found:
        sign = "+" if change.before is None else "-" if change.after is None else "~"
        output.say(f"{sign} {change.kind} {change.name}".rstrip())
        if sign == "~":
            assert change.before is not None and change.after is not None
            for name in [*change.before, *(n for n in change.after if n not in change.before)]:
                old, new = change.before.get(name), change.after.get(name)
                if old != new:
                    output.say(f"    {name}: {_written(old)} → {_written(new)}")
    if not found:
        output.say(_("Nothing differs."))
    output.document({"changes": found})


def _written(value: object) -> str:
    return "–" if value is None else str(value)


command = click.Group(
    "config",
    short_help=_("Definitions as text files"),
    help=_("Own metrics, goals and features as text: export, compare, apply."),
    commands=[export, diff, apply],
)

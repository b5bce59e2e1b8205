"""`perennial sources rotate` and `revoke`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click
from django.utils.translation import gettext as _

from perennial.config import output
from perennial.config.commands.sources.shown import found
from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence


@click.command(help=_("Make a new key for a source; the old ones stop, now or later."))
@click.argument("name")
@click.option(
    "--old-for",
    type=click.FloatRange(0, 720),
    default=0,
    show_default=True,
    help=_("Hours for which the old keys go on."),
)
def rotate(name: str, old_for: float) -> None:
    from perennial.events.actions import rotate_key

    source = found(name)
    overlap = timedelta(hours=old_for)
    key = rotate_key(source, overlap=overlap, by=None, at=datetime.now(UTC))
    output.say(_("The new key of {name}, shown only now:").format(name=source.name))
    output.say(key)
    output.document({"id": source.pk, "name": source.name, "kind": source.kind, "key": key})


@click.command(help=_("Stop the keys of a source, or the one with these last characters."))
@click.argument("name")
@click.option("--key", "hint", default="", help=_("Last characters of the key; default: all."))
def revoke(name: str, hint: str) -> None:
    from perennial.events.actions import revoke_key
    from perennial.events.queries.sources import active_keys

    now = datetime.now(UTC)
    keys = [it for it in active_keys(found(name), at=now) if it.hint.endswith(hint)]
    if not keys:
        message = sentence("{name} has no such key that still works.")
        raise InputRefused(message, code="unknown_key", params={"name": name})
    for key in keys:
        revoke_key(key, by=None, at=now)
    hints = [key.hint for key in keys]
    shown = ", ".join(f"…{it}" for it in hints)
    said = _("Revoked: {keys}. Every process knows it within 5 seconds.")
    output.say(said.format(keys=shown))
    output.document({"name": name, "revoked": hints})

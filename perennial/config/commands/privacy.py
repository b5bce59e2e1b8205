"""`perennial privacy`: what the law lets people ask of us."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from django.utils.translation import gettext as _

from perennial.config import output

BACKUP_DAYS = 30


@click.group(short_help=_("Erase a person"), help=_("Erase a person everywhere."))
def command() -> None: ...


@command.command(
    help=_(
        "Erase a person everywhere in the home, under all ids that are known of them.\n\n"
        "Their ids in events, daily activity and history become a random pseudonym, so that "
        "counts and frozen figures stay. Later events of the ids are refused. Safe to repeat: "
        "an interrupted erasure goes on where it stopped. Older backups still know the person; "
        "the receipt says until when."
    )
)
@click.option("--person", required=True, metavar="ID", help=_("Their user id or anonymous id."))
@click.option(
    "--backup-days",
    type=click.IntRange(min=0),
    default=BACKUP_DAYS,
    show_default=True,
    help=_("How many days you keep backups; the receipt says when the last one expires."),
)
@click.option("--yes", is_flag=True, help=_("Do not ask. This cannot be undone."))
def erase(person: str, backup_days: int, yes: bool) -> None:
    from perennial.config import erasure

    if not yes:
        if output.is_json():
            raise click.UsageError(_("With --json, --yes is needed: nobody can be asked."))
        click.confirm(_("Erase this person for ever?"), abort=True)
    receipt = erasure.erase(person, backup_days=backup_days, by=None, at=datetime.now(UTC))
    output.say(_("Erased. From now on this person is {name}.").format(name=receipt.pseudonym))
    output.table(
        [_("Place"), _("Removed")], [[place, count] for place, count in receipt.removed.items()]
    )
    output.say(
        _("Backups that know the person expire on {day}.").format(day=receipt.backups_expire_on)
    )
    output.document(receipt.as_document())

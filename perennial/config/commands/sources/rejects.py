"""`perennial sources rejects`: what was refused and why; once more after the cause is mended."""

from __future__ import annotations

import csv
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
from django.utils.translation import gettext as _

from perennial.config import output
from perennial.config.commands.sources.shown import found
from perennial.web.download import neutral

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from perennial.events.models import Reject

COLUMNS = ("id", "source", "received_at", "reason", "message", "replayed_at", "whole", "body")
SHOWN = 100  # on a terminal; the document and the file have them all


@click.command(help=_("List what was refused, the newest first, or send it through once more."))
@click.option("--source", "name", default="", help=_("Of this source only."))
@click.option("--reason", default="", help=_("Of this reason only."))
@click.option("--replay", is_flag=True, help=_("Send them through intake once more."))
@click.option("--csv", "as_csv", is_flag=True, help=_("As CSV, with their bodies."))
def rejects(name: str, reason: str, replay: bool, as_csv: bool) -> None:
    from perennial.events.actions import replay_rejects
    from perennial.events.queries.rejects import rejects_of

    source = found(name) if name else None
    rows = rejects_of(source=source.pk if source else None, reason=reason)
    if replay:
        count = replay_rejects(rows, by=None, at=datetime.now(UTC))
        output.say(_("{count} are sent through intake once more.").format(count=count))
        output.document({"replayed": count})
        return
    if as_csv:
        _print_csv(rows)
    else:
        listed = rows if output.is_json() else rows[:SHOWN]
        shown = [_document(it) for it in listed.iterator()]
        titles = [_("Received"), _("Source"), _("Reason"), _("What is wrong")]
        output.table(
            titles, [[it["received_at"], it["source"], it["reason"], it["message"]] for it in shown]
        )
        output.document({"rejects": shown})


def _document(reject: Reject) -> dict[str, Any]:
    from perennial.events.wording import reason_sentence

    return {
        "id": reject.pk,
        "source": reject.source.name,
        "received_at": reject.received_at,
        "reason": reject.reason,
        "message": reason_sentence(reject.reason, reject.params),
        "replayed_at": reject.replayed_at,
        "whole": reject.whole,
        "body": reject.body,
    }


def _print_csv(rows: QuerySet[Reject]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(COLUMNS)
    for reject in rows.iterator():
        row = _document(reject)
        writer.writerow(neutral(row[name] for name in COLUMNS))

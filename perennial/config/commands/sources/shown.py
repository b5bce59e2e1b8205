"""`perennial sources list`, and a source as a document."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from perennial.config import output
from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence

if TYPE_CHECKING:
    from perennial.events.models import Source


@click.command("list", help=_("List the sources, the last characters of their keys, settings."))
def listed() -> None:
    from perennial.events.queries.sources import all_sources

    rows = documents(list(all_sources()))
    titles = [
        pgettext("source", "Name"),
        pgettext("source", "Kind"),
        _("Keys in use"),
        _("Last arrival"),
        pgettext("source", "Retired"),
    ]
    output.table(titles, [_cells(row) for row in rows])
    output.document({"sources": rows})


def _cells(row: dict[str, Any]) -> list[object]:
    keys = " ".join(f"…{key['hint']}" for key in row["keys"] if key["active"])
    last_at, retired_at = row["last_arrival_at"], row["retired_at"]
    return [row["name"], row["kind"], keys or None, last_at, retired_at]


def described(source: Source) -> dict[str, Any]:
    """One source with its keys' hints; never a key."""
    return documents([source])[0]


def documents(sources: Sequence[Source]) -> list[dict[str, Any]]:
    from perennial.events.queries.sources import keys_of, last_arrivals

    keys, last_at = keys_of(sources, at=datetime.now(UTC)), last_arrivals()
    return [
        {
            "id": it.pk,
            "name": it.name,
            "kind": it.kind,
            "keys": [
                {
                    "hint": key.hint,
                    "created_at": key.created_at,
                    "until_at": key.until_at,
                    "active": key.is_active,
                }
                for key in keys[it.pk]
            ],
            "event_bytes": it.event_bytes,
            "batch_bytes": it.batch_bytes,
            "requests_per_minute": it.requests_per_minute,
            "origins": it.origins,
            "group_type": it.group_type,
            "product": it.product,
            "silent_after_hours": it.silent_after_hours,
            "created_at": it.created_at,
            "retired_at": it.retired_at,
            "last_arrival_at": last_at.get(it.pk),
        }
        for it in sources
    ]


def found(name: str) -> Source:
    """The source of this name; raises InputRefused when there is none."""
    from perennial.events.queries.sources import source_named

    source = source_named(name)
    if source is None:
        message = sentence("There is no source named {name}.")
        raise InputRefused(message, code="unknown_source", params={"name": name})
    return source

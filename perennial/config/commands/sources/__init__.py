"""`perennial sources`: where events come from, the keys with which they may come, and what was
refused."""

from __future__ import annotations

import click
from django.utils.translation import gettext as _

from perennial.config.commands.sources import keys, rejects, settings, shown

command = click.Group(
    "sources",
    short_help=_("Sources of events and their write keys"),
    help=_("Add sources of events, list them, rotate or revoke their keys, see what was refused."),
    commands=[
        settings.add,
        settings.change,
        settings.retire,
        shown.listed,
        keys.rotate,
        keys.revoke,
        rejects.rejects,
    ],
)

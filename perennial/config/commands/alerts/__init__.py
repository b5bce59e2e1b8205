"""`perennial alerts`: what the detector of drops would have said."""

from __future__ import annotations

import click
from django.utils.translation import gettext as _

from perennial.config.commands.alerts import replay

command = click.Group(
    "alerts",
    short_help=_("Alerts: replay the past"),
    help=_("Alerts about drops in usage.\n\nperennial alerts replay --from 2026-01 --to 2026-06"),
    commands=[replay.command],
)

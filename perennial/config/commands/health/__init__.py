"""`perennial health`: whether the scores told what happened."""

from __future__ import annotations

import click
from django.utils.translation import gettext as _

from perennial.config.commands.health import backtest

command = click.Group(
    "health",
    short_help=_("Health scores: hold them against what happened"),
    help=_(
        "Health scores, held against what became of customers.\n\n"
        "perennial health backtest --outcomes renewals --from 2025 --to 2025"
    ),
    commands=[backtest.command],
)

"""`perennial metrics`: the catalogue, its figures, and filling daily activity again."""

from __future__ import annotations

import click
from django.utils.translation import gettext as _

from perennial.config.commands.metrics import listing, query, refill

command = click.Group(
    "metrics",
    short_help=_("Usage metrics: the catalogue and its figures"),
    help=_(
        "Usage metrics per customer, person or product.\n\n"
        "perennial metrics query active_people --grain month --by customer --from 2026-01 "
        "--to 2026-06"
    ),
    commands=[it.command for it in (listing, query, refill)],
)

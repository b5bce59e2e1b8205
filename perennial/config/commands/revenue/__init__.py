"""`perennial revenue`: the money rules on plain files, or on the ledger of the home.

With `--orders`, `--data` or `whatif` no home is read, and none is made.
"""

from __future__ import annotations

import click
from django.utils.translation import gettext as _

from perennial.config.commands.revenue import (
    cohorts,
    economics,
    movements,
    renewals,
    retention,
    survival,
    whatif,
)

command = click.Group(
    "revenue",
    short_help=_("Movements, retention, renewal rates and more"),
    help=_(
        "Recurring revenue of an orders file (--orders), without a home or a server; without a "
        "file, of the home's ledger.\n\n"
        "perennial revenue movements --orders orders.xlsx --from 2025-01 --to 2025-12"
    ),
    commands=[
        it.command for it in (movements, retention, renewals, cohorts, survival, economics, whatif)
    ],
)

"""`perennial risk`: how likely each renewal is to be lost, and how good that was so far.

`train --file` reads no home, and makes none.
"""

from __future__ import annotations

import click
from django.utils.translation import gettext as _

from perennial.config.commands.risk import card, score, train

command = click.Group(
    "risk",
    short_help=_("Renewal-risk model: train, score, card"),
    help=_(
        "The probability that a renewal is lost: learned from renewals that were decided, tried "
        "out on ones that the model had not seen.\n\n"
        "perennial risk train --file renewals.csv --label churned --label-true yes"
    ),
    commands=[it.command for it in (train, score, card)],
)

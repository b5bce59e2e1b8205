"""`perennial risk score`: the probability of every open renewal, as last said."""

from __future__ import annotations

from typing import Any

import click
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from perennial.config.periods import PERIOD
from perennial.units.period import Period

SHOWN = 50


@click.command(
    "score",
    short_help=_("How likely each open renewal is to be lost"),
    help=_(
        "What was last said of every renewal of the coming half year, riskiest first. The day "
        "says it; with --as-of, as it was said by then."
    ),
)
@click.option("--as-of", "as_of", type=PERIOD, metavar=_("DAY"),
              help=_("As it was said by the end of this day."))  # fmt: skip
def command(as_of: Period | None) -> None:
    from perennial.config import database, output
    from perennial.config.periods import today
    from perennial.health.risk.queries import current, scored

    database.ready()
    day = as_of.last_on if as_of else today()
    rows = scored(as_of=day)
    output.document({"as_of": day, "scores": rows})
    if output.is_json():
        return
    if not rows:
        output.say(
            _("Nothing was said yet: the day says it (perennial run).")
            if current()
            else _("There is no model yet: perennial risk train.")
        )
        return
    _show(rows)


def _show(rows: list[dict[str, Any]]) -> None:
    """Riskiest first, with what speaks for it most."""
    from perennial.config import output
    from perennial.config.output import Number
    from perennial.health.risk.wording import feature_text, model_text
    from perennial.web.formats import percent

    due = pgettext("renewal", "Due")
    columns = [_("Customer"), due, _("Loss"), _("Source"), _("Said on"), _("Because of")]
    shown = [
        (
            row["customer"],
            row["due_on"],
            Number(percent(row["loss_probability"])),
            model_text(row["model"]),
            row["said_on"],
            ", ".join(feature_text(it["feature"]) for it in row["reasons"][:3]),
        )
        for row in rows[:SHOWN]
    ]
    output.table(columns, shown, is_wide=True)
    if len(rows) > SHOWN:
        output.say(_("… and {count} more.").format(count=f"{len(rows) - SHOWN:,}"))

"""`perennial risk card`: the model in force, how good it is, and what it said before."""

from __future__ import annotations

from typing import Any

import click
from django.utils.translation import gettext as _


@click.command(
    "card",
    short_help=_("The model card: data, quality, what was said"),
    help=_("The model in force with its figures, and how what it said turned out."),
)
def command() -> None:
    from perennial.config import database, output
    from perennial.config.commands.risk.shown import show
    from perennial.config.periods import today
    from perennial.health.risk.document import figures
    from perennial.health.risk.queries import current, models, said_against_happened
    from perennial.health.risk.wording import model_text

    database.ready()
    model = current()
    horizons = said_against_happened(known_on=today())
    history = [
        {"kind": it.kind, "trained_on": it.trained_on, "n": it.renewals, "losses": it.losses}
        for it in models()
    ]
    said = [
        {"days": it.days, **figures(it.quality), "reason": it.quality.reason or None}
        for it in horizons
    ]
    if output.is_json():
        card = None if model is None else {**model.card, "trained_on": model.trained_on}
        output.document({"model": card, "said": said, "history": history})
        return
    if model is None:
        output.say(_("There is no model yet: perennial risk train."))
        return
    output.say(_("Trained on {day}").format(day=model.trained_on) + " · " + model_text(model.kind))
    show(model.card)
    if said:
        _show_said(said)


def _show_said(said: list[dict[str, Any]]) -> None:
    """How what was said before turned out, by horizon."""
    from perennial.config import output

    output.say("")
    columns = [_("Said before"), _("Renewals"), _("Lost"), "AUC", "Brier"]
    rows = [
        (
            _("{days} days").format(days=it["days"]),
            it["n"],
            it["losses"],
            *(None if it[name] is None else f"{it[name]:.3f}" for name in ("auc", "brier")),
        )
        for it in said
    ]
    output.table(columns, rows)

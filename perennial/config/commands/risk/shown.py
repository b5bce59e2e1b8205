"""A trial or a model card for people: figures, then what the model goes by, then warnings."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from perennial.config import output
from perennial.config.output import Number
from perennial.health.risk.wording import (
    direction_text,
    feature_text,
    model_text,
    reason_text,
    validation_text,
    warning_text,
)

FEATURES = 12


def show(card: dict[str, Any]) -> None:
    """One JSON document, or tables."""
    if output.is_json():
        output.document(card)
        return
    output.say(
        _("{model}, {validation}: {n} unseen renewals, {losses} lost").format(
            model=model_text(card["model"]),
            validation=validation_text(card),
            n=f"{card['n']:,}",
            losses=f"{card['losses']:,}",
        )
    )
    if card["reason"]:
        output.say(reason_text(card["reason"]))
    else:
        output.table([_("Figure"), _("Value"), _("Read as")], figures(card))
    if card["features"]:
        output.say("")
        output.table(
            [_("Fact"), _("Strength"), _("A higher value")],
            [
                (feature_text(it["feature"]), Number(f"{it['strength']:.2f}"), direction_text(it))
                for it in card["features"][:FEATURES]
            ],
        )
    for warning in card["warnings"]:
        output.notice(warning_text(warning))
    if card.get("left_out"):
        names = ", ".join(f"{name} ({reason_text(why)})" for name, why in card["left_out"].items())
        output.say(_("Left out: {names}").format(names=names))


def figures(card: dict[str, Any]) -> list[tuple[str, Number, str]]:
    interval = f"{card['auc_low']:.3f}–{card['auc_high']:.3f}"
    rows = [
        ("AUC", f"{card['auc']:.3f}", _("95 % interval {interval}; 0.5 is a coin")
         .format(interval=interval)),
        ("Brier", f"{card['brier']:.4f}", _("0 is perfect")),
        (_("Brier skill"), f"{card['brier_skill']:.3f}", _("0 is no better than the base rate")),
        ("ECE", f"{card['ece']:.3f}", _("chance alone stays below {limit}")
         .format(limit=f"{card['ece_limit']:.3f}")),
        (_("Lift"), f"{card['lift10']:.2f}", _("losses in the riskiest tenth, against all")),
    ]  # fmt: skip
    if card["amount_bias"] is not None:
        rows.append(
            (_("Amount bias"), f"{card['amount_bias']:+.1%}", _("expected against renewed money"))
        )
    return [(name, Number(value), text) for name, value, text in rows]

"""A backtest for people: a line per horizon, the colours, each measure alone, and the caveats."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from perennial.config import output
from perennial.config.output import Number
from perennial.health.backtest.document import document
from perennial.health.backtest.run import Backtest
from perennial.health.backtest.wording import measure_title, profile_titles, warnings
from perennial.health.models import Band
from perennial.web.formats import number, percent


def show(found: Backtest) -> None:
    """One JSON document, or tables with their sentences."""
    told = document(found)
    if output.is_json():
        output.document(told)
        return
    settings = told["settings"]
    text = _("Outcomes: {outcomes}, {first} to {last}. Profiles: {profiles}.")
    output.say(
        text.format(
            outcomes=settings["outcomes"],
            first=settings["from"] or "–",
            last=settings["to"] or "–",
            profiles=", ".join(profile_titles(found.profiles)),
        )
    )
    output.say("")
    output.table(_headings(), [_row(it) for it in told["horizons"]], is_wide=True)
    for horizon in told["horizons"]:
        if horizon["reason"]:
            output.say(f"{_days(horizon)}: {horizon['reason']}")
    for horizon in told["horizons"]:
        _detail(horizon)
    for warning in warnings(found):
        output.notice(warning)


def _headings() -> Sequence[str]:
    return [
        _("Days before"), _("Cases"), _("Lost"), _("With a colour"), "AUC", _("95 % interval"),
        _("Precision"), _("Recall"), _("Lift"), _("Lead time (days)"), _("Amount caught"),
    ]  # fmt: skip


def _row(it: dict[str, Any]) -> list[object]:
    ends = None
    if it["auc_low"] is not None:
        ends = Number(f"{it['auc_low']:.3f}–{it['auc_high']:.3f}")
    amount = it["amount_caught"]
    return [
        it["days"],
        it["n"],
        it["losses"],
        it["judged"],
        _number(it["auc"], 3),
        ends,
        _percent(it["precision"]),
        _percent(it["recall"]),
        _number(it["lift"], 2),
        _number(it["lead_time_days"], 0),
        None if amount is None else Number(number(Fraction(amount), decimals=2)),
    ]


def _detail(it: dict[str, Any]) -> None:
    """The colours and the measures of one horizon, where there are figures."""
    if not it["measures"]:
        return
    output.say("")
    output.say(_days(it))
    titles = dict(Band.choices)
    output.table(
        [_("Colour"), _("Cases"), _("Lost"), _("Loss rate")],
        [
            (str(titles[row["band"]]), row["n"], row["losses"], _percent(row["loss_rate"]))
            for row in it["bands"]
        ],
    )
    output.say("")
    output.table(
        [_("Measure"), _("Cases"), _("Below 50 points"), _("Own lift"), _("Own AUC")],
        [
            (measure_title(row["measure"]), row["n"], row["flagged"], _number(row["lift"], 2),
             _number(row["auc"], 3))
            for row in it["measures"]
        ],
    )  # fmt: skip
    sentiment = it["sentiment"]
    if sentiment["auc"] is not None:
        text = _("CSM sentiment on {n} cases: AUC {auc}; the score on the same: {score}.")
        output.say(
            text.format(
                n=sentiment["n"],
                auc=f"{sentiment['auc']:.3f}",
                score=f"{sentiment['score_auc']:.3f}",
            )
        )


def _days(it: dict[str, Any]) -> str:
    if not it["days"]:
        return _("On the day")
    return _("{days} days before").format(days=it["days"])


def _percent(rate: float | None) -> Number | None:
    return None if rate is None else Number(percent(rate))


def _number(value: float | None, decimals: int) -> Number | None:
    return None if value is None else Number(number(value, decimals=decimals))

"""The plain sentences of a backtest, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perennial.health.backtest.rules.horizon import Horizon
from perennial.health.backtest.rules.verdict import ENOUGH_CASES, ENOUGH_LOSSES, Verdict
from perennial.health.backtest.run import Backtest, Kind
from perennial.health.queries.sources import TITLES
from perennial.health.rules.definition import Profile
from perennial.web.formats import named

LEAKAGE: Final = 0.9  # metric specification D3: above, look for what was known too early
FEW_CUSTOMERS: Final = 30
GREY_RATE: Final = 0.3

NO_CASES: dict[Kind, Promise] = {
    Kind.RENEWALS: _("No renewal fell due in this time and is decided: there is nothing to judge."),
    Kind.SILENT: _(
        "No customer was in use on the first of a month of this time and watched for long enough "
        "after it: there is nothing to judge."
    ),
    Kind.IMPORTED: _("No imported outcome lies in this time: there is nothing to judge."),
}
TOO_FEW: dict[Kind, Promise] = {
    Kind.RENEWALS: _(
        "Too few renewals to say anything: %(n)s fell due and are decided, %(losses)s of them "
        "lost. At least %(enough)s renewals and %(enough_losses)s losses are needed."
    ),
    Kind.SILENT: _(
        "Too few cases to say anything: %(n)s, %(losses)s of them lost. At least %(enough)s cases "
        "and %(enough_losses)s losses are needed."
    ),
    Kind.IMPORTED: _(
        "Too few outcomes to say anything: %(n)s, %(losses)s of them lost. At least %(enough)s "
        "outcomes and %(enough_losses)s losses are needed."
    ),
}
ALL_LOST: dict[Kind, Promise] = {
    Kind.RENEWALS: _(
        "Too few renewals that were won: of %(n)s that fell due, all were lost. There is nothing "
        "to compare the lost ones with."
    ),
    Kind.SILENT: _(
        "Too few customers that stayed: all %(n)s cases were lost. There is nothing to compare "
        "the lost ones with."
    ),
    Kind.IMPORTED: _(
        "Too few customers that stayed: all %(n)s outcomes are losses. There is nothing to "
        "compare the lost ones with."
    ),
}
SAID: dict[Verdict, Promise] = {
    Verdict.NOBODY_MATCHES: _("The profile matches none of %(all)s cases: nothing to judge."),
    Verdict.FEW_JUDGED: _(
        "Too few scores to say anything: only %(judged)s of %(n)s cases had enough data for a "
        "colour on their day, or nearly all of those ended alike."
    ),
    Verdict.PREDICTS_NOTHING: _(
        "The score predicts nothing here: the interval of its AUC, %(low)s to %(high)s, covers "
        "0.5, which is chance."
    ),
    Verdict.WRONG_WAY: _(
        "The score points the wrong way: the interval of its AUC, %(low)s to %(high)s, lies below "
        "0.5. Customers that were lost had the higher scores."
    ),
}
ONLY_LOSSES: Final = _(
    "Only losses are known: each is ranked against customers of the same day that were not lost. "
    "Precision and lift need outcomes of both kinds."
)
KNEW: Final = _("An AUC above 0.9 is rare: look for a measure that knew the outcome.")
EASY: Final = _(
    "An AUC above 0.9: most of the lost had stopped some weeks before their case already. A longer "
    "silence asks for more foresight."
)
AMOUNT_UNKNOWN: Final = _("An amount is unknown, so the sum is not given.")


def reason(found: Horizon, kind: Kind) -> str:
    """Why there is no figure, or what must be read beside it; '' when nothing needs saying."""
    said = _said(found, kind)
    if found.controls and found.n == found.losses and found.has_figures:
        return f"{said} {ONLY_LOSSES}".strip()
    return said


def _said(found: Horizon, kind: Kind) -> str:
    words = {
        "n": found.n,
        "losses": found.losses,
        "judged": found.judged,
        "all": found.n + found.unmatched,
        "enough": ENOUGH_CASES,
        "enough_losses": ENOUGH_LOSSES,
        "low": "" if found.low is None else f"{found.low:.3f}",
        "high": "" if found.high is None else f"{found.high:.3f}",
    }
    match found.verdict:
        case Verdict.PREDICTS:
            return ""
        case Verdict.NO_CASES:
            return str(NO_CASES[kind])
        case Verdict.FEW_CASES | Verdict.FEW_LOSSES:
            return str(TOO_FEW[kind]) % words
        case Verdict.ALL_LOST:
            return str(ALL_LOST[kind]) % words
    return str(SAID[found.verdict]) % words


def warnings(found: Backtest) -> list[str]:
    """What a reader has to know before believing the figures; of the whole report."""
    shown = [it for it in found.horizons if it.has_figures]
    said: list[str] = []
    if found.assumed_rate > 0:
        text = _("%(rate)s of the facts read do not say when they were recorded: their own date "
                 "is taken for it, so some may have been entered later.")  # fmt: skip
        said.append(str(text) % {"rate": _percent(found.assumed_rate)})
    if shown and (fewest := min(it.customers for it in shown)) < FEW_CUSTOMERS:
        text = _("The cases come from only %(count)s customers: the figures hang on few of them.")
        said.append(str(text) % {"count": fewest})
    if any(it.n and 1 - it.judged / it.n > GREY_RATE for it in shown):
        rate = max(1 - it.judged / it.n for it in shown)
        text = _("Up to %(rate)s of the cases were grey: the score says nothing about them.")
        said.append(str(text) % {"rate": _percent(rate)})
    if any((it.auc or 0) > LEAKAGE for it in shown):
        said.append(str(EASY if found.question.kind is Kind.SILENT else KNEW))
    return said


def _percent(rate: float) -> str:
    return f"{rate:.0%}"


def measure_title(measure: str) -> str:
    """A measure by its name, one's own by its id."""
    return str(TITLES.get(measure, measure))


def profile_titles(profiles: Sequence[Profile]) -> list[str]:
    """Profiles in the reader's language; a draft is told."""
    return [
        title if it.version else str(_("%(profile)s (draft)")) % {"profile": title}
        for it in profiles
        for title in [named(it.title_zh, it.title_en)]
    ]

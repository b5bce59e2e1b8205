"""A backtest as the page shows it: rows of words and figures, without arithmetic in templates."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from perennial.health.backtest.pictures import intervals
from perennial.health.backtest.rules.confusion import BandRow
from perennial.health.backtest.rules.horizon import Horizon, MeasureRow
from perennial.health.backtest.run import Backtest, Kind
from perennial.health.backtest.wording import measure_title, profile_titles, reason, warnings
from perennial.health.models import Band
from perennial.units.money import ratio


def shown(found: Backtest, *, days: int | None, with_amounts: bool) -> dict[str, Any]:
    """What `health/_backtest_result.html` needs; `days`: the horizon that is opened."""
    kind = found.question.kind
    with_amounts = with_amounts and kind is Kind.RENEWALS
    rows = [(days_text(it.days), it) for it in found.horizons]
    opened = _opened(found.horizons, days)
    return {
        "found": found,
        "profiles": profile_titles(found.profiles),
        "picture": intervals(rows) if any(it.auc is not None for _label, it in rows) else "",
        "horizons": [_row(label, it, kind) for label, it in rows],
        "opened": _detail(opened, with_amounts=with_amounts) if opened else None,
        "with_amounts": with_amounts,
        "warnings": warnings(found),
        "assumed_rate": found.assumed_rate,
        "cases": int((~found.outcomes.control).sum()),
        "left_out": found.outcomes.left_out,
    }


def days_text(days: int) -> str:
    return _("%(days)s days before") % {"days": days} if days else _("On the day")


def _opened(horizons: Sequence[Horizon], days: int | None) -> Horizon | None:
    """The one that was asked for, else the one 90 days before, else the first."""
    by_days = {it.days: it for it in horizons}
    first = horizons[0] if horizons else None
    return by_days.get(days if days is not None else 90, first)


def _row(label: str, it: Horizon, kind: Kind) -> dict[str, Any]:
    return {
        "label": label,
        "it": it,
        "reason": reason(it, kind),
        "precision": it.table.precision if it.has_base else None,
        "recall": it.table.recall if it.has_figures else None,
        "lift": it.table.lift if it.has_base else None,
        "caught": it.table.amount_caught if it.has_figures else None,
    }


def _detail(it: Horizon, *, with_amounts: bool) -> dict[str, Any]:
    titles = dict(Band.choices)
    whole = max((row.n for row in it.table.rows), default=0)
    top = max([row.lift for row in it.measures if row.lift], default=None)
    return {
        "it": it,
        "label": days_text(it.days),
        "kept": it.n - it.losses,
        "base_rate": it.table.base_rate if it.has_base else None,
        "bands": [
            _band(row, str(titles[row.band]), it, whole, with_amounts=with_amounts)
            for row in it.table.rows
        ],
        "measures": [_measure(row, top) for row in it.measures] if it.has_figures else [],
    }


def _band(
    row: BandRow, title: str, it: Horizon, whole: int, *, with_amounts: bool
) -> dict[str, Any]:
    return {
        "band": row.band.value,
        "title": title,
        "n": row.n,
        "losses": row.losses,
        "kept": row.n - row.losses,
        "rate": row.loss_rate if it.has_base else None,
        "share": ratio(Fraction(row.n), Fraction(whole)),
        "amount_lost": row.amount_lost if with_amounts else None,
    }


def _measure(row: MeasureRow, top: Fraction | None) -> dict[str, Any]:
    return {
        "title": measure_title(row.measure),
        "row": row,
        "lift_share": None if row.lift is None or not top else float(row.lift / top),
        "warns": row.lift is not None and row.lift > 1,
    }

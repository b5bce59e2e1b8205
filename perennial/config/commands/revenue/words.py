"""The lines under a table: which definitions hold, and why a figure is missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from perennial.config.commands.revenue.headings import HEADINGS
from perennial.revenue.documents import Basis
from perennial.revenue.wording import figures as wording
from perennial.revenue.wording import renewals as renewal_wording
from perennial.revenue.wording.questions import question, told, written

REASONS: dict[str, str | Promise] = {
    **renewal_wording.REASONS,
    **wording.ECONOMIC_REASONS,
    "not_over": gettext_lazy("The period is not over."),
    "no_cost": gettext_lazy("The cost of sales and marketing is not known (--sm-cost)."),
    "no_margin": gettext_lazy("The gross margin is not known (--gross-margin)."),
    "one_scenario": gettext_lazy("Two renewal rates are needed to compare."),
    "no_limit": gettext_lazy("The second scenario outgrows new sales; the ratio has no limit."),
    "no_revenue": gettext_lazy("The first scenario has no revenue to divide by."),
}


def notes(
    basis: Basis, *, names: Collection[str], figures: Iterable[Mapping[str, Any]] = ()
) -> list[str]:
    """The window, the definitions that matter to the report (`names`) or are not ours, and why
    figures are missing in the objects of the document."""
    reasons = [it.get("reasons", {}) for it in figures]
    return [window_line(basis), definitions_line(basis, names), *reason_lines(*reasons)]


def window_line(basis: Basis) -> str:
    dates: dict[str, date] = {
        "from_on": basis.from_on,
        "to_on": basis.to_on,
        "known_on": basis.known_on,
    }
    return _("{from_on} to {to_on}, as known on {known_on}.").format(**dates)


def definitions_line(basis: Basis, names: Collection[str]) -> str:
    """口径 in words."""
    parts = [_("currency {currency}").format(currency=basis.definitions.currency)]
    for name, value in basis.definitions.as_dict().items():
        asked = question(name)
        text = written(value)
        if asked and (name in names or text != asked.default):
            pair = _("{name}: {value}")
            parts.append(pair.format(name=asked.title, value=told(asked, text)))
    return _("Definitions: {definitions}.").format(definitions=_("; ").join(parts))


def called(name: str) -> str:
    """A figure as its heading calls it; empty for one that no table shows."""
    return f"LTV {name[4:].upper()}" if name.startswith("ltv.") else str(HEADINGS.get(name, ""))


def reason_lines(*reasons: Mapping[str, str]) -> list[str]:
    """Why figures are missing, one line per reason."""
    by_code: dict[str, dict[str, None]] = {}
    for found in reasons:
        for name, code in found.items():
            if called(name):
                by_code.setdefault(code, {})[called(name)] = None
    pair = _("{name}: {value}")
    return [
        "– = " + pair.format(name=_(", ").join(names), value=REASONS.get(code, code))
        for code, names in by_code.items()
    ]

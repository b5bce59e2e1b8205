"""Risk in words: models, facts, directions, warnings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from perennial.health.inputs.sources import SOURCES
from perennial.health.models import RiskModel
from perennial.web.formats import number, percent

FACTS: dict[str, Promise | str] = {
    **{name: it.title for name, it in SOURCES.items()},
    "arr": gettext_lazy("Yearly amount"),
    "age_days": gettext_lazy("Days as a customer"),
    "seats": gettext_lazy("Seats bought"),
    "cycle": gettext_lazy("Which renewal it is"),
    "term_months": gettext_lazy("Months of the term"),
    "auto_renew": gettext_lazy("Renews by itself"),
    "tier": gettext_lazy("Tier"),
    "fit": gettext_lazy("Fit"),
    "industry": gettext_lazy("Industry"),
    "size": gettext_lazy("Size"),
    "region": gettext_lazy("Region"),
}
WITH_UNIT = {"active_days", "last_seen", "key_contact", "any_touch", "overdue", "open_tickets"}
DIRECTIONS: dict[str, Promise] = {
    "raises": pgettext_lazy("risk", "raises the risk"),
    "lowers": pgettext_lazy("risk", "lowers the risk"),
    "varies": pgettext_lazy("risk", "depends on the value"),
}
WARNINGS: dict[str, Promise] = {
    "too_good": gettext_lazy(
        "AUC %(auc)s is too good to be true: look for a fact that was written down because of the "
        "outcome."
    ),
    "separates": gettext_lazy(
        "“%(feature)s” alone nearly tells who was lost (AUC %(auc)s): was it written down because "
        "of the outcome?"
    ),
}


def model_text(kind: str) -> str:
    return str(RiskModel.Kind(kind).label)


def validation_text(card: Mapping[str, Any]) -> str:
    if card["validation"] == "rolling_origin":
        return _("tried on later renewals, in %(folds)s steps") % {"folds": card["folds"]}
    return _("tried on other customers, in %(folds)s parts") % {"folds": card["folds"]}


def reason_text(text: str) -> str:
    """A sentence of the rules in the person's language."""
    return _(text)


def feature_text(name: str) -> str:
    return str(FACTS.get(name, name))


def direction_text(influence: Mapping[str, Any]) -> str:
    return str(DIRECTIONS[influence["direction"]])


def warning_text(warning: Mapping[str, Any]) -> str:
    return str(WARNINGS[warning["code"]]) % {
        "auc": f"{warning['auc']:.2f}",
        "feature": feature_text(warning["feature"] or ""),
    }


def value_text(name: str, value: float | str | None) -> str:
    """A fact's value as people read it."""
    if value is None:
        return _("not known")
    if isinstance(value, str):
        return value
    if name == "auto_renew":
        return _("yes") if value else _("no")
    source = SOURCES.get(name)
    if source and source.in_percent:
        return percent(value)
    figure = number(value, decimals=0 if float(value).is_integer() or abs(value) >= 100 else 1)
    # "79 days ago" needs its unit; "0 to 10" is a range and says nothing behind a value.
    return f"{figure} {source.unit}" if source and name in WITH_UNIT else figure

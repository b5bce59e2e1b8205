"""Health in words. Rules give an id and numbers; the sentences stand here, to be translated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from perennial.health.rules import Part, State
from perennial.web.formats import UNKNOWN, number, percent

GROUPS: dict[str, Promise] = {
    "depth": gettext_lazy("Depth of use"),
    "breadth": gettext_lazy("Breadth of use"),
    "people": gettext_lazy("People using it"),
    "outcome": gettext_lazy("Results"),
    "relationship": gettext_lazy("Relationship"),
    "support": gettext_lazy("Support"),
    "voice": gettext_lazy("Voice"),
    "payment": gettext_lazy("Payment"),
    "profile": gettext_lazy("Other weights"),
    "missing": gettext_lazy("Data that came or went"),
    "other": gettext_lazy("Earlier measures"),
}
PROFILES: dict[str, Promise] = {
    "onboarding": gettext_lazy("Onboarding (first 30 days)"),
    "steady": gettext_lazy("Steady"),
    "pre_renewal": gettext_lazy("Pre-renewal (90 days)"),
}
MEASURES: dict[str, Promise] = {
    "active_days": gettext_lazy("Active days"),
    "volume_trend": gettext_lazy("Usage against own past"),
    "last_seen": gettext_lazy("Last seen"),
    "breadth": gettext_lazy("Features in use"),
    "seat_use": gettext_lazy("Seats in use"),
    "people_trend": gettext_lazy("Active people against before"),
    "goals_met": gettext_lazy("Goals met"),
    "key_contact": gettext_lazy("Contact with grade S people"),
    "any_touch": gettext_lazy("Contact"),
    "support_load": gettext_lazy("Open tickets"),
    "nps": gettext_lazy("NPS"),
    "overdue": gettext_lazy("Overdue invoices"),
}
REASONS: dict[str, Promise] = {
    "active_days": gettext_lazy("used on %(days)s of the last 28 days"),
    "volume_trend": gettext_lazy("%(count)s uses in 28 days; %(usual)s per 28 days before"),
    "last_seen": gettext_lazy("last used %(days)s days ago"),
    "breadth": gettext_lazy("%(count)s of %(features)s features used in 28 days"),
    "seat_use": gettext_lazy("%(people)s active people for %(seats)s seats"),
    "people_trend": gettext_lazy("%(people)s active people in 28 days; %(before)s before"),
    "goals_met": gettext_lazy("%(count)s goals met"),
    "key_contact": gettext_lazy("grade S contact not reached for %(days)s days"),
    "any_touch": gettext_lazy("last contact %(days)s days ago"),
    "support_load": gettext_lazy("%(open)s tickets open, %(opened)s opened in 28 days"),
    "nps": gettext_lazy("NPS score %(score)s on average (answers: %(answers)s)"),
    "overdue": gettext_lazy("invoice overdue by %(days)s days"),
}


def filled(text: str, params: Mapping[str, Any]) -> str:
    """Put numbers into a sentence, written by locale; names ending in `_rate` are percentages."""
    return text % {
        name: percent(value)
        if name.endswith("_rate")
        else number(value, decimals=0 if float(value).is_integer() else 1)
        if isinstance(value, int | float)
        else UNKNOWN
        if value is None
        else value
        for name, value in params.items()
    }


def reason(part: Part) -> str:
    """Why a measure has its points, or why it has none."""
    match part.state:
        case State.NOT_CONNECTED:
            return _("not connected")
        case State.MISSING:
            return _("no value for this customer")
        case State.STALE:
            return _("too old to count")
        case State.PRESENT:
            pass
    if part.measure == "overdue" and part.value == 0:
        return _("no invoice overdue")
    if part.measure == "last_seen" and part.value is not None and part.value <= 1:
        return _("used in the last two days")
    text = REASONS.get(part.measure)
    return filled(str(text), part.params) if text else ""

"""The scorecard on the customer page: groups, weights, change, reasons, coverage."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext_lazy as _

from perennial.customers.models import Customer
from perennial.health.queries import Group, scorecard
from perennial.health.rules import Part, shown_points
from perennial.health.wording import GROUPS, MEASURES, PROFILES, reason
from perennial.team.models import User
from perennial.web.panels import Panel

ICONS = {
    "depth": "activity",
    "breadth": "category",
    "people": "users",
    "outcome": "target",
    "relationship": "heart-handshake",
    "support": "ticket",
    "voice": "message-2-star",
    "payment": "receipt",
}


def context(user: User, customer: Customer, _day: date) -> dict[str, Any] | None:
    """What the template shows; None when there is nothing to judge (service ended)."""
    card = scorecard(user, customer)
    if card is None:
        return None
    return {
        "score": card.score,
        "band": card.health.band,
        "band_title": card.health.get_band_display(),
        "coverage_rate": card.health.coverage_rate,
        "profile": PROFILES.get(card.health.profile, card.health.profile),
        "version": card.health.version,
        "as_of": card.health.as_of,
        "before": card.before,
        "before_on": card.before_on,
        "change": None if card.score is None or card.before is None else card.score - card.before,
        "groups": [_line(group) for group in card.groups],
        "others": [(GROUPS.get(name, name), points) for name, points in card.other_effects],
        "missing": [(MEASURES.get(it.measure, it.measure), reason(it)) for it in card.missing],
        "not_connected": [MEASURES.get(it.measure, it.measure) for it in card.not_connected],
    }


def _line(group: Group) -> dict[str, Any]:
    worst_first = sorted(group.parts, key=lambda part: (part.points or 0, part.measure))
    return {
        "title": GROUPS.get(group.id, group.id),
        "icon": ICONS.get(group.id, "point"),
        "weight_rate": group.weight_rate,
        "score": group.score,
        "points": group.points,
        "change": group.change,
        "why": [reason(part) for part in worst_first],
        "parts": [_part(part) for part in worst_first],
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "title": MEASURES.get(part.measure, part.measure),
        "score": None if part.points is None else shown_points(Fraction(part.points, 100)),
        "weight": part.weight,
        "why": reason(part),
    }


SCORECARD = Panel(_("Health scorecard"), "health/panel_health.html", context)

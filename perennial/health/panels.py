"""The scorecard on the customer page: groups, weights, reasons, and why the score moved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext_lazy as _

from perennial.customers.models import Customer
from perennial.health.links import rows_behind, rows_of
from perennial.health.queries import MONTH_DAYS, Change, Group, Scorecard, scorecard
from perennial.health.rules import Part, shown_points
from perennial.health.rules.definition import BAND_EDGES
from perennial.health.wording import (
    GROUPS,
    NO_CHANGE,
    cause_title,
    limit_title,
    measure_title,
    profile_title,
    reason,
)
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
SINCE, UNTIL = "health_since", "health_until"  # the two days of the explanation, in the address


def context(
    user: User, customer: Customer, _day: date, asked: Mapping[str, str] | None = None
) -> dict[str, Any] | None:
    """What the template shows; None when there is nothing to judge (service ended)."""
    since_on, until_on = (_asked(asked or {}, name) for name in (SINCE, UNTIL))
    card = scorecard(user, customer, since_on=since_on, until_on=until_on)
    if card is None:
        return None
    profile = profile_title(card.profile, card.health.profile)
    return {
        "score": card.score,
        "computed": card.computed,
        "override": card.override,
        "band": card.health.band,
        "band_title": card.health.get_band_display(),
        "coverage_rate": card.health.coverage_rate,
        "enough_rate": card.profile.enough_coverage if card.profile else None,
        "edges": card.profile.bands if card.profile else BAND_EDGES,
        "profile": profile,
        "profile_name": card.health.profile,
        "priority": card.profile.priority if card.profile else None,
        "version": card.health.version,
        "as_of": card.health.as_of,
        **_moved(card, customer, since_on),
        "groups": [_line(group, customer) for group in card.groups],
        "limits": [(limit_title(card.profile, id), points) for id, points in card.limits],
        "children": [
            (it.customer, it.weight, None if it.points is None else shown_points(_whole(it.points)))
            for it in card.children
        ],
        "missing": [(measure_title(it.source), reason(it)) for it in card.missing],
        "not_connected": [measure_title(it.source) for it in card.not_connected],
    }


def _asked(asked: Mapping[str, str], name: str) -> date | None:
    """A day in the address; one that is none counts as not asked for."""
    try:
        return date.fromisoformat(asked.get(name, ""))
    except ValueError:
        return None


def _moved(card: Scorecard, customer: Customer, since_on: date | None) -> dict[str, Any]:
    change = card.change
    return {
        "before": change.before,
        "after": change.after,
        "before_on": change.from_on,
        "after_on": change.to_on,
        "since_on": since_on or card.health.as_of - timedelta(days=MONTH_DAYS),
        "change": change.points,
        "why_none": NO_CHANGE[change.explanation.reason] if change.explanation.reason else "",
        "effects": _effects(card, change, customer),
    }


def _effects(card: Scorecard, change: Change, customer: Customer) -> list[dict[str, Any]]:
    return [
        {
            "title": cause_title(it, card.profile),
            "points": it.points,
            "exact": it.effect.points,
            "why": reason(it.part) if it.part else "",
            "href": rows_behind(it, customer, profile=card.health.profile),
        }
        for it in sorted(change.told, key=lambda it: -abs(it.effect.points))
    ]


def _line(group: Group, customer: Customer) -> dict[str, Any]:
    worst_first = sorted(group.parts, key=lambda part: (part.points or 0, part.measure))
    return {
        "title": GROUPS.get(group.id, group.id),
        "icon": ICONS.get(group.id, "point"),
        "weight_rate": group.weight_rate,
        "score": group.score,
        "points": group.points,
        "change": group.change,
        "why": [reason(part) for part in worst_first],
        "parts": [_part(part, customer) for part in worst_first],
    }


def _part(part: Part, customer: Customer) -> dict[str, Any]:
    return {
        "title": measure_title(part.source),
        "score": None if part.points is None else shown_points(_whole(part.points)),
        "weight": part.weight,
        "why": reason(part),
        "as_of": part.as_of,
        "href": rows_of(part, customer),
    }


def _whole(hundredths: int) -> Fraction:
    return Fraction(hundredths, 100)


SCORECARD = Panel(_("Health scorecard"), "health/panel_health.html", context, asks=(SINCE, UNTIL))

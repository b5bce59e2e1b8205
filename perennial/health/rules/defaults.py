"""The three profiles that work in the first hour: onboarding, steady, before the renewal.

Usage alone has at least 60 of 100 points of weight, so that events are enough for a colour.
The scales put the edges of the colours (50 and 75 points) at thresholds of public practice:
active users < 20 / 20–40 / ≥ 40 %, volume down > 20 / 5–20 / ≤ 5 %, seats in use < 10 / 10–50 /
> 50 % in the first month. Days and counts are ours. What people say counts until its validity.
Source: health specification, 'Defaults that work in the first hour'; product, D2.
"""

from __future__ import annotations

from typing import Any

from perennial.health.rules.definition import Profile, of
from perennial.units.sentence import sentence

VERSION = 1
ONBOARDING_DAYS = 30
PRE_RENEWAL_DAYS = 90
# The event feed itself is silent after this: usage is unknown then, not zero.
FEED_SILENT_DAYS = 3

Scale = list[list[float]]
_OPINION: Scale = [[0, 0], [4, 50], [7, 75], [10, 100]]
# Source → group, scale, days after which a value no longer counts.
MEASURES: dict[str, tuple[str, Scale, int | None]] = {
    "active_days": ("depth", [[0, 0], [4, 50], [10, 75], [18, 100]], FEED_SILENT_DAYS),
    "volume_trend": (
        "depth",
        [[-0.7, 0], [-0.2, 50], [-0.05, 75], [0.1, 100]],
        FEED_SILENT_DAYS,
    ),
    "last_seen": ("depth", [[1.0, 100], [7, 75], [14, 50], [45, 0]], FEED_SILENT_DAYS),
    "breadth": ("breadth", [[0, 0], [0.15, 50], [0.35, 75], [0.7, 100]], FEED_SILENT_DAYS),
    "seat_use": ("people", [[0, 0], [0.2, 50], [0.4, 75], [0.75, 100]], FEED_SILENT_DAYS),
    "people_trend": (
        "people",
        [[-0.7, 0], [-0.3, 50], [-0.1, 75], [0.1, 100]],
        FEED_SILENT_DAYS,
    ),
    "executive_use": ("people", _OPINION, 180),
    "goals_met": ("outcome", [[0, 0], [0.5, 50], [0.75, 75], [1, 100]], None),
    "process_embedding": ("outcome", _OPINION, 180),
    "value_perception": ("outcome", _OPINION, 180),
    "key_contact": ("relationship", [[14, 100], [45, 75], [90, 50], [180, 0]], None),
    "any_touch": ("relationship", [[7, 100], [30, 75], [60, 50], [150, 0]], None),
    "sentiment": ("relationship", _OPINION, 90),
    "support_load": ("support", [[0, 100], [2, 75], [5, 50], [12, 0]], None),
    "nps": ("voice", [[0, 0], [6.5, 50], [8.5, 75], [10, 100]], 365),
    "overdue": ("payment", [[0, 100], [7, 75], [30, 50], [90, 0]], None),
    # In no default profile: to be chosen.
    "key_people_left": ("relationship", [[0, 100], [1, 50], [2, 0]], None),
    "open_tickets": ("support", [[0, 100], [2, 75], [5, 50], [10, 0]], None),
    "open_complaints": ("support", [[0, 100], [1, 50], [3, 0]], None),
    "csat": ("voice", [[0, 0], [0.6, 50], [0.8, 75], [1, 100]], 365),
    "due_in": ("relationship", [[0, 0], [30, 50], [90, 75], [180, 100]], None),
    "seats_change": ("people", [[-0.5, 0], [-0.2, 50], [-0.05, 75], [0.1, 100]], None),
    "value_change": ("payment", [[-0.5, 0], [-0.2, 50], [-0.05, 75], [0.1, 100]], None),
}
# In the first month seats are being handed out: the published steps hold as they stand.
_FIRST_SEATS: Scale = [[0, 0], [0.1, 50], [0.5, 75], [0.75, 100]]

RED_SENTIMENT: dict[str, Any] = {
    "id": "red_sentiment",
    "when": {"measure": "sentiment", "below": 4},
    "cap": 49,
    "hard": True,
    "title_zh": "客户成功经理看法为红色",
    "title_en": sentence("CSM sentiment is red"),
}
NO_DECISION_MAKER: dict[str, Any] = {
    "id": "no_decision_maker",
    "when": {"measure": "value_perception", "missing": True},
    "cap": 74,
    "title_zh": "续费前无人了解决策人的价值认知",
    "title_en": sentence("No decision maker's view of the value is known"),
}


def _measures(weights: dict[str, int], scales: dict[str, Scale]) -> list[Any]:
    rows = []
    for source, weight in weights.items():
        group, scale, stale_days = MEASURES[source]
        rows.append(
            {
                "id": source,
                "source": source,
                "group": group,
                "weight": weight,
                "linear": scales.get(source, scale),
                "stale_days": stale_days,
            }
        )
    return rows


STEADY: dict[str, Any] = {
    "name": "steady",
    "title_zh": "平稳期",
    "title_en": sentence("Steady"),
    "priority": 10,
    "audience": "",
    "measures": _measures(
        {
            "active_days": 6,
            "volume_trend": 20,
            "last_seen": 4,
            "breadth": 8,
            "seat_use": 16,
            "people_trend": 10,
            "executive_use": 4,
            "goals_met": 4,
            "process_embedding": 2,
            "key_contact": 6,
            "any_touch": 2,
            "sentiment": 4,
            "support_load": 4,
            "nps": 6,
            "overdue": 4,
        },
        {},
    ),
    "exceptions": [RED_SENTIMENT],
}
# The first thirty days have no past to compare with: depth and seats speak.
ONBOARDING: dict[str, Any] = {
    "name": "onboarding",
    "title_zh": "导入期（前 30 天）",
    "title_en": sentence("Onboarding (first 30 days)"),
    "priority": 30,
    "audience": f"1;age_days.gte.0;age_days.lte.{ONBOARDING_DAYS}",
    "measures": _measures(
        {
            "active_days": 16,
            "last_seen": 10,
            "breadth": 14,
            "seat_use": 24,
            "executive_use": 2,
            "goals_met": 6,
            "key_contact": 8,
            "any_touch": 8,
            "sentiment": 4,
            "support_load": 4,
            "overdue": 4,
        },
        {"seat_use": _FIRST_SEATS},
    ),
    "exceptions": [RED_SENTIMENT],
}
# Before the renewal, what decision makers think weighs more; not to know it forbids green.
PRE_RENEWAL: dict[str, Any] = {
    "name": "pre_renewal",
    "title_zh": "续费前期（90 天）",
    "title_en": sentence("Pre-renewal (90 days)"),
    "priority": 20,
    "audience": f"1;due_in_days.lte.{PRE_RENEWAL_DAYS}",
    "measures": _measures(
        {
            "active_days": 4,
            "volume_trend": 20,
            "last_seen": 4,
            "breadth": 8,
            "seat_use": 16,
            "people_trend": 8,
            "executive_use": 3,
            "goals_met": 4,
            "process_embedding": 3,
            "value_perception": 4,
            "key_contact": 8,
            "any_touch": 2,
            "sentiment": 4,
            "support_load": 2,
            "nps": 6,
            "overdue": 4,
        },
        {},
    ),
    "exceptions": [RED_SENTIMENT, NO_DECISION_MAKER],
}
SHIPPED: tuple[Profile, ...] = tuple(
    of(row, version=VERSION) for row in (STEADY, ONBOARDING, PRE_RENEWAL)
)

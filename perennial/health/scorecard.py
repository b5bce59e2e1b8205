"""The scorecard that works in the first hour: measures, their scales, three profiles.

The scales put the edges of the colours (50 and 75 points) at thresholds of public practice:
active users < 20 / 20–40 / ≥ 40 %, volume down > 20 / 5–20 / ≤ 5 %. Days and counts are ours.
What nearly everybody does well (active days, tickets, payment) weighs little.
Source: health specification, 'Defaults that work in the first hour'.
"""

from __future__ import annotations

from datetime import timedelta

from perennial.health.rules import Measure, Profile

VERSION = 1
ONBOARDING_DAYS = 30
PRE_RENEWAL_DAYS = 90
# The event feed itself is silent after this: usage is unknown then, not zero.
FEED_SILENT_DAYS = 3

MEASURES: dict[str, Measure] = {
    measure.id: measure
    for measure in (
        # adoption depth
        Measure("active_days", "depth", ((0, 0), (4, 50), (10, 75), (18, 100)), True, 3),
        Measure("volume_trend", "depth", ((-0.7, 0), (-0.2, 50), (-0.05, 75), (0.1, 100)), True, 3),
        Measure("last_seen", "depth", ((1, 100), (7, 75), (14, 50), (45, 0)), True, 3),
        # adoption breadth
        Measure("breadth", "breadth", ((0, 0), (0.15, 50), (0.35, 75), (0.7, 100)), True, 3),
        # people
        Measure("seat_use", "people", ((0, 0), (0.2, 50), (0.4, 75), (0.75, 100)), True, 3),
        Measure("people_trend", "people", ((-0.7, 0), (-0.3, 50), (-0.1, 75), (0.1, 100)), True, 3),
        # relationship
        Measure("key_contact", "relationship", ((14, 100), (45, 75), (90, 50), (180, 0))),
        Measure("any_touch", "relationship", ((7, 100), (30, 75), (60, 50), (150, 0))),
        # support
        Measure("support_load", "support", ((0, 100), (2, 75), (5, 50), (12, 0))),
        # voice
        Measure("nps", "voice", ((0, 0), (6.5, 50), (8.5, 75), (10, 100)), stale_days=365),
        # payment
        Measure("overdue", "payment", ((0, 100), (7, 75), (30, 50), (90, 0))),
        # outcome: goals of the success plan; nothing records them yet
        Measure("goals_met", "outcome", ((0, 0), (0.5, 50), (0.75, 75), (1, 100))),
    )
}

GROUPS = ("depth", "breadth", "people", "outcome", "relationship", "support", "voice", "payment")

STEADY = Profile(
    "steady",
    10,
    VERSION,
    {
        "active_days": 6,
        "volume_trend": 20,
        "last_seen": 4,
        "breadth": 10,
        "seat_use": 16,
        "people_trend": 10,
        "goals_met": 4,
        "key_contact": 10,
        "any_touch": 2,
        "support_load": 4,
        "nps": 10,
        "overdue": 4,
    },
)
# The first thirty days have no past to compare with: depth and seats speak.
ONBOARDING = Profile(
    "onboarding",
    30,
    VERSION,
    {
        "active_days": 14,
        "last_seen": 8,
        "breadth": 16,
        "seat_use": 24,
        "goals_met": 6,
        "key_contact": 12,
        "any_touch": 10,
        "support_load": 6,
        "overdue": 4,
    },
)
# Before the renewal, relationship and voice weigh more.
PRE_RENEWAL = Profile(
    "pre_renewal",
    20,
    VERSION,
    {
        "active_days": 4,
        "volume_trend": 20,
        "last_seen": 4,
        "breadth": 8,
        "seat_use": 14,
        "people_trend": 8,
        "goals_met": 4,
        "key_contact": 14,
        "any_touch": 4,
        "support_load": 3,
        "nps": 13,
        "overdue": 4,
    },
)
PROFILES: dict[str, Profile] = {p.id: p for p in (STEADY, ONBOARDING, PRE_RENEWAL)}


def matching(*, age: timedelta | None, due_in: timedelta | None) -> list[Profile]:
    """Every profile that fits: `age` since the start, `due_in` until an unrenewed due date
    (negative: overdue)."""
    fits = [STEADY]
    if age is not None and timedelta(0) <= age <= timedelta(days=ONBOARDING_DAYS):
        fits.append(ONBOARDING)
    if due_in is not None and due_in <= timedelta(days=PRE_RENEWAL_DAYS):
        fits.append(PRE_RENEWAL)
    return fits

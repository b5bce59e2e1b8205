"""Reads of health: the score of today, its explanation, its history."""

from perennial.health.queries.current import BandChange, band_changes, current, measures_connected
from perennial.health.queries.history import (
    LOOK_BACK_DAYS,
    history,
    judged_on,
    newest_before,
    scores_on,
)
from perennial.health.queries.scorecard import (
    MONTH_DAYS,
    Change,
    Group,
    Scorecard,
    Told,
    change_of,
    explained,
    judged_now,
    parts_of,
    scorecard,
)

__all__ = [
    "LOOK_BACK_DAYS",
    "MONTH_DAYS",
    "BandChange",
    "Change",
    "Group",
    "Scorecard",
    "Told",
    "band_changes",
    "change_of",
    "current",
    "explained",
    "history",
    "judged_now",
    "judged_on",
    "measures_connected",
    "newest_before",
    "parts_of",
    "scorecard",
    "scores_on",
]

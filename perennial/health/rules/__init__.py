"""The health score, as a customer success manager would explain it.

1. Each measure (active days, seats in use, overdue invoice, …) gets 0–100 points on a scale.
2. The score is the weighted mean of the points; the weights stand in the profile.
3. What this company does not collect at all is 'not connected' and does not count.
4. What is unknown or too old for one customer drops out; the rest is weighed up again.
5. Under 60 % of the weight, or fewer than two usage measures: no colour, never silently green.
6. Caps and floors follow in their order; a person's own score stands beside the computed one.
7. Red is [0, 50), yellow [50, 75), green [75, 100]. A colour changes at the second reading.
"""

from perennial.health.rules.bands import Band, band_of, settled_band
from perennial.health.rules.explain import (
    Cause,
    Effect,
    Explanation,
    Judged,
    NoChange,
    apportion,
    explain,
    shown_points,
)
from perennial.health.rules.judge import Score, judge, pick
from perennial.health.rules.parts import Params, Part, Reading, State, coverage_of, exact_of

__all__ = [
    "Band",
    "Cause",
    "Effect",
    "Explanation",
    "Judged",
    "NoChange",
    "Params",
    "Part",
    "Reading",
    "Score",
    "State",
    "apportion",
    "band_of",
    "coverage_of",
    "exact_of",
    "explain",
    "judge",
    "pick",
    "settled_band",
    "shown_points",
]

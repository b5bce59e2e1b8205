"""When a drop in usage alerts, as a customer success manager would explain it.

1. We compare the last 7 days with the customer's own 12 weeks before (leaving out last week).
2. When all customers are quieter (spring festival, an outage), we expect less of each.
3. `sudden`: so few that pure chance would do it in fewer than 3 of 10,000 weeks.
4. `slow`: several weeks in a row look more like half the usual than like the usual.
5. `stop`: quiet for longer than ever before; `fade`: 4 or 8 weeks far below the months before.
6. `everyone`: when all fall together there is one alert for the company, not one each.
7. More usage never alerts; under 6 weeks of history we know only what is usual for others.
Sources: metric specification D2 (benchmark, defaults) and D1 (CUSUM).
"""

from perennial.alerts.rules.drops import Finding, Judged, Kind, detect, judge
from perennial.alerts.rules.recovery import CALM_SHARE
from perennial.alerts.rules.weeks import (
    HISTORY_DAYS,
    Flags,
    Floats,
    Ints,
    dispersion,
    tail,
    weekly,
)

__all__ = [
    "CALM_SHARE",
    "HISTORY_DAYS",
    "Finding",
    "Flags",
    "Floats",
    "Ints",
    "Judged",
    "Kind",
    "detect",
    "dispersion",
    "judge",
    "tail",
    "weekly",
]

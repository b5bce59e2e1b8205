"""What we ourselves planned or owe, as reasons to act: late milestones, touchpoints due, …"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from perennial.customers.queries import standing
from perennial.work.cause import Cause
from perennial.work.onboarding.causes import late_deliveries, late_milestones, open_handovers
from perennial.work.plans import owed

# Each finds what is due at the end of a day; add yours.
OWED: tuple[Callable[[date], list[Cause]], ...] = (
    late_milestones,
    open_handovers,
    late_deliveries,
    owed.touchpoints,
    owed.actions,
)


def promised(day: date) -> list[Cause]:
    under = standing()
    found = (cause for find in OWED for cause in find(day))
    return [replace(it, customer_id=under.get(it.customer_id, it.customer_id)) for it in found]

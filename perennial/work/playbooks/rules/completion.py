"""When a step completes itself: a measure reaches a bound, or an event has been seen.

`metric:event_count;window=28 >= 100` · `seat_use >= 0.6` · `open_tickets <= 0` · `event:login`.
An event counts from the day on which the step started.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

EVENT: Final = "event:"
_COMPARED: Final = re.compile(
    r"(?P<source>[a-z0-9_]+(:[^<>≥≤]+)?)\s*(?P<sign>>=|<=|≥|≤)\s*(?P<bound>-?\d+(\.\d+)?)\s*\Z"
)
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Completion:
    """`source`: a measure of health, any metric, or `event:NAME`, which is seen at least once."""

    source: str
    at_least: bool
    bound: float

    def is_met(self, value: float | None) -> bool:
        """Unknown is not met."""
        if value is None:
            return False
        return value >= self.bound if self.at_least else value <= self.bound

    @property
    def event(self) -> str:
        """The event that is waited for; empty for a measure."""
        return self.source.removeprefix(EVENT) if self.source.startswith(EVENT) else ""


def read(text: str) -> Completion | None:
    """What `done_when` says; None for a text that says nothing readable."""
    text = text.strip()
    if len(text) > _LONGEST:
        return None
    if text.startswith(EVENT):
        return Completion(text, True, 1) if text.removeprefix(EVENT).strip() else None
    found = _COMPARED.match(text)
    if found is None:
        return None
    return Completion(found["source"].strip(), found["sign"] in (">=", "≥"), float(found["bound"]))

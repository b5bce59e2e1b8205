"""Which offers help a low area, and the way of an offer: proposed, accepted or declined, delivered.

What was decided can be corrected by one step back; a result is written at any time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from perennial.customers.assessments.rules.shipped import Solution

NEXT: Final = {
    "proposed": ("accepted", "declined"),
    "accepted": ("delivered", "declined", "proposed"),
    "declined": ("proposed",),
    "delivered": ("accepted",),
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    area: str
    solution: Solution


def suggestions(
    low: Iterable[str], solutions: Iterable[Solution], *, running: Collection[str]
) -> list[Suggestion]:
    """Offers for the low areas in their order, each once; those that run already are left out."""
    known, taken = list(solutions), set(running)
    found: list[Suggestion] = []
    for area in low:
        for it in known:
            if area in it.areas and it.name not in taken:
                found.append(Suggestion(area, it))
                taken.add(it.name)
    return found

"""What sales promised (售前承诺), and how often it could not be kept.

Over-promise rate = impossible ÷ judged (kept, on the roadmap, impossible). What nobody has judged
yet does not count. Below five judged ones there is no rate: one bad promise is no habit.
Source: product specification E10.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

KEPT, ROADMAP, IMPOSSIBLE, UNKNOWN = "kept", "roadmap", "impossible", "unknown"
FEWEST_JUDGED: Final = 5


@dataclass(frozen=True, slots=True)
class Promised:
    """What somebody's promises came to. `rate` None: too few were judged."""

    who: str
    kept: int
    roadmap: int
    impossible: int
    unknown: int

    @property
    def judged(self) -> int:
        return self.kept + self.roadmap + self.impossible

    @property
    def rate(self) -> float | None:
        return self.impossible / self.judged if self.judged >= FEWEST_JUDGED else None


def over_promised(promises: Iterable[tuple[str, str]]) -> list[Promised]:
    """By who promised, from (who, verdict); the worst rate first, then who promised most."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for who, verdict in promises:
        counts[who][verdict] += 1
    found = [
        Promised(who, of[KEPT], of[ROADMAP], of[IMPOSSIBLE], of[UNKNOWN])
        for who, of in counts.items()
    ]
    return sorted(found, key=lambda it: (-(it.rate if it.rate is not None else -1),
                                         -it.judged, -it.unknown, it.who))  # fmt: skip

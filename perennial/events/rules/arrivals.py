"""What came over a source in some hours, as sums that can be added, and the shares in them.

Lag is how long after it happened an event arrived; late is more than a day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Self


@dataclass(frozen=True, slots=True)
class Sums:
    """Shares are None when nothing was accepted: unknown, not zero."""

    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    unattributed: int = 0
    clamped: int = 0
    bots: int = 0
    late: int = 0
    lag_seconds: float = 0.0

    @classmethod
    def of(cls, parts: Iterable[Self]) -> Self:
        rows = list(parts)
        return cls(*(sum(getattr(row, it.name) for row in rows) for it in fields(cls)))

    def _share(self, part: float) -> float | None:
        return part / self.accepted if self.accepted else None

    @property
    def unattributed_rate(self) -> float | None:
        return self._share(self.unattributed)

    @property
    def late_rate(self) -> float | None:
        return self._share(self.late)

    @property
    def bots_rate(self) -> float | None:
        return self._share(self.bots)

    @property
    def rejected_rate(self) -> float | None:
        """Of all that arrived and was no copy."""
        arrived = self.accepted + self.rejected
        return self.rejected / arrived if arrived else None

    @property
    def lag(self) -> timedelta | None:
        """The mean over the accepted events."""
        return timedelta(seconds=self.lag_seconds / self.accepted) if self.accepted else None

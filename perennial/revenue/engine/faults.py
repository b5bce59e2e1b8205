"""What the engine leaves to the exact road."""

from __future__ import annotations


class NeedsExactRoad(Exception):
    """The engine does not compute this; `rules.histories` does. `reason` is a short code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

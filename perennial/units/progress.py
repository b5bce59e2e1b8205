"""How long work says how far it got; edges draw it, lower layers only call it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    def __call__(self, done: int, total: int | None = None, /) -> None:
        """`done` of `total` (rows, customers, days); no total while it is unknown."""


def silent(done: int, total: int | None = None, /) -> None:
    """Nobody is watching."""

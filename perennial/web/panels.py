"""A card that a slice offers and the desk shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Panel:
    """`context(user, customer, day)` gives the template's values; None leaves the panel out.
    The desk passes only customers that came through the gate."""

    name: str
    title: str  # lazy
    template: str
    context: Callable[[Any, Any, date], dict[str, Any] | None]

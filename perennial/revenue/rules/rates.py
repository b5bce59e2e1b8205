"""Exchange rates into the company's currency: one constant plan rate per currency, and the spot
rates of days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Rates:
    """Units of the company's currency per one unit. `spot` holds, per currency, dated steps in
    order: each rate holds from its day on."""

    plan: Mapping[str, Fraction] = field(default_factory=dict)
    spot: Mapping[str, tuple[tuple[date, Fraction], ...]] = field(default_factory=dict)

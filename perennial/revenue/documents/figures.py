"""How one figure is written into a document: amounts as text, rates as numbers, nulls with reasons.

An amount is a decimal string, half up to 0.01 from its exact value, or p/q when exact figures are
asked for. A rate is a number of at most six decimals. What cannot be known is null, and `reasons`
names why by a code of `revenue.wording.figures`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from perennial.units.money import round_half_up

Document = dict[str, Any]
PLACES = 6


def amount_text(value: Fraction, *, exact: bool) -> str:
    """`16666.67`, or `50000/3` when exact."""
    if exact:
        return f"{value.numerator}/{value.denominator}"
    return str(round_half_up(value))


def rate_number(value: Fraction | float) -> float | None:
    """Six decimals, half up from the value itself; None for what is no finite number."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return float(round_half_up(Fraction(value), places=PLACES))


@dataclass(slots=True)
class Figures:
    """One object of a document. `unknown`: figures that cannot be trusted, by name, with why."""

    exact: bool = False
    unknown: Mapping[str, str] = field(default_factory=dict)
    values: Document = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    def text(self, name: str, value: object) -> None:
        self.values[name] = value

    def amount(self, name: str, value: Fraction | None, why: str = "") -> None:
        """`why` is the reason when the value is None."""
        known = self._known(name, value, why)
        self.values[name] = None if known is None else amount_text(known, exact=self.exact)

    def rate(self, name: str, value: Fraction | float | None, why: str = "") -> None:
        known = self._known(name, value, why)
        self.values[name] = None if known is None else rate_number(known)
        if known is not None and self.values[name] is None:
            self.reasons[name] = why

    def count(self, name: str, value: int | None, why: str = "") -> None:
        self.values[name] = self._known(name, value, why)

    def document(self) -> Document:
        return {**self.values, "reasons": dict(self.reasons)}

    def _known(self, name: str, value: Any, why: str) -> Any:
        why = self.unknown.get(name, "" if value is not None else why)
        if why or value is None:
            self.reasons[name] = why
            return None
        return value

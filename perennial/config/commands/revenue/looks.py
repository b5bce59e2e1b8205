"""How the figures of a document read in a table for people."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from perennial.config.output import Number


def money(text: str | None) -> Number | None:
    """`1234.50` → `1,234.50`; a fraction p/q stays as it is."""
    if text is None:
        return None
    return Number(text if "/" in text else f"{Decimal(text):,}")


def percent(rate: float | None) -> Number | None:
    """0.833333 → `83.33%`."""
    return None if rate is None else Number(f"{Decimal(str(rate)) * 100:.2f}%")


def number(value: float | None, *, places: int) -> Number | None:
    return None if value is None else Number(f"{value:,.{places}f}")


def why(reasons: Mapping[str, str]) -> str:
    """`grr: no_start; nrr: no_start`, as CSV has it."""
    return "; ".join(f"{name}: {code}" for name, code in reasons.items())


def cells(*values: object) -> list[object]:
    """One row of a table."""
    return list(values)

"""Money is exact: fractions in the ledger, half-up cents only when shown.

Source: metric specification A0.1. Never a float.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation, localcontext
from fractions import Fraction

CENT = Decimal("0.01")
_FITS = 10**20  # exact in the default context


def round_half_up(amount: Fraction, *, places: int = 2) -> Decimal:
    """Round an exact amount half up, away from zero, to `places` decimals.

    >>> round_half_up(Fraction(50_000, 3))
    Decimal('16666.67')
    >>> round_half_up(Fraction(-1, 200))
    Decimal('-0.01')
    """
    scaled = abs(amount) * 10**places
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    if 2 * rest >= scaled.denominator:
        whole += 1
    units = -whole if amount < 0 else whole
    if whole < _FITS:
        return Decimal(units).scaleb(-places)
    with localcontext() as context:
        context.prec = len(str(whole)) + places
        return Decimal(units).scaleb(-places)


def parse_amount(text: str) -> Decimal:
    """Read an amount as people type it: `1,234.50`, `¥1,234.5`, `−3`, `(3.20)`.

    Raises ValueError on anything else, so that no guess enters the ledger.
    """
    cleaned = text.strip().replace(",", "").replace("\uff0c", "").replace("−", "-")
    cleaned = cleaned.lstrip("\u00a5\uffe5$€£").strip()
    if cleaned.startswith("(") and cleaned.endswith(")"):
        cleaned = "-" + cleaned[1:-1]
    try:
        amount = Decimal(cleaned)
    except InvalidOperation as wrong:
        raise ValueError(text) from wrong
    if not amount.is_finite():
        raise ValueError(text)
    return amount


def exact(text: str) -> Fraction:
    """Read back `p/q` as stored beside a rounded amount."""
    return Fraction(text)


def ratio(part: Fraction | Decimal, whole: Fraction | Decimal) -> Fraction | None:
    """`part / whole`, or None when the whole is zero: unknown is not zero (A3)."""
    return Fraction(part) / Fraction(whole) if whole else None

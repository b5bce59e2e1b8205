"""Money in the engine: whole numbers of a unit so small that all common amounts are whole.

An amount a month is a ledger amount (millionths) over a term in months. The unit is a millionth
over the least common multiple of 1…36: every term of up to 36 whole months, and every month of
28 to 31 days cut in whole parts of up to 36, comes out whole. Terms of odd days are rounded down
to the unit, 7·10⁻²¹; sums of whole numbers add no error of their own.

Two amounts that differ in truth are at least 10⁻⁶ over the product of their terms' days apart:
10⁻¹³ for two terms of ten years. So what is nearer than TOLERANCE is equal, and up to a million
odd terms of one customer stay within it.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Final

PARTS: Final = lcm(*range(1, 37))
MILLION: Final = 10**6
UNITS: Final = MILLION * PARTS  # in one unit of the currency
TOLERANCE: Final = MILLION  # 7·10⁻¹⁵ of it
_SIMPLE: Final = MILLION  # a total this close to p/q with q up to here is p/q


def amount(units: Decimal | int | None) -> Fraction:
    """The exact amount that so many units stand for; None, an empty sum, is nothing.

    When odd terms have been rounded, the simplest fraction within the tolerance is meant: so a
    total that lies on half a cent is rounded as the exact road rounds it.
    """
    if not units:
        return Fraction(0)
    found = Fraction(int(units), UNITS)
    if found.denominator <= _SIMPLE:
        return found
    simple = found.limit_denominator(_SIMPLE)
    return simple if abs(simple - found) * UNITS <= TOLERANCE else found

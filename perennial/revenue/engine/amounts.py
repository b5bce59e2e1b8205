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

import numpy as np
import pyarrow as pa

PARTS: Final = lcm(*range(1, 37))
MILLION: Final = 10**6
UNITS: Final = MILLION * PARTS  # in one unit of the currency
TOLERANCE: Final = MILLION  # 7·10⁻¹⁵ of it
SIMPLE: Final = MILLION  # a total this close to p/q with q up to here is p/q


def millionths(amounts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Ledger amounts as whole millionths: int64, or decimal(20, 0) when one of them is too large.

    Both read the bytes of decimal(20, 6) as they are: two words, the upper one mostly the sign.
    """
    narrow = []
    for chunk in amounts.chunks:
        first, last = 2 * chunk.offset, 2 * (chunk.offset + len(chunk))
        words = np.frombuffer(chunk.buffers()[1] or b"", np.int64)[first:last].reshape(-1, 2)
        none = np.asarray(chunk.is_null())
        if not np.all((words[:, 1] == words[:, 0] >> 63) | none):
            return _wide(amounts)
        narrow.append(pa.array(np.ascontiguousarray(words[:, 0]), mask=none))
    return pa.chunked_array(narrow, pa.int64())


def _wide(amounts: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = pa.decimal128(20, 0)
    whole = [
        pa.Array.from_buffers(kind, len(it), it.buffers(), offset=it.offset)
        for it in amounts.chunks
    ]
    return pa.chunked_array(whole, kind)


def amount(units: Decimal | int | None) -> Fraction:
    """The exact amount that so many units stand for; None, an empty sum, is nothing.

    When odd terms have been rounded, the simplest fraction within the tolerance is meant: so a
    total that lies on half a cent is rounded as the exact road rounds it.
    """
    if not units:
        return Fraction(0)
    found = Fraction(int(units), UNITS)
    if found.denominator <= SIMPLE:
        return found
    simple = found.limit_denominator(SIMPLE)
    return simple if abs(simple - found) * UNITS <= TOLERANCE else found

"""Calendar periods beside a day, by name: half-open, of all days at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_STEPS = {"last": -1, "this": 0, "next": 1}
NAMES = tuple(f"{step}_{unit}" for unit in _MONTHS for step in _STEPS)

Days = NDArray[np.datetime64]


def bounds(name: str, as_of: Any) -> tuple[Days, Days]:
    """First day of the period and of the one after it, for each day. `name` is one of NAMES.

    >>> [str(day) for day in bounds("next_quarter", np.array(["2026-11-22"], "datetime64[D]"))]
    ["['2027-01-01']", "['2027-04-01']"]
    """
    step, _, unit = name.partition("_")
    size = _MONTHS[unit]
    months = np.asarray(as_of, "datetime64[M]").astype(np.int64)  # since January 1970
    first = (months // size + _STEPS[step]) * size
    begin, end = (
        it.astype("datetime64[M]").astype("datetime64[D]") for it in (first, first + size)
    )
    return begin, end

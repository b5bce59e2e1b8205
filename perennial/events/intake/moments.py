"""The times of many items at once: the rules of `rules.clock` on whole columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from perennial.events.rules.clock import EARLIEST, LATEST, SECOND, Clock, microseconds
from perennial.events.rules.settings import IntakeSettings

_MOMENT: Final = pa.timestamp("us", "UTC")
NONE: Final = np.iinfo(np.int64).min
_CLOCKS: Final = pa.array([None, Clock.CORRECTED.value, Clock.CLAMPED.value], pa.string())


def read(values: Sequence[Any]) -> NDArray[np.int64]:
    """Microseconds since 1970; NONE where nothing came or nothing could be read."""
    if set(map(type, values)) <= {str, type(None)}:
        try:
            column = pa.array(values, pa.string()).cast(_MOMENT)
        except pa.ArrowInvalid:
            pass  # some text is in another form: each is read by itself
        else:
            found: NDArray[np.int64] = column.cast(pa.int64()).fill_null(NONE).to_numpy().copy()
            found[(found < EARLIEST) | (found > LATEST)] = NONE
            return found
    known: dict[Any, int] = {}
    for value in values:
        if isinstance(value, str | int | float) and (type(value), value) not in known:
            moment = microseconds(value)
            known[type(value), value] = NONE if moment is None else moment
    return np.array([_known(known, value) for value in values], dtype=np.int64)


def _known(known: dict[Any, int], value: Any) -> int:
    return known[type(value), value] if isinstance(value, str | int | float) else NONE


@dataclass(frozen=True, slots=True)
class Happened:
    moments: NDArray[np.int64]
    clocks: pa.Array


def happened(
    original: NDArray[np.int64],
    sent: NDArray[np.int64],
    received: NDArray[np.int64],
    settings: IntakeSettings,
) -> Happened:
    """`rules.clock.happened` for columns; a test compares the two."""
    off = np.where(sent == NONE, 0, received - np.where(sent == NONE, 0, sent))
    size = np.abs(off)
    corrected = (size > settings.clock_tolerance_seconds * SECOND) & (
        size <= settings.clock_cap_seconds * SECOND
    )
    given = original != NONE
    corrected &= given & (np.where(given, original, 0) + off >= EARLIEST)
    moments = np.where(given, original, received) + np.where(corrected, off, 0)
    future = moments > received + settings.future_tolerance_seconds * SECOND
    moments = np.where(future, received, moments)
    codes = np.where(future, 2, np.where(corrected, 1, 0))
    return Happened(moments, _CLOCKS.take(pa.array(codes)))


def column(moments: NDArray[np.int64]) -> pa.Array:
    """A column of moments; null where there is NONE."""
    return pa.array(moments, pa.int64(), mask=moments == NONE).cast(_MOMENT)

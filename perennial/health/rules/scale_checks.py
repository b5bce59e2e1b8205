"""What is wrong with a scale: the points that every value of a measure gets.

A line has points whose values rise; bands are half-open, [from, to), without gap and without
overlap, and open at both ends, so that every value has its points.
Values have at most four decimals, and so have readings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from perennial.health.rules.definition import STEPS, Outside
from perennial.units.errors import RowError
from perennial.units.sentence import sentence

Plain = Mapping[str, Any]
Faults = Iterator[RowError]

MOST_POINTS = 12
LARGEST = 999_999
HIGHEST = 100


def scale_faults(row: Plain, at: str) -> Faults:
    """What is wrong with the scale of the measure at a place, `measures.2`."""
    if ("linear" in row) == ("bands" in row):
        text = sentence("A measure has one scale: linear or bands.")
        yield fault("no_scale", text, at)
    elif "linear" in row:
        yield from _linear(row, at)
    else:
        yield from _banded(row["bands"], f"{at}.bands")


def fault(code: str, text: str, column: str, **params: object) -> RowError:
    said = {name: str(value) for name, value in params.items()}
    return RowError(code, text, column=column, params=said)


def whole(value: object, *, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def number(value: object, *, low: float, high: float) -> bool:
    good = isinstance(value, int | float) and not isinstance(value, bool)
    return good and low <= float(value) <= high  # type: ignore[arg-type]  # nan is in no range


def out_of_range(column: str, low: float, high: float) -> RowError:
    text = sentence("This is from {low} to {high}.")
    return fault("out_of_range", text, column, low=f"{low:,}", high=f"{high:,}")


def _linear(row: Plain, at: str) -> Faults:
    if row.get("outside", Outside.CLAMP) not in list(Outside):
        text = sentence("Outside is clamp or ignore.")
        yield fault("wrong_outside", text, f"{at}.outside")
    at = f"{at}.linear"
    points = row["linear"]
    if not _table(points, columns=2) or not 2 <= len(points) <= MOST_POINTS:
        text = sentence("A line has {least} to {most} points: [value, score].")
        yield fault("too_few_points", text, at, least=2, most=MOST_POINTS)
        return
    for value, score in points:
        yield from _value(value, at)
        if not number(score, low=0, high=HIGHEST):
            yield fault("wrong_score", sentence("A score is from 0 to 100."), at)
    values = [value for value, _ in points]
    if all(number(it, low=-LARGEST, high=LARGEST) for it in values):
        for low, high in pairwise(values):
            if high <= low:
                text = sentence("The values rise from point to point: {high} follows {low}.")
                yield fault("unordered", text, at, low=low, high=high)


def _banded(bands: Any, at: str) -> Faults:
    if not _table(bands, columns=3) or not 1 <= len(bands) <= MOST_POINTS:
        text = sentence("Bands are [from, to, score], at most {most}.")
        yield fault("wrong_bands", text, at, most=MOST_POINTS)
        return
    for low, high, score in bands:
        for edge in (low, high):
            wrong = [] if edge is None else [*_value(edge, at)]
            yield from wrong
            if wrong:
                return
        if low is not None and high is not None and high <= low:
            text = sentence("A band ends above its beginning: {low} to {high}.")
            yield fault("empty_band", text, at, low=low, high=high)
        if not number(score, low=0, high=HIGHEST):
            yield fault("wrong_score", sentence("A score is from 0 to 100."), at)
    yield from _joints(bands, at)


def _joints(bands: Sequence[Sequence[Any]], at: str) -> Faults:
    """Half-open bands follow each other: the end of one is the beginning of the next."""
    if bands[0][0] is not None or bands[-1][1] is not None:
        text = sentence("The first band begins open, the last one ends open: leave them empty.")
        yield fault("closed_end", text, at)
    for (_low, end, _score), (begin, _high, _next) in pairwise(bands):
        if end is None or begin is None:
            text = sentence("Only the first band begins open, only the last one ends open.")
            yield fault("open_inside", text, at)
        elif end < begin:
            text = sentence("Gap: no band holds values from {end} to {begin}.")
            yield fault("gap", text, at, end=end, begin=begin)
        elif end > begin:
            text = sentence("Overlap: values from {begin} to {end} are in two bands.")
            yield fault("overlap", text, at, end=end, begin=begin)


def _value(value: object, at: str) -> Faults:
    if value is None:
        yield fault("no_value", sentence("A value of the scale is missing."), at)
    elif not number(value, low=-LARGEST, high=LARGEST):
        yield out_of_range(at, -LARGEST, LARGEST)
    elif round(float(value) * STEPS) != round(float(value) * STEPS, 6):  # type: ignore[arg-type]  # a number, as just seen
        text = sentence("Values have at most four decimals, not {value}.")
        yield fault("too_fine", text, at, value=value)


def _table(found: Any, *, columns: int) -> bool:
    return isinstance(found, list | tuple) and all(
        isinstance(row, list | tuple) and len(row) == columns for row in found
    )

"""Two texts of a profile, told apart: what was added, taken away, changed.

Measures and exceptions are the same when their ids are; the order of measures says nothing,
that of exceptions does, because they hold one after the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Plain = Mapping[str, Any]


class What(StrEnum):
    """What differs; `before` and `after` of a change are the values of this field."""

    TITLE = "title"
    PRIORITY = "priority"
    AUDIENCE = "audience"
    HIERARCHY = "hierarchy"
    COLOURS = "bands"
    COVERAGE = "enough_coverage_rate"
    MEASURE = "measure"  # the whole row; None: it is not there
    SOURCE = "source"
    GROUP = "group"
    WEIGHT = "weight"
    SCALE = "scale"  # the rows of the scale with its kind
    OUTSIDE = "outside"
    VALIDITY = "stale_days"
    USAGE = "usage"
    EXCEPTION = "exception"  # the whole row; None: it is not there
    ORDER = "order"  # of the exceptions: their ids


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; `of` is the id of the measure or exception, or ""."""

    what: What
    of: str
    before: Any
    after: Any


HEAD = (What.PRIORITY, What.AUDIENCE, What.HIERARCHY, What.COLOURS, What.COVERAGE)
ROW = (What.SOURCE, What.GROUP, What.WEIGHT, What.OUTSIDE, What.VALIDITY, What.USAGE)


def changes(before: Plain, after: Plain) -> list[Change]:
    """What makes the second text another one than the first; empty when they judge alike."""
    return [*_head(before, after), *_measures(before, after), *_exceptions(before, after)]


def _head(before: Plain, after: Plain) -> Iterator[Change]:
    names = [(it.get("title_zh"), it.get("title_en")) for it in (before, after)]
    if names[0] != names[1]:
        yield Change(What.TITLE, "", *names)
    for what in HEAD:
        old, new = before.get(what), after.get(what)
        if old != new:
            yield Change(what, "", old, new)


def _measures(before: Plain, after: Plain) -> Iterator[Change]:
    old, new = _by_id(before.get("measures", ())), _by_id(after.get("measures", ()))
    for name in [*old, *(it for it in new if it not in old)]:
        first, second = old.get(name), new.get(name)
        if first is None or second is None:
            yield Change(What.MEASURE, name, first, second)
            continue
        for what in ROW:
            if first.get(what) != second.get(what):
                yield Change(what, name, first.get(what), second.get(what))
        scales = [scale_of(first), scale_of(second)]
        if scales[0] != scales[1]:
            yield Change(What.SCALE, name, *scales)


def scale_of(row: Plain) -> tuple[str, list[list[Any]]]:
    """The kind of a measure's scale, and its rows."""
    kind = "bands" if "bands" in row else "linear"
    return kind, [list(it) for it in row.get(kind, ())]


def _exceptions(before: Plain, after: Plain) -> Iterator[Change]:
    old, new = _by_id(before.get("exceptions", ())), _by_id(after.get("exceptions", ()))
    for name in [*old, *(it for it in new if it not in old)]:
        if old.get(name) != new.get(name):
            yield Change(What.EXCEPTION, name, old.get(name), new.get(name))
    kept = [[name for name in side if name in old and name in new] for side in (old, new)]
    if kept[0] != kept[1]:
        yield Change(What.ORDER, "", *kept)


def _by_id(rows: Sequence[Plain]) -> dict[str, Plain]:
    return {str(row.get("id")): row for row in rows}

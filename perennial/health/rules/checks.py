"""What is wrong with the text of a profile, before it may judge anybody.

1. Weights are whole numbers, and together they weigh something.
2. A scale says points for every value: rising points, or bands without gap and without overlap.
3. A measure reads a source that exists, and no score is made from a score.
4. An exception asks for a measure of this profile, and caps or lifts the score.
5. Half of a score is no score: coverage is never under 60 %, colours stand in order.
6. A misspelt field is said, never passed over: what it meant to change would stay as it was.
What depends on real customers (nobody matches, nobody gets a colour) is said by the preview.
Source: health specification; issue 'bad input'.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from perennial.health.rules.definition import (
    ENOUGH_COVERAGE,
    ENOUGH_USAGE_MEASURES,
    GROUPS,
    METRIC_SOURCE,
    Hierarchy,
    is_usage,
)
from perennial.health.rules.scale_checks import (
    HIGHEST,
    LARGEST,
    Faults,
    Plain,
    fault,
    number,
    out_of_range,
    scale_faults,
    whole,
)
from perennial.units.errors import RowError
from perennial.units.sentence import sentence

NAME = re.compile(r"[a-z0-9_]{1,40}")
MOST_MEASURES, MOST_LIMITS = 40, 20
HEAVIEST, LONGEST_DAYS, HIGHEST_PRIORITY = 1000, 3660, 1000
# What may be written, by where it stands.
HEAD = frozenset(
    {"name", "title_zh", "title_en", "priority", "audience", "measures", "exceptions"}
    | {"hierarchy", "bands", "enough_coverage_rate"}
)
MEASURE = frozenset(
    {"id", "source", "group", "weight", "linear", "outside", "bands", "stale_days", "usage"}
)
LIMIT = frozenset({"id", "when", "cap", "floor", "hard", "title_zh", "title_en"})
WHEN = frozenset({"measure", "below", "at_least", "missing"})
# What would make a score of a score.
OWN_OUTPUT = frozenset({"score", "band", "health", "health_score", "score_change", "at_risk"})


@dataclass(frozen=True, slots=True)
class Known:
    """What this installation can read. `metric_fault` says what is wrong with the rest of a
    source that begins with `metric:`, or None."""

    sources: frozenset[str]
    metric_fault: Callable[[str], RowError | None]


def faults(definition: Plain, known: Known) -> list[RowError]:
    """Everything that is wrong; `column` is the place: `measures.2.weight`, `bands`, …"""
    found = [*_head(definition), *_measures(definition, known)]
    ids = {str(row.get("id")) for row in rows(definition, "measures")}
    return [*found, *_limits(definition, ids)]


def hints(definition: Plain) -> list[RowError]:
    """What may be published, but should be known: grey instead of a colour."""
    usage = sum(
        bool(row.get("weight"))
        and (is_usage(source_of(row)) if row.get("usage") is None else bool(row["usage"]))
        for row in rows(definition, "measures")
    )
    if usage >= ENOUGH_USAGE_MEASURES:
        return []
    text = sentence("Fewer than two measures of usage: everybody stays grey, without a colour.")
    return [RowError("few_usage_measures", text, column="measures")]


def is_name(value: object) -> bool:
    return isinstance(value, str) and NAME.fullmatch(value) is not None


def rows(definition: Plain, name: str) -> Sequence[Plain]:
    """The measures or exceptions that have the shape of one."""
    found = definition.get(name) or ()
    listed = found if isinstance(found, list | tuple) else ()
    return [row for row in listed if isinstance(row, Mapping)]


def source_of(row: Plain) -> str:
    return str(row.get("source", row.get("id")))


def _unknown(row: Plain, fields: frozenset[str], at: str = "") -> Faults:
    for name in row:
        if name not in fields:
            text = sentence("There is no field “{name}” here.")
            yield fault("unknown_field", text, f"{at}{name}", name=str(name))


def _head(definition: Plain) -> Faults:
    yield from _unknown(definition, HEAD)
    if not is_name(definition.get("name")):
        text = sentence("Short names have small letters, digits and _, up to 40.")
        yield fault("wrong_name", text, "name")
    for name in ("title_zh", "title_en"):
        title = definition.get(name, "x")
        if not isinstance(title, str) or not 0 < len(title.strip()) <= 60:
            yield fault("no_title", sentence("A title has 1 to 60 letters."), name)
    if not whole(definition.get("priority"), low=0, high=HIGHEST_PRIORITY):
        yield out_of_range("priority", 0, HIGHEST_PRIORITY)
    if definition.get("hierarchy", "own") not in list(Hierarchy):
        text = sentence("This is own, children or worst.")
        yield fault("wrong_hierarchy", text, "hierarchy")
    bands = definition.get("bands", (50, 75))
    edges = bands if isinstance(bands, list | tuple) and len(bands) == 2 else (0, 0)
    if not all(whole(it, low=1, high=HIGHEST) for it in edges) or edges[0] >= edges[1]:
        text = sentence("Yellow begins above 0, green above yellow, at most at 100.")
        yield fault("wrong_colours", text, "bands")
    low = float(ENOUGH_COVERAGE)
    if not number(definition.get("enough_coverage_rate", low), low=low, high=1):
        text = sentence("Coverage is from 0.6 to 1: under it there is no colour.")
        yield fault("wrong_coverage", text, "enough_coverage_rate")


def _measures(definition: Plain, known: Known) -> Faults:
    listed = definition.get("measures")
    if not isinstance(listed, list | tuple) or not all(isinstance(it, Mapping) for it in listed):
        text = sentence("These are measures: - id: …, source: …, group: …, weight: …")
        yield fault("no_measures", text, "measures")
        return
    if len(listed) > MOST_MEASURES:
        text = sentence("A profile has at most {most} measures.")
        yield fault("too_many", text, "measures", most=MOST_MEASURES)
    weights = [it.get("weight") for it in listed]
    if not any(isinstance(it, int) and it > 0 for it in weights):
        text = sentence("The weights sum to nothing: give at least one measure a weight.")
        yield fault("no_weight", text, "measures")
    seen: set[str] = set()
    for index, row in enumerate(listed):
        at = f"measures.{index}"
        name = str(row.get("id"))
        if not is_name(row.get("id")):
            text = sentence("Short names have small letters, digits and _, up to 40.")
            yield fault("wrong_name", text, f"{at}.id")
        if name in seen:
            text = sentence("The measure {name} stands twice.")
            yield fault("twice", text, f"{at}.id", name=name)
        seen.add(name)
        yield from _measure(row, at)
        yield from _source(row, at, known, listed)


def _measure(row: Plain, at: str) -> Faults:
    yield from _unknown(row, MEASURE, f"{at}.")
    if row.get("group") not in GROUPS:
        text = sentence("The group is one of {known}.")
        yield fault("wrong_group", text, f"{at}.group", known=", ".join(GROUPS))
    if not whole(row.get("weight"), low=0, high=HEAVIEST):
        yield out_of_range(f"{at}.weight", 0, HEAVIEST)
    stale = row.get("stale_days")
    if stale is not None and not whole(stale, low=1, high=LONGEST_DAYS):
        yield out_of_range(f"{at}.stale_days", 1, LONGEST_DAYS)
    if not isinstance(row.get("usage"), bool | None):
        yield fault("wrong_usage", sentence("This is true or false."), f"{at}.usage")
    yield from scale_faults(row, at)


def _source(row: Plain, at: str, known: Known, listed: Sequence[Plain]) -> Faults:
    source, at = source_of(row), f"{at}.source"
    ids = {str(it.get("id")): source_of(it) for it in listed}
    if source in known.sources:
        return
    if source in OWN_OUTPUT:
        text = sentence("Circular: a score cannot be made from {source}, which is made from it.")
        yield fault("circular", text, at, source=source)
    elif source.startswith(METRIC_SOURCE):
        wrong = known.metric_fault(source)
        if wrong:
            yield RowError(wrong.code, wrong.message, column=at, params=wrong.params)
    elif source in ids and (road := _road(str(row.get("id")), ids)):
        text = sentence("Circular: {road}. A measure reads data, not another measure.")
        yield fault("circular", text, at, road=" → ".join(road))
    else:
        text = sentence("There is no source “{source}”.")
        yield fault("unknown_source", text, at, source=source)


def _road(name: str, ids: Mapping[str, str]) -> list[str]:
    """The way from a measure over its source back to itself; empty when it does not come back."""
    road = [name]
    while ids.get(road[-1]) in ids:
        road.append(ids[road[-1]])
        if road[-1] in road[:-1]:
            return road if road[-1] == name else []
    return []


def _limits(definition: Plain, ids: set[str]) -> Faults:
    listed = definition.get("exceptions", ())
    if not isinstance(listed, list | tuple) or not all(isinstance(it, Mapping) for it in listed):
        text = sentence("These are exceptions: - id: …, when: …, cap: … or floor: …")
        yield fault("no_exceptions", text, "exceptions")
        return
    if len(listed) > MOST_LIMITS:
        text = sentence("A profile has at most {most} exceptions.")
        yield fault("too_many", text, "exceptions", most=MOST_LIMITS)
    seen: set[str] = set()
    for index, row in enumerate(listed):
        at, name = f"exceptions.{index}", str(row.get("id"))
        if not is_name(row.get("id")) or name in seen:
            text = sentence("Short names have small letters, digits and _; each stands once.")
            yield fault("wrong_name", text, f"{at}.id")
        seen.add(name)
        yield from _limit(row, at, ids)


def _limit(row: Plain, at: str, ids: set[str]) -> Faults:
    given = row.get("when")
    when: Plain = given if isinstance(given, Mapping) else {}
    yield from _unknown(row, LIMIT, f"{at}.")
    yield from _unknown(when, WHEN, f"{at}.when.")
    if str(when.get("measure")) not in ids:
        text = sentence("The exception asks for “{name}”, which is no measure of this profile.")
        yield fault("unknown_measure", text, f"{at}.when", name=when.get("measure") or "–")
    kinds = ("below", "at_least", "missing")
    asked = [name for name in kinds if when.get(name) not in (None, False)]
    edges = [when[it] for it in asked if it != "missing"]
    bad = [it for it in edges if not number(it, low=-LARGEST, high=LARGEST)]
    if len(asked) != 1 or bad:
        text = sentence("An exception holds when a measure is below, at least, or missing: one.")
        yield fault("no_condition", text, f"{at}.when")
    ends = [name for name in ("cap", "floor") if row.get(name) is not None]
    if len(ends) != 1:
        text = sentence("An exception has a cap or a floor: one of them.")
        yield fault("no_end", text, at)
    for name in ends:
        if not whole(row[name], low=0, high=HIGHEST):
            yield fault("wrong_score", sentence("A score is from 0 to 100."), f"{at}.{name}")
    if not all(isinstance(row.get(it, ""), str) for it in ("title_zh", "title_en")):
        yield fault("no_title", sentence("This is a text."), at)
    if not isinstance(row.get("hard", False), bool):
        yield fault("wrong_hard", sentence("This is true or false."), f"{at}.hard")

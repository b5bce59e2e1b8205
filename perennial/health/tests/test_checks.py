"""What is wrong with a profile's text is said, with its place. Source: issue, 'Bad input'."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from perennial.health.rules.checks import Known, faults, hints
from perennial.health.rules.defaults import MEASURES, SHIPPED
from perennial.health.rules.definition import of, plain
from perennial.units.errors import RowError

KNOWN = Known(
    frozenset(MEASURES),
    lambda source: None if source == "metric:event_count" else RowError("unknown_metric", "no"),
)
Change = Callable[[dict[str, Any]], object]


def steady() -> dict[str, Any]:
    return deepcopy(next(plain(it) for it in SHIPPED if it.name == "steady"))


def measure(**changed: Any) -> Change:
    def change(text: dict[str, Any]) -> None:
        row = text["measures"][1]
        for name in ("linear", "outside") if "bands" in changed else ():
            row.pop(name)
        row.update(changed)

    return change


def first_limit(**changed: Any) -> Change:
    return lambda text: text["exceptions"][0].update(changed)


def head(**changed: Any) -> Change:
    return lambda text: text.update(changed)


def weightless(text: dict[str, Any]) -> None:
    for row in text["measures"]:
        row["weight"] = 0


def round_trip(text: dict[str, Any]) -> None:
    text["measures"][0] |= {"id": "a", "source": "b"}
    text["measures"][1] |= {"id": "b", "source": "a"}


BANDS = [[None, 0.2, 20], [0.2, 0.4, 60], [0.4, None, 100]]
GAP = [[None, 0.2, 20], [0.3, None, 60]]
OVERLAP = [[None, 0.3, 20], [0.2, None, 60]]
WRONG = [
    pytest.param(weightless, "no_weight", "measures", id="weights that sum to nothing"),
    pytest.param(measure(weight=-1), "out_of_range", "measures.1.weight", id="negative weight"),
    pytest.param(measure(weight=1.5), "out_of_range", "measures.1.weight", id="half a weight"),
    pytest.param(measure(bands=GAP), "gap", "measures.1.bands", id="bands with a gap"),
    pytest.param(measure(bands=OVERLAP), "overlap", "measures.1.bands", id="overlapping bands"),
    pytest.param(measure(bands=[[0, None, 5]]), "closed_end", "measures.1.bands", id="no begin"),
    pytest.param(measure(linear=[[1, 0], [0, 9]]), "unordered", "measures.1.linear", id="order"),
    pytest.param(measure(linear=[[1, 0]]), "too_few_points", "measures.1.linear", id="one point"),
    pytest.param(
        measure(linear=[[0.00001, 0], [1, 9]]), "too_fine", "measures.1.linear", id="5 decimals"
    ),
    pytest.param(
        measure(linear=[[float("nan"), 0], [1, 9]]), "out_of_range", "measures.1.linear", id="nan"
    ),
    pytest.param(measure(linear=[[0, 0], [1, 101]]), "wrong_score", "measures.1.linear", id="101"),
    pytest.param(measure(source="moon"), "unknown_source", "measures.1.source", id="no source"),
    pytest.param(
        measure(source="metric:gone"), "unknown_metric", "measures.1.source", id="no metric"
    ),
    pytest.param(measure(source="score"), "circular", "measures.1.source", id="score of a score"),
    pytest.param(round_trip, "circular", "measures.0.source", id="measures of each other"),
    pytest.param(measure(id="active_days"), "twice", "measures.1.id", id="an id twice"),
    pytest.param(measure(group="x"), "wrong_group", "measures.1.group", id="no group"),
    pytest.param(measure(stale_days=0), "out_of_range", "measures.1.stale_days", id="validity 0"),
    pytest.param(
        first_limit(when={"measure": "moon", "below": 4}),
        "unknown_measure",
        "exceptions.0.when",
        id="exception on an unknown measure",
    ),
    pytest.param(
        first_limit(when={"measure": "sentiment"}), "no_condition", "exceptions.0.when", id="when"
    ),
    pytest.param(first_limit(floor=60), "no_end", "exceptions.0", id="cap and floor"),
    pytest.param(head(bands=[75, 50]), "wrong_colours", "bands", id="green before yellow"),
    pytest.param(head(hierarchy="self"), "wrong_hierarchy", "hierarchy", id="hierarchy"),
    pytest.param(
        head(enough_coverage_rate=0.2), "wrong_coverage", "enough_coverage_rate", id="coverage .2"
    ),
    pytest.param(
        head(enough_coverage_rate=1.1), "wrong_coverage", "enough_coverage_rate", id="never reached"
    ),
    pytest.param(head(execptions=[]), "unknown_field", "execptions", id="misspelt: exceptions"),
    pytest.param(
        measure(weigth=5), "unknown_field", "measures.1.weigth", id="misspelt: of a measure"
    ),
    pytest.param(
        first_limit(capp=49), "unknown_field", "exceptions.0.capp", id="misspelt: of an exception"
    ),
    pytest.param(
        first_limit(when={"measure": "sentiment", "below": 4, "atleast": 1}),
        "unknown_field",
        "exceptions.0.when.atleast",
        id="misspelt: of a condition",
    ),
    pytest.param(head(measures="x"), "no_measures", "measures", id="no list"),
    pytest.param(head(priority=None), "out_of_range", "priority", id="no priority"),
    pytest.param(head(title_zh=" "), "no_title", "title_zh", id="no title"),
]


@pytest.mark.parametrize(("change", "code", "column"), WRONG)
def test_a_fault_is_said_with_its_place(change: Change, code: str, column: str):
    text = steady()
    change(text)
    assert (code, column) in {(it.code, it.column) for it in faults(text, KNOWN)}


FINE = [
    pytest.param(measure(bands=BANDS), id="half-open bands"),
    pytest.param(measure(weight=0), id="a measure that only an exception asks for"),
    pytest.param(measure(source="metric:event_count"), id="a metric"),
    pytest.param(measure(outside="ignore"), id="values outside do not count"),
    pytest.param(head(exceptions=[]), id="no exception"),
]


@pytest.mark.parametrize("change", FINE)
def test_what_is_right_passes_and_can_be_read(change: Change):
    text = steady()
    change(text)
    assert faults(text, KNOWN) == [] and of(text).name == "steady"


@pytest.mark.parametrize("profile", SHIPPED, ids=lambda it: it.name)
def test_what_is_shipped_passes(profile):
    assert faults(plain(profile), KNOWN) == [] and hints(plain(profile)) == []


@pytest.mark.parametrize("junk", [None, 5, "x", [], {}, [[]], {"a": 1}, True])
@pytest.mark.parametrize("field", list(plain(SHIPPED[0])))
def test_junk_is_a_fault_never_an_error(field: str, junk: object):
    text = steady() | {field: junk}
    if not faults(text, KNOWN):
        of(text)
    for inner in ("linear", "weight", "stale_days", "source", "group", "usage", "outside"):
        text = steady()
        text["measures"][0][inner] = junk
        if not faults(text, KNOWN):
            of(text)
    for inner in ("when", "cap", "hard", "id", "title_zh"):
        text = steady()
        text["exceptions"][0][inner] = junk
        if not faults(text, KNOWN):
            of(text)


def test_one_measure_of_usage_is_grey_and_said():
    text = steady()
    text["measures"] = [it for it in text["measures"] if not it["usage"]]
    assert faults(text, KNOWN) == []
    assert [it.code for it in hints(text)] == ["few_usage_measures"]

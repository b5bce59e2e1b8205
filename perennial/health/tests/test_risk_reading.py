"""A plain table: which columns teach, and which are left out."""

from __future__ import annotations

import numpy as np
import pytest

from perennial.health.risk.rules.labelled import Numbers, Words
from perennial.health.risk.rules.reading import column_of, number, read


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("29.85", 29.85, id="plain"),
        pytest.param("1,234.5", 1234.5, id="thousands"),
        pytest.param("-0.5", -0.5, id="negative"),
        pytest.param("12%", 0.12, id="percent"),
        pytest.param("1e3", 1000.0, id="exponent"),
        pytest.param("1,23", None, id="a comma that is none"),
        pytest.param("", None, id="empty"),
        pytest.param("-", None, id="a dash"),
        pytest.param("nan", None, id="not a number"),
        pytest.param("1e999", None, id="beyond everything"),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, value: float | None):
    assert number(text) == value


def test_blanks_among_numbers_are_missing():
    column = column_of(["29.85", " ", "N/A", "30", "1"])
    assert isinstance(column, Numbers)
    assert np.isnan(column.values).tolist() == [False, True, True, False, False]


def test_a_slip_of_the_pen_does_not_make_a_column_text():
    column = column_of([*map(str, range(0, 200, 3)), "oops"])
    assert isinstance(column, Numbers)
    assert np.isnan(column.values[-1])


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        pytest.param([f"C-{at}" for at in range(40)], "names each row", id="ids"),
        pytest.param([str(at + 1000) for at in range(40)], "names each row", id="numbered rows"),
        pytest.param([f"name {at % 30}" for at in range(40)], "names each row", id="names"),
        pytest.param(["x"] * 40, "is the same everywhere", id="constant"),
        pytest.param([""] * 40, "is empty", id="empty"),
        pytest.param([f"2025-01-{1 + at % 28:02d}" for at in range(40)], "is a date", id="dates"),
    ],
)
def test_what_teaches_nothing_is_left_out_with_its_reason(cells: list[str], reason: str):
    assert column_of(cells) == reason


def test_one_word_and_blanks_is_a_fact():
    column = column_of(["yes", "", "yes", ""])
    assert isinstance(column, Words)
    assert column.values.tolist() == ["yes", "", "yes", ""]


def test_amounts_that_all_differ_are_no_numbering():
    cells = [str(int(value)) for value in np.random.default_rng(1).lognormal(10, 1, 40)]
    assert isinstance(column_of(cells), Numbers)


def test_a_table_is_split_into_what_teaches_and_what_does_not():
    found = read({"id": ["a", "b", "c"], "plan": ["x", "y", "x"], "seats": ["1", "5", "1"]})
    assert list(found.columns) == ["plan", "seats"]
    assert found.left_out == {"id": "names each row"}

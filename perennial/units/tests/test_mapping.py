"""The mapping language of the command line."""

import pytest

from perennial.units.errors import InputRefused
from perennial.units.mapping import Constant, Source, parse_map


def test_a_pair_names_a_column_a_constant_or_a_translation():
    columns = parse_map(["a=b", "c==x=y", "kind=is_trial{TRUE:trial, FALSE:new}"])
    assert columns == {
        "a": Source("b"),
        "c": Constant("x=y"),
        "kind": Source("is_trial", {"TRUE": "trial", "FALSE": "new"}),
    }
    assert [str(column) for column in columns.values()] == [
        "b",
        "=x=y",
        "is_trial{TRUE:trial,FALSE:new}",
    ]


def test_a_value_without_translation_stays_as_it_is():
    assert Source("s", {"A": "x"}).read("B") == "B"


@pytest.mark.parametrize("pair", ["a", "=b", "a=", "a=b{c}", "a=b{c:d", "a={c:d}"])
def test_a_pair_that_cannot_be_read_is_named(pair):
    with pytest.raises(InputRefused) as refused:
        parse_map([pair])
    assert refused.value.params["pair"] == pair

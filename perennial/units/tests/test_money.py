"""Money is rounded only when shown, half up and away from zero."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial.units.money import parse_amount, ratio, round_half_up


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (Fraction(50_000, 3), "16666.67"),
        (Fraction(1, 200), "0.01"),
        (Fraction(-1, 200), "-0.01"),
        (Fraction(1, 201), "0.00"),
        (Fraction(10**40 + 1, 2), f"{10**40 // 2}.50"),
    ],
)
def test_amounts_round_half_up_away_from_zero(amount: Fraction, shown: str):
    assert str(round_half_up(amount)) == shown


@given(st.fractions(max_denominator=10_000))
def test_rounding_is_symmetric_and_near(amount: Fraction):
    assert round_half_up(-amount) == round_half_up(amount).copy_negate()
    assert abs(Fraction(round_half_up(amount)) - amount) <= Fraction(1, 200)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1,234.50", "1234.50"),
        ("\u00a51\uff0c234", "1234"),
        ("\u2212 3".replace(" ", ""), "-3"),
        ("(3.20)", "-3.20"),
        (" $99 ", "99"),
    ],
)
def test_amounts_are_read_as_people_type_them(text: str, amount: str):
    assert parse_amount(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["", "abc", "1.2.3", "NaN", "Infinity", "12万"])
def test_an_amount_is_never_guessed(text: str):
    with pytest.raises(ValueError):
        parse_amount(text)


def test_a_rate_over_nothing_is_unknown():
    assert ratio(Decimal(3), Decimal(0)) is None
    assert ratio(Decimal(1), Decimal(4)) == Fraction(1, 4)

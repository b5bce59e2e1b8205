from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from perennial.notify.rules import GIVE_UP_ATTEMPTS, instant_from, retry_after


@pytest.mark.parametrize(
    ("attempts", "wait"),
    [
        pytest.param(1, timedelta(minutes=1), id="soon"),
        pytest.param(3, timedelta(minutes=30), id="then less often"),
        pytest.param(4, timedelta(hours=2), id="then every two hours"),
        pytest.param(GIVE_UP_ATTEMPTS - 1, timedelta(hours=2), id="for two days"),
        pytest.param(GIVE_UP_ATTEMPTS, None, id="then given up"),
    ],
)
def test_a_mail_that_fails_is_tried_less_and_less(attempts: int, wait: timedelta | None):
    assert retry_after(attempts) == wait


def test_it_is_tried_for_two_days():
    waits = [wait for n in range(1, GIVE_UP_ATTEMPTS) if (wait := retry_after(n))]
    assert timedelta(days=1.8) < sum(waits, timedelta()) < timedelta(days=2.2)


@pytest.mark.parametrize(
    ("stakes", "least"),
    [
        pytest.param([], None, id="nobody"),
        pytest.param([0, 0], None, id="no amount is known"),
        pytest.param([5], 5, id="one customer is the highest"),
        pytest.param(range(1, 10), 9, id="at least one"),
        pytest.param(range(1, 101), 91, id="a tenth"),
    ],
)
def test_only_the_highest_tenth_is_told_at_once(stakes: list[int], least: int | None):
    assert instant_from(map(Decimal, stakes)) == (None if least is None else Decimal(least))

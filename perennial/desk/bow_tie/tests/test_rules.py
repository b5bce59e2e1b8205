"""The bow-tie's stages, by hand. Source: metrics specification A8, 'Funnel'."""

from __future__ import annotations

import pytest

from perennial.desk.bow_tie.rules import Account, Stage, lower_half, share, typical

HAPPY = Account(is_active=True, renewed=True, nps=9)
NEW = Account(is_active=True, renewed=False, nps=10)
ASLEEP = Account(is_active=False, renewed=True, nps=8)
UNKNOWN = Account(is_active=None, renewed=True, nps=None)


@pytest.mark.parametrize(
    ("account", "loyal", "promoter"),
    [
        pytest.param(HAPPY, True, True, id="active, renewed, 9"),
        pytest.param(NEW, False, True, id="never renewed yet"),
        pytest.param(ASLEEP, False, False, id="renewed but not active, 8 is no promoter"),
        pytest.param(UNKNOWN, None, None, id="nobody can tell"),
        pytest.param(Account(None, False, None), False, None, id="never renewed: not loyal anyway"),
    ],
)
def test_what_an_account_is(account: Account, loyal: bool | None, promoter: bool | None) -> None:
    assert (account.is_loyal, account.is_promoter) == (loyal, promoter)


def test_every_stage_counts_all_and_converts_from_the_one_before() -> None:
    now = {1: HAPPY, 2: NEW, 3: ASLEEP, 4: UNKNOWN}
    won, active, loyal, promoter = lower_half(now, {}, {})
    assert [it.count for it in (won, active, loyal, promoter)] == [4, 2, 1, 2]
    assert (active.of, active.passed, active.unknown) == (3, 2, 1)
    assert (loyal.of, loyal.passed) == (2, 1)  # of the two active ones
    assert (promoter.of, promoter.passed) == (1, 1)  # of the loyal one; NEW is one, but not loyal
    assert active.conversion_rate == pytest.approx(2 / 3)


def test_who_stood_higher_and_does_so_no_more_dropped_back() -> None:
    before = {1: HAPPY, 2: HAPPY, 3: HAPPY, 5: HAPPY}
    now = {1: HAPPY, 2: ASLEEP, 3: UNKNOWN}  # 5 has left; of 3 nobody can tell
    won, active, loyal, promoter = lower_half(now, before, {})
    assert (won.dropped, active.dropped, loyal.dropped, promoter.dropped) == (1, 2, 2, 2)


def test_nobody_at_all_has_no_rate() -> None:
    parts = lower_half({}, {}, {})
    assert [(it.count, it.conversion_rate) for it in parts] == [(0, None)] * 4


def test_the_right_half_leaves_the_unknown_out_and_counts_it() -> None:
    part = share(Stage.EXPANDED, [True, False, None, True])
    assert (part.count, part.of, part.unknown) == (2, 3, 1)
    assert part.conversion_rate == pytest.approx(2 / 3)


def test_a_median_needs_five() -> None:
    assert typical([1, 2, 3, 4]) == (None, 4)
    assert typical([9, 1, 2, 3, 4]) == (3.0, 5)

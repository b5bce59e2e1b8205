from __future__ import annotations

import numpy as np
import pytest

from perennial.alerts.rules import HISTORY_DAYS, Finding, Kind, detect, tail

OLD = -1000  # the first event lies long before the window
WEEKDAYS = np.resize([1.0, 1, 1, 1, 1, 0.2, 0.2], HISTORY_DAYS)


def company(*, customers: int = 60, weekly: float = 40, seed: int = 1) -> np.ndarray:
    """Ordinary customers with a weekly rhythm and some scatter."""
    random = np.random.default_rng(seed)
    level = random.gamma(20, weekly / 7 / 20, (customers, HISTORY_DAYS // 7)).repeat(7, axis=1)
    counts: np.ndarray = random.poisson(level * WEEKDAYS * 7 / 5.4).astype(float)
    return counts


def findings(counts: np.ndarray, *, first_day: int = OLD) -> dict[int | None, Finding]:
    found = detect(counts, first_day=np.full(len(counts), first_day))
    return {finding.row: finding for finding in found}


@pytest.mark.parametrize(
    ("kept", "days", "kind"),
    [
        pytest.param(0.1, 7, Kind.SUDDEN, id="nine tenths gone within a week"),
        pytest.param(0.45, 35, Kind.SLOW, id="half gone for five weeks"),
        pytest.param(0.0, 14, Kind.STOP, id="nothing for two weeks"),
    ],
)
def test_a_drop_alerts(kept: float, days: int, kind: Kind):
    counts = company()
    counts[0, -days:] = np.floor(counts[0, -days:] * kept)
    found = findings(counts)
    assert found[0].kind is kind
    assert found[0].observed < 0.6 * found[0].expected
    assert found[0].probability is not None and found[0].probability < 0.01


def test_a_slow_fade_over_months_alerts():
    counts = company()
    counts[0, -91:] = np.floor(counts[0, -91:] * np.linspace(1, 0.3, 91))
    assert 0 in findings(counts)


def test_growth_never_alerts():
    counts = company()
    counts[:5, -28:] *= 5
    assert not set(findings(counts)) & {0, 1, 2, 3, 4}


def test_ordinary_customers_are_quiet():
    assert len(findings(company(customers=400))) <= 4


def test_a_holiday_for_everyone_is_one_alert():
    counts = company()
    counts[:, -7:] = np.floor(counts[:, -7:] * 0.3)
    found = findings(counts)
    assert list(found) == [None]
    assert found[None].kind is Kind.EVERYONE
    assert found[None].observed < 0.5 * found[None].expected


def test_a_mild_dip_of_all_makes_no_alert_but_a_drop_within_it_does():
    counts = company()
    counts[:, -7:] = np.floor(counts[:, -7:] * 0.85)
    counts[0, -7:] = 0
    assert set(findings(counts)) == {0}


def test_nobody_is_judged_on_under_six_weeks():
    counts = company(customers=20)
    counts[:, : HISTORY_DAYS - 40] = 0
    counts[0, -7:] = 0
    assert not findings(counts, first_day=HISTORY_DAYS - 40)


def test_a_few_events_a_month_cannot_drop_suddenly():
    counts = company()
    counts[0] = 0
    counts[0, ::15] = 1
    counts[0, -20:] = 0
    assert 0 not in findings(counts)


def test_a_rare_but_steady_customer_stops_after_longer_than_ever_before():
    counts = company()
    counts[0] = 0
    counts[0, ::4] = 1
    counts[0, -40:] = 0
    assert findings(counts)[0].kind is Kind.STOP


def test_nobody_and_no_history_find_nothing():
    assert detect(np.zeros((0, HISTORY_DAYS)), first_day=np.zeros(0, dtype=np.int64)) == []
    assert detect(np.ones((3, 20)), first_day=np.zeros(3, dtype=np.int64)) == []


def test_the_tail_is_the_negative_binomial_one():
    # Poisson limit: P(X ≤ 0) with mean 3 is e^-3; with scatter it is (1 + 3a)^(-1/a).
    one = tail(np.zeros(2), expected=np.full(2, 3.0), scatter=np.array([1e-6, 0.5]))
    assert one[0] == pytest.approx(np.exp(-3), rel=1e-4)
    assert one[1] == pytest.approx((1 + 1.5) ** -2)

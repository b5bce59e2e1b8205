"""How long customers stay, read from their histories."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from perennial.contracts.rules import Basis, Kind, Line, resolve
from perennial.revenue.queries.sources import Source
from perennial.revenue.queries.staying import stays
from perennial.revenue.rules import Histories, histories
from perennial.revenue.rules.definitions import DEFAULT, Definitions
from perennial.revenue.rules.rates import Rates
from perennial.revenue.rules.staying import Stay

ON = date(2026, 6, 30)


def order(start: date, end: date | None) -> Line:
    return Line(
        customer_id=1, order_id=f"{start}", kind=Kind.NEW, start_on=start, end_on=end,
        signed_on=start, recorded_at=datetime(2025, 1, 1, tzinfo=UTC), currency="CNY",
        amount=Fraction(1200), basis=Basis.TERM if end else Basis.MRR,
    )  # fmt: skip


class Known:
    def __init__(self, *lines: Line, grace_days: int = 30) -> None:
        self.source = Source(None, Definitions(grace_days=grace_days), Rates())
        self.histories: Histories = histories(resolve(lines), definitions=DEFAULT)


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        pytest.param([(date(2025, 1, 1), None)], Stay(18, False), id="pays"),
        pytest.param([(date(2025, 1, 1), date(2026, 1, 1))], Stay(12, True), id="left"),
        pytest.param([(date(2025, 6, 15), date(2026, 6, 15))], Stay(12, False), id="pending"),
        pytest.param(
            [(date(2024, 1, 1), date(2024, 7, 1)), (date(2025, 1, 1), date(2026, 1, 1))],
            Stay(24, True),
            id="came back and left again",
        ),
        pytest.param(
            [(date(2024, 1, 1), date(2024, 7, 1)), (date(2026, 1, 1), None)],
            Stay(30, False),
            id="came back",
        ),
    ],
)
def test_a_stay_runs_from_the_first_paid_day(terms, found):
    assert list(stays(Known(*(order(*it) for it in terms)), ON)) == [found]


def test_without_days_of_grace_whoever_ended_has_left():
    known = Known(order(date(2025, 6, 15), date(2026, 6, 15)), grace_days=0)
    assert list(stays(known, ON, groups={1: "retail"})) == [Stay(12, True, "retail")]


def test_who_has_not_begun_is_not_seen():
    assert list(stays(Known(order(date(2026, 7, 1), None)), ON)) == []

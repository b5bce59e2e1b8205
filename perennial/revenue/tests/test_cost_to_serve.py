"""Hours, their cost, and the profit of customer success. Source: metric specification A6."""

from __future__ import annotations

from fractions import Fraction

import pytest

from perennial.customers.models import TouchKind
from perennial.revenue.rules.cost_to_serve import (
    NO_SERVICE,
    STANDARD_MINUTES,
    ServiceRules,
    Tickets,
    Touches,
    Work,
    profit,
    service,
    together,
)

RULES = ServiceRules(hour_cost=Fraction(200), ticket_kind_hours={"bug": Fraction(5, 2)})


@pytest.mark.parametrize(
    ("touches", "tickets", "hours", "standard"),
    [
        pytest.param([Touches("call", 90, 3, 0)], [], "3/2", 0, id="logged minutes count"),
        pytest.param([Touches("visit", 0, 2, 2)], [], 4, 4, id="a visit without minutes: 2 h"),
        pytest.param([Touches("meeting", 30, 2, 1)], [], "3/2", 1, id="one logged, one not"),
        pytest.param([Touches("dinner", 0, 1, 1)], [], 0, 0, id="a kind without standard time"),
        pytest.param([], [Tickets("bug", 2)], 5, 5, id="a kind of ticket with its own hours"),
        pytest.param([], [Tickets("how-to", 3)], 3, 3, id="any other ticket"),
        pytest.param([Touches("training", 90, 1, 0)], [Tickets("", 1)], "5/2", 1, id="both"),
        pytest.param([], [], 0, 0, id="nothing"),
    ],
)
def test_hours_are_measured_or_standard_and_the_latter_is_told(touches, tickets, hours, standard):
    found = service(touches, tickets, rules=RULES)
    assert (found.total, found.standard) == (Fraction(hours), standard * 60)
    assert found.cost(RULES) == Fraction(hours) * 200


def test_training_is_told_apart_from_other_touches():
    found = service([Touches("training", 60, 1, 0), Touches("call", 30, 1, 0)], [], rules=RULES)
    assert found.hours == {Work.TOUCHES: Fraction(1, 2), Work.TRAINING: 1, Work.TICKETS: 0}


def test_every_kind_of_touch_has_a_standard_time():
    assert set(STANDARD_MINUTES) == set(TouchKind.values)


def test_without_the_cost_of_an_hour_there_is_no_cost():
    found = service([Touches("call", 60, 1, 0)], [], rules=ServiceRules())
    assert found.total == 1 and found.cost(ServiceRules()) is None
    told = profit(renewals=Fraction(100), upsell=Fraction(20), cost=None)
    assert (told.cost, told.profit, told.coverage) == (None, None, None)
    assert set(told.reasons) == {"cost", "profit", "coverage", "referrals"}


def test_a_group_costs_what_its_customers_cost():
    one = service([Touches("call", 60, 1, 0)], [Tickets("bug", 1)], rules=RULES)
    other = service([Touches("visit", 0, 1, 1)], [], rules=RULES)
    both = together([one, other, NO_SERVICE])
    assert (both.total, both.standard) == (one.total + other.total, one.standard + other.standard)
    assert both.standard_share == Fraction(9, 11)
    assert NO_SERVICE.standard_share is None


def test_profit_is_renewals_and_upsell_less_cost_and_coverage_is_upsell_over_cost():
    told = profit(renewals=Fraction(1000), upsell=Fraction(300), cost=Fraction(200))
    assert told.profit == 1100 and told.coverage == Fraction(3, 2)
    assert told.reasons == {"referrals": "not_recorded"} and told.referrals is None
    known = profit(
        renewals=Fraction(1000), upsell=Fraction(300), cost=Fraction(200), referrals=Fraction(50)
    )
    assert known.profit == 1150 and not known.reasons


def test_nothing_spent_gives_no_coverage():
    told = profit(renewals=Fraction(0), upsell=Fraction(300), cost=Fraction(0))
    assert (told.coverage, told.reasons["coverage"]) == (None, "no_cost")

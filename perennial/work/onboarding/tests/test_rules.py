"""Who brings a customer in, when milestones are reached, how long to the first value."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest

from perennial.work.onboarding.rules.deal import Deal, Why, brought_in_by, names_work
from perennial.work.onboarding.rules.definition import Measure, Step, Title
from perennial.work.onboarding.rules.first_value import Case, by_group, first_value
from perennial.work.onboarding.rules.milestones import (
    Facts,
    MilestoneState,
    Talk,
    Use,
    reached,
    state_of,
)
from perennial.work.onboarding.rules.shipped import SHIPPED
from perennial.work.onboarding.rules.starting import starts_on

START = date(2026, 6, 1)


def on(days: int) -> date:
    return START + timedelta(days=days)


# Product specification E4: below 2万 sales, 2–10万 CSM, above 10万 or with work implementation.
@pytest.mark.parametrize(
    ("deal", "kind", "why"),
    [
        pytest.param(Deal(Decimal("19999.99")), "sales", Why.BELOW, id="a cent below 2万"),
        pytest.param(Deal(Decimal(20_000)), "csm", Why.BETWEEN, id="exactly 2万"),
        pytest.param(Deal(Decimal(60_000)), "csm", Why.BETWEEN, id="between"),
        pytest.param(Deal(Decimal(100_000)), "csm", Why.BETWEEN, id="exactly 10万"),
        pytest.param(Deal(Decimal("100000.01")), "implementation", Why.ABOVE, id="a cent above"),
        pytest.param(Deal(Decimal(8_000), "实施费"), "implementation", Why.WORK, id="small, work"),
        pytest.param(Deal(None, "实施费"), "implementation", Why.WORK, id="unknown, with work"),
        pytest.param(Deal(None), "csm", Why.UNKNOWN, id="amount not known"),
        pytest.param(Deal(None, has_order=False), "csm", Why.NO_ORDER, id="no paid order"),
        pytest.param(Deal(Decimal(0)), "sales", Why.BELOW, id="free of charge"),
    ],
)
def test_the_size_of_the_deal_says_who_brings_in(deal: Deal, kind: str, why: Why) -> None:
    found = brought_in_by(deal, sales_below=SHIPPED.sales_below, team_above=SHIPPED.team_above)
    assert (found.owner_kind, found.why) == (kind, why)


@pytest.mark.parametrize(
    ("product", "one_off", "bought_out", "expected"),
    [
        pytest.param("CRM", False, False, False, id="recurring"),
        pytest.param("CRM", True, False, True, id="something paid once"),
        pytest.param("CRM", True, True, False, id="a licence bought out is no work"),
        pytest.param("实施服务", False, False, True, id="the name says so"),
        pytest.param("Custom reports", False, True, True, id="in English, in capitals"),
    ],
)
def test_what_counts_as_implementation_or_custom_work(
    product: str, one_off: bool, bought_out: bool, expected: bool
) -> None:
    words = SHIPPED.work_words
    assert names_work(product, one_off=one_off, is_bought_out=bought_out, words=words) is expected


def step(measure: Measure, at_least: float = 1, kinds: tuple[str, ...] = (),
         grades: tuple[str, ...] = ()) -> Step:  # fmt: skip
    return Step("s", Title("甲", "A"), 10, measure, at_least, kinds, grades)


def used(first: int, last: int, people: int | None = 3, days: int = 4, features: int = 2) -> Use:
    return Use(on(first), on(last), people, days, features)


MEETING = step(Measure.TOUCH, kinds=("meeting", "visit"), grades=("S", "A"))
TALKS = (
    Talk(on(-2), "meeting", "S", "early"),
    Talk(on(3), "meeting", "B", "staff"),
    Talk(on(4), "call", "S", "on the phone"),
    Talk(on(6), "visit", "A", "the director"),
)


@pytest.mark.parametrize(
    ("wanted", "facts", "expected"),
    [
        pytest.param(step(Measure.HAND), Facts(on(9), used(0, 9)), None, id="hand: never by data"),
        pytest.param(MEETING, Facts(on(9), talks=TALKS), on(6), id="the right kind and grade"),
        pytest.param(MEETING, Facts(on(5), talks=TALKS), None, id="that talk lies ahead"),
        pytest.param(step(Measure.TOUCH, 2), Facts(on(9), talks=TALKS), on(4), id="the second"),
        pytest.param(step(Measure.TOUCH, 4), Facts(on(9), talks=TALKS), None, id="too few since"),
        pytest.param(step(Measure.FIRST_USE), Facts(on(9), used(2, 8)), on(2), id="first use"),
        pytest.param(step(Measure.FIRST_USE), Facts(on(9)), None, id="nothing known of use"),
        pytest.param(step(Measure.FIRST_USE), Facts(on(9), used(-9, -3)), None, id="trial only"),
        pytest.param(step(Measure.FIRST_USE), Facts(on(9), used(-9, 4)), on(4), id="since trial"),
        pytest.param(step(Measure.PEOPLE, 3), Facts(on(9), used(0, 9)), on(9), id="people"),
        pytest.param(step(Measure.PEOPLE, 4), Facts(on(9), used(0, 9)), None, id="one too few"),
        pytest.param(step(Measure.PEOPLE, 1), Facts(on(9), used(0, 9, people=None)), None,
                     id="events name nobody"),
        pytest.param(step(Measure.DAYS, 4), Facts(on(9), used(0, 9)), on(9), id="days"),
        pytest.param(step(Measure.FEATURES, 3), Facts(on(9), used(0, 9)), None, id="features"),
        pytest.param(step(Measure.SEATS, 0.3), Facts(on(9), used(0, 9), 10), on(9), id="seats"),
        pytest.param(step(Measure.SEATS, 0.31), Facts(on(9), used(0, 9), 10), None, id="below"),
        pytest.param(step(Measure.SEATS, 0.1), Facts(on(9), used(0, 9)), None, id="no seats known"),
    ],
)  # fmt: skip
def test_data_reaches_a_milestone(wanted: Step, facts: Facts, expected: date | None) -> None:
    hit = reached(wanted, facts, started_on=START)
    assert (hit.on if hit else None) == expected


@pytest.mark.parametrize(
    ("done", "as_of", "expected"),
    [
        pytest.param(None, 10, MilestoneState.OPEN, id="its last day is not late"),
        pytest.param(None, 11, MilestoneState.LATE, id="the day after"),
        pytest.param(10, 30, MilestoneState.DONE, id="done on its day"),
        pytest.param(11, 30, MilestoneState.DONE_LATE, id="done late stays visible"),
    ],
)
def test_a_milestone_is_late_after_its_day(
    done: int | None, as_of: int, expected: MilestoneState
) -> None:
    day = None if done is None else on(done)
    assert state_of(on(10), done=day, as_of=on(as_of)) is expected


@pytest.mark.parametrize(
    ("opened", "since", "last", "running", "expected"),
    [
        pytest.param(-3, -1, None, False, -3, id="from the opening of service"),
        pytest.param(0, 0, None, False, 0, id="opened today"),
        pytest.param(2, -5, None, False, None, id="service opens later"),
        pytest.param(-29, -29, None, False, -29, id="the last day of the plan"),
        pytest.param(-30, -30, None, False, None, id="the thirty days lie in the past"),
        pytest.param(-400, -2, None, False, -2, id="came back into the stage"),
        pytest.param(-3, -3, -3, False, None, id="was brought in already"),
        pytest.param(-400, -2, -390, False, -2, id="another time"),
        pytest.param(-3, -3, None, True, None, id="is being brought in"),
        pytest.param(None, None, None, False, 0, id="nothing known: from today"),
    ],
)
def test_whose_way_in_begins(
    opened: int | None, since: int | None, last: int | None, running: bool, expected: int | None
) -> None:
    def day(it: int | None) -> date | None:
        return None if it is None else on(it)

    found = starts_on(
        opened_on=day(opened), since_on=day(since), day=START, plan_days=30,
        last_started_on=day(last), is_running=running,
    )  # fmt: skip
    assert found == day(expected)


def case(days: int | None, seen: int = 60, group: str = "") -> Case:
    """Reached after so many days (None: not yet), watched for `seen` days."""
    return Case(START, None if days is None else on(days), on(seen), group)


def test_who_still_waits_is_not_dropped() -> None:
    """Two of four got there on days 10 and 20, two wait since day 60: half by day 20."""
    found = first_value([case(10), case(20), case(None), case(None)])
    assert (found.n, found.reached, found.waiting) == (4, 2, 2)
    assert found.median_days == 20 and found.within_rate == pytest.approx(0.5)
    dropped = first_value([case(10), case(20)])
    assert dropped.within_rate == 1.0, "that is what dropping would have told"


def test_when_not_even_half_got_there_the_median_is_at_least_the_longest_wait() -> None:
    found = first_value([case(10), case(None, 40), case(None, 45)])
    assert found.median_days is None and found.at_least_days == 45


def test_nobody_watched_for_thirty_days_gives_no_share() -> None:
    found = first_value([case(None, 12), case(5, 12)])
    assert found.within_rate is None


def test_all_there_on_the_first_day_are_seen() -> None:
    """A length of nothing is a length, too."""
    found = first_value([case(0, 3), case(0, 3)])
    assert (found.reached, found.median_days, found.within_rate) == (2, 0, 1.0)


def naive_share(cases: list[Case], within: int) -> float:
    """Kaplan–Meier as the textbook writes it, day by day."""
    staying = 1.0
    for day in range(within + 1):
        at_risk = sum(it.days >= day for it in cases)
        got = sum(it.days == day and it.reached_on is not None for it in cases)
        if at_risk:
            staying *= 1 - got / at_risk
    return 1 - staying


@pytest.mark.parametrize("seed", range(20))
def test_two_roads_to_the_share_within_thirty_days(seed: int) -> None:
    draws = Random(seed)
    cases = []
    for _ in range(draws.randint(3, 60)):
        seen = draws.randint(0, 120)
        days = draws.randint(0, 120)
        cases.append(case(days if days <= seen else None, max(seen, 31)))
    assert first_value(cases).within_rate == pytest.approx(naive_share(cases, 30))


def test_groups_are_told_apart() -> None:
    found = by_group([case(3, group="S"), case(None, group="A"), case(5, group="S")])
    assert [(it.group, it.n, it.reached) for it in found] == [("A", 1, 0), ("S", 2, 2)]

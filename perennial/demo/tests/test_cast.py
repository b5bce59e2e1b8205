"""Each member of the cast is in its state on the last day of the data."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from perennial.demo.cast import CAST, CastCustomer, State, customer
from perennial.demo.company.model import Customer
from perennial.demo.company.write import draw_stories

END_ON = date(2026, 6, 30)


@pytest.fixture(scope="module")
def stories() -> dict[State, Customer]:
    return {
        story.cast.state: story
        for story in draw_stories(len(CAST), seed=1, end_on=END_ON)
        if story.cast
    }


def due_on(story: Customer) -> date:
    return max(service.end_on for service in story.services) - timedelta(days=1)


@pytest.mark.parametrize("member", CAST, ids=lambda member: member.state.value)
def test_the_last_term_falls_due_as_written(
    stories: dict[State, Customer], member: CastCustomer
) -> None:
    assert due_on(stories[member.state]) == END_ON + timedelta(days=member.due_in_days)


def test_every_state_has_one_customer() -> None:
    assert [customer(state).state for state in State] == list(State)
    assert len({member.external_id for member in CAST}) == len(CAST)


def test_the_blooming_one_grew_to_its_amount(stories: dict[State, Customer]) -> None:
    blooming = stories[State.BLOOMING]
    assert abs(blooming.arr - customer(State.BLOOMING).arr) < 2_000
    assert [order.kind for order in blooming.orders if order.line == 1].count("renewal") == 2


def test_the_planted_one_has_just_begun(stories: dict[State, Customer]) -> None:
    begun = stories[State.PLANTED].first_on
    assert 0 <= (END_ON - begun).days <= 14


def test_the_lost_one_did_not_renew(stories: dict[State, Customer]) -> None:
    lost = stories[State.LOST]
    assert lost.outcomes[-1].outcome == "churn"
    assert not lost.renewals[-1].renewed
    assert lost.declines[0].starts_on < due_on(lost) - timedelta(days=90)


def test_the_wilting_one_lost_its_sponsor_before_usage_fell(
    stories: dict[State, Customer],
) -> None:
    wilting = stories[State.WILTING]
    sponsor = wilting.people[0]
    assert sponsor.grade == "S"
    assert sponsor.to_on
    assert sponsor.to_on < wilting.declines[0].starts_on <= END_ON - timedelta(days=14)


def test_the_paused_one_is_paused_today(stories: dict[State, Customer]) -> None:
    rest = stories[State.PAUSED].pauses[-1]
    assert rest.start_on <= END_ON < rest.end_on


@pytest.mark.parametrize("page", ["demo.md", "demo.zh.md"])
def test_the_guide_names_every_state_customer_and_day(page: str) -> None:
    guide = Path(__file__).parents[3] / "docs" / "guide" / page
    lines = {
        line.split("`")[1]: line for line in guide.read_text("utf-8").splitlines() if "| `" in line
    }
    for member in CAST:
        row = lines[member.state]
        assert member.name.zh in row
        days = (
            member.sponsor_left_days_ago,
            member.paused_days_ago,
            member.fall.days_ago if member.fall and member.state is not State.LOST else None,
        )
        assert all(str(day) in row for day in days if day is not None)
    assert "21" in lines[State.DUE]
    assert {"truth/drops.csv", "truth/renewals.csv", "truth/parameters.json"} <= set(lines)

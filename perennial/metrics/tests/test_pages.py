"""Pages of metrics: what they show of whose customers, and what may be defined on them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine

from perennial.customers.models import Customer
from perennial.metrics.models import Goal, OwnMetric
from perennial.metrics.queries.book import Looked, last_whole, look
from perennial.metrics.queries.named import all_metrics
from perennial.metrics.rules.book import book_figure
from perennial.metrics.rules.periods import Grain
from perennial.metrics.tests.conftest import Fact
from perennial.team.models import Role, User

NOW = datetime(2026, 11, 4, 4, tzinfo=UTC)  # a Wednesday
TODAY = date(2026, 11, 3)
FACTS = [
    Fact(date(2026, 10, 27), "acme", "ann", "deal", properties={"plan": "pro"}),
    Fact(date(2026, 10, 28), "acme", "bob", "deal"),
    Fact(date(2026, 10, 28), "globex", "gil", "login", value=5),
    Fact(date(2026, 10, 20), "globex", "gil", "login"),
    Fact(date(2026, 11, 2), "acme", "ann", "login", value=100),  # of a week that has not ended
]


@pytest.fixture
def csm(db):
    return User.objects.create(email="c@x.invalid", name="Cas", role=Role.CSM)


@pytest.fixture
def seen(happen, csm):
    for name, owner in (("acme", csm), ("globex", None)):
        Customer.objects.create(
            external_id=name,
            name=name.title(),
            created_on=date(2020, 1, 1),
            recorded_at=NOW,
            owner=owner,
        )
    happen(FACTS)


@pytest.fixture
def page(client, seen):
    admin = User.objects.create(email="a@x.invalid", name="Ada", role=Role.ADMIN)
    client.force_login(admin)
    with time_machine.travel(NOW, tick=False):
        yield client


def text(answer) -> str:
    return str(answer.content.decode())


FIGURES = [
    pytest.param("event_count", [1, None, 4], (5, 2, 1), id="counts add up"),
    pytest.param("stickiness", [0.2, 0.9, 0.4], (0.4, 3, 0), id="shares are the median"),
    pytest.param("active_days", [None], (None, 0, 1), id="unknown is not zero"),
    pytest.param("active_people", [], (None, 0, 0), id="nobody"),
]


@pytest.mark.parametrize(("metric", "values", "expected"), FIGURES)
def test_a_book_has_one_figure(metric, values, expected):
    found = book_figure(metric, values)
    assert (found.value, found.known, found.unknown) == expected


WHOLE = [
    pytest.param(Grain.DAY, date(2026, 11, 3), id="a day"),
    pytest.param(Grain.WEEK, date(2026, 11, 1), id="a week that has ended"),
    pytest.param(Grain.MONTH, date(2026, 10, 31), id="a month that has ended"),
]


@pytest.mark.parametrize(("grain", "expected"), WHOLE)
def test_only_whole_periods_are_shown(grain, expected):
    assert last_whole(TODAY, grain) == expected


def test_a_metric_shows_its_weeks_and_the_customers_behind_the_last(page):
    said = text(page.get("/metrics/of/event_count/"))
    assert "Acme" in said and "Globex" in said
    assert "<h2>7</h2>" in said
    deals = text(page.get("/metrics/of/event_count/?event=deal&where=plan%3Dpro"))
    assert "<h2>1</h2>" in deals and "Globex" not in deals
    people = text(page.get("/metrics/of/event_count/?by=person&grain=month"))
    assert "gil" in people and "<h2>8</h2>" in people
    file = text(page.get("/metrics/of/event_count.csv"))
    assert "globex,5.0" in file and "acme,2.0" in file


def test_a_csm_sees_figures_of_own_customers_only(page, client, csm):
    client.force_login(csm)
    for path in ("/metrics/of/event_count/", "/metrics/of/event_count.csv", "/metrics/"):
        assert "lobex" not in text(client.get(path))
    assert "<h2>2</h2>" in text(client.get("/metrics/of/event_count/"))
    assert "gil" not in text(client.get("/metrics/of/event_count/?by=person"))
    assert client.get("/metrics/own/add/").status_code == 403
    assert client.post("/metrics/goals/", {"goals_needed": 1}).status_code == 403


def test_every_metric_of_the_catalogue_has_a_page_and_a_card(page):
    listed = text(page.get("/metrics/"))
    for named in all_metrics():
        assert f"/metrics/of/{named.name}/" in listed
        assert page.get(f"/metrics/of/{named.name}/").status_code == 200
        assert page.get(f"/metrics/of/{named.name}/card/").status_code == 200
    assert page.get("/metrics/of/nothing/").status_code == 404


def test_a_wrong_question_says_so_beside_it(page):
    answer = page.get("/metrics/of/event_count/?window=0&where=plan")
    assert answer.status_code == 422
    assert "Write property=value" in text(answer)


OWN = {
    "name": "deals_won",
    "title_zh": "赢单",
    "title_en": "Deals won",
    "base": "event_count",
    "event": "deal",
    "where": "plan=pro",
}


def test_an_own_metric_is_previewed_on_real_customers_kept_changed_and_retired(page):
    said = text(page.get("/metrics/own/preview/", OWN))
    assert "Acme" in said and "Globex" not in said
    assert page.post("/metrics/own/add/", OWN).status_code == 302
    assert "Deals won" in text(page.get("/metrics/"))
    page.post("/metrics/own/deals_won/", OWN | {"where": ""})
    versions = OwnMetric.objects.values_list("version", "where")
    assert list(versions) == [(1, [["plan", "pro"]]), (2, [])]
    assert page.post("/metrics/own/deals_won/retire/").status_code == 302
    assert "Deals won" not in text(page.get("/metrics/"))
    taken = page.post("/metrics/own/add/", OWN | {"name": "event_count"})
    assert taken.status_code == 422
    assert "is the name of a shipped metric" in text(taken)


GOAL = {
    "name": "busy",
    "title_zh": "常用",
    "title_en": "Busy",
    "metric": "event_count",
    "comparison": "at_least",
    "target": "6",
    "window_days": "28",
}


def test_a_goal_is_previewed_set_and_taken_back(page):
    said = text(page.get("/metrics/goals/preview/", GOAL))
    assert "<b>2</b> customers meet it, <b>0</b> do not" in said
    assert page.post("/metrics/goals/add/", GOAL | {"target": "50"}).status_code == 302
    listed = text(page.get("/metrics/goals/"))
    assert "Busy" in listed and "50%" in listed
    assert page.post("/metrics/goals/busy/", GOAL | {"metric": "nothing"}).status_code == 422
    assert page.post("/metrics/goals/busy/drop/").status_code == 302
    assert not Goal.objects.exists()


def test_the_rule_of_activity_is_set_on_the_page_of_goals(page):
    rule = {"goals_needed": "2", "active_days": "14", "silent_days": "30"}
    assert page.post("/metrics/goals/", rule).status_code == 302
    assert 'value="14"' in text(page.get("/metrics/goals/"))
    assert page.post("/metrics/goals/", rule | {"silent_days": "0"}).status_code == 422


def test_figures_of_the_page_are_those_of_the_same_question_elsewhere(page, csm):
    named = next(it for it in all_metrics() if it.name == "active_people")
    admin = User.objects.get(role=Role.ADMIN)
    found = look(admin, Looked(named), as_of=TODAY)
    assert [point.figure.value for point in found.points[-2:]] == [1, 3]
    assert [(line.of, line.value) for line in found.lines] == [("acme", 2), ("globex", 1)]

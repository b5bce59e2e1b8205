"""The cohort table through HTTP: its figures, switches, clocks, roles and file."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
import time_machine

from perennial.customers.models import Customer
from perennial.revenue import jobs
from perennial.revenue.tests.scene import AS_OF, NOW, customer, log_in, noon, order
from perennial.team.models import Role, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def company() -> dict[str, Customer]:
    """2026-Q1: two come with 100 each; in Q2 one grows to 150, in Q3 the other leaves."""
    made = {name: customer(name) for name in ("grows", "leaves", "later")}
    order(made["grows"], "g", date(2026, 1, 5), 100)
    order(made["grows"], "g2", date(2026, 5, 1), 50, kind="addon")
    order(made["leaves"], "l", date(2026, 2, 1), 100, end_on=date(2026, 8, 1))
    order(made["later"], "n", date(2026, 4, 10), 70)
    jobs.fill(day=AS_OF)
    return made


def cells(page, label: str) -> list[str]:
    (row,) = (row for row in page.context["rows"] if row.label == label)
    return [cell.text for cell in row.cells if cell.text]


@pytest.mark.parametrize(
    ("metric", "first_quarter"),
    [
        ("logo", ["100%", "100%", "50%"]),
        ("grr", ["100%", "100%", "50%"]),
        ("nrr", ["100%", "125%", "75%"]),
    ],
)
def test_each_figure_of_a_cohort(company, metric, first_quarter):
    page = log_in(Role.FINANCE).get(f"/revenue/cohorts/?metric={metric}")
    assert cells(page, "2026-Q1") == first_quarter
    assert cells(page, "2026-Q2") == ["100%", "100%"]


def test_what_is_not_over_is_empty(company):
    page = log_in(Role.FINANCE).get("/revenue/cohorts/")
    assert date(2026, 12, 31) > AS_OF
    assert cells(page, "2026-Q4") == []


def test_all_new_revenue_stands_in_a_cohort(company):
    client = log_in(Role.FINANCE)
    rows = client.get("/revenue/cohorts/?cohort=year").context["rows"]
    new = client.get("/revenue/?grain=year&period=2026&report=activity").context["report"]
    (this_year,) = (row for row in rows if row.label == "2026")
    assert (this_year.size, new.counts["new"]) == (3, 3)


def test_by_renewal_cycle(company):
    order(
        company["leaves"], "l2", date(2026, 8, 1), 90, kind="renewal", renews=["l"],
        signed_on=date(2026, 7, 20), end_on=date(2027, 2, 1),
    )  # fmt: skip
    jobs.fill(day=AS_OF)
    page = log_in(Role.FINANCE).get("/revenue/cohorts/?by=cycle&metric=grr&cohort=quarter")
    assert cells(page, "2026-Q1") == ["100%", "90%"]
    assert "Columns are renewals" in page.content.decode()


def test_the_table_is_a_part_for_the_revenue_page(company):
    client = log_in(Role.FINANCE)
    assert 'hx-get="/revenue/cohorts/?"' in client.get("/revenue/").content.decode()
    part = client.get("/revenue/cohorts/", headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith("<section") and "<html" not in part


def test_an_own_book_has_its_own_cohorts(company):
    client = log_in(Role.CSM)
    User.objects.get().customers.set([company["grows"]])
    page = client.get("/revenue/cohorts/")
    assert cells(page, "2026-Q1") == ["100%", "150%", "150%"]
    assert "my book" in page.content.decode()


def test_what_was_not_known_yet_is_not_in_the_table(company):
    order(company["later"], "late", date(2026, 7, 1), 700, recorded_at=noon(date(2026, 11, 20)))
    jobs.fill(day=AS_OF)
    client = log_in(Role.FINANCE)
    assert cells(client.get("/revenue/cohorts/"), "2026-Q2") == ["100%", "1,100%"]
    known = client.get("/revenue/cohorts/?known_at=2026-11-10")
    assert cells(known, "2026-Q2") == ["100%", "100%"]
    assert "<b>As known on 2026-11-10" in known.content.decode()


def test_the_file_holds_what_is_on_the_screen(company):
    answer = log_in(Role.FINANCE).get("/revenue/cohorts.csv?metric=nrr")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    (first,) = (row for row in rows if row["cohort"] == "2026-Q1")
    told = (first["size"], first["start_mrr"], first["1"], first["2"], first["3"])
    assert told == ("2", "200.00", "1.250000", "0.750000", "")
    assert rows[-1]["1"] == "1.185185"  # (250 + 70) / (200 + 70): weighted by the start


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.VIEWER])
@pytest.mark.parametrize("path", ["cohorts/", "cohorts.csv"])
def test_roles_without_money_are_refused(role, path):
    assert log_in(role).get(f"/revenue/{path}").status_code == 403


def test_an_unknown_amount_empties_the_cells_that_need_it(company):
    order(company["later"], "usd", date(2026, 7, 1), 10, currency="USD")
    jobs.fill(day=AS_OF)
    page = log_in(Role.FINANCE).get("/revenue/cohorts/?metric=nrr")
    assert cells(page, "2026-Q2") == ["100%"]
    assert "Enter plan rates" in page.content.decode()
    logos = log_in(Role.FINANCE).get("/revenue/cohorts/?metric=logo")
    assert cells(logos, "2026-Q2") == ["100%", "100%"]

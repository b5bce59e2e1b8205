"""Closes through HTTP: what was reported stays, what came later shows."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, timedelta
from fractions import Fraction
from hashlib import sha256

import pytest
import time_machine
from django.test import Client

from perennial.contracts.models import OrderLine
from perennial.customers.models import Customer
from perennial.revenue import actions, jobs
from perennial.revenue.models import Close, CloseLine
from perennial.revenue.queries import Book
from perennial.revenue.queries.closes import is_intact
from perennial.revenue.queries.restatements import corrected, restated
from perennial.revenue.rules import Movement
from perennial.revenue.tests.scene import (
    AS_OF,
    KNOWN,
    NOW,
    OCTOBER,
    boss,
    company_of_october,
    corrections,
    log_in,
    noon,
    order,
)
from perennial.team.models import Role, Team, User
from perennial.units.errors import InputRefused
from perennial.units.period import Grain, Period, period_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def company() -> dict[str, Customer]:
    return company_of_october()


def close(known_on: date = KNOWN, period: Period = OCTOBER, at: datetime = NOW) -> Close:
    return actions.close_period(period, known_on=known_on, note="as sent", by=None, at=at)


def test_a_close_keeps_figures_definitions_and_customers(company):
    kept = close()
    row = kept.figures["net"]["periods"][0]
    assert (row["start"], row["new"], row["churn"], row["end"]) == (
        "1200.00", "300.00", "-200.00", "1300.00",
    )  # fmt: skip
    assert kept.definitions["churn_recognition"] == "service_end"
    assert kept.figures["retention"]["nrr"] == 0.833333
    assert kept.figures["renewals"]["due_customers"] == 1
    after = sum(Fraction(line.after_exact) for line in kept.lines.all())
    assert after == Fraction(kept.figures["exact"]["amounts"]["end"]) == 1300
    assert is_intact(kept)


def test_the_document_of_a_close_proves_itself(company):
    kept = close()
    answer = log_in(Role.FINANCE).get(f"/revenue/closes/{kept.pk}/close.json")
    assert sha256(answer.content).hexdigest() == kept.fingerprint


def test_a_changed_close_is_found_out(company):
    kept = close()
    CloseLine.objects.filter(close=kept, customer=company["stays"]).update(after_exact="1001")
    assert not is_intact(kept)
    text = log_in(Role.FINANCE).get(f"/revenue/closes/{kept.pk}/").content.decode()
    assert "the fingerprint does not match" in text


def test_a_late_correction_changes_no_close_and_shows_as_a_restatement(company):
    kept = close()
    before = kept.fingerprint
    corrections(company)
    kept.refresh_from_db()
    assert kept.fingerprint == before and is_intact(kept)
    rows = {row.name: row for row in restated(kept)}
    told = {name: (row.frozen, row.corrections, row.now) for name, row in rows.items()}
    assert told["start"] == (1200, 0, 1200)
    assert told["new"] == (300, 70, 370)
    assert told["churn"] == (-200, 200, 0)
    assert told["contraction"] == (0, -50, -50)
    assert told["end"] == (1300, 220, 1520)
    assert {row.redefined for row in rows.values()} == {0}


def test_frozen_and_restatement_make_what_is_restated_now_on_fractions(company):
    order(company["stays"], "third", date(2026, 10, 3), 0, recurring_amount=100,
          basis="interval", interval_months=3, kind="addon")  # fmt: skip
    kept = close()
    corrections(company)
    actions.define("pause_policy", value="keep", by=None, at=NOW)
    rows = {row.name: row for row in restated(kept)}
    for row in rows.values():
        assert row.now == row.frozen + (row.corrections or 0) + (row.redefined or 0)
    for part in ("frozen", "corrections", "redefined", "now"):
        amounts = {name: getattr(row, part) for name, row in rows.items()}
        moved = sum(amounts[kind] for kind in Movement) + amounts["fx"]
        assert amounts["start"] + moved == amounts["end"]
    assert rows["end"].frozen == 1300 + Fraction(100, 3)


def test_a_look_before_the_day_has_run_is_not_kept_for_good(company):
    kept = close()
    order(company["comes"], "c2", date(2026, 10, 12), 5, recorded_at=noon(date(2026, 11, 10)))
    assert restated(kept)[-1].change == 0  # the day has not followed yet
    jobs.fill(day=AS_OF)
    assert restated(kept)[-1].change == 5


def test_a_restatement_names_customers_and_records(company):
    kept = close()
    corrections(company)
    found = corrected(kept, Book(boss()))
    told = {it.customer.name: (it.kind, it.kind_now, it.change) for it in found}
    assert told == {"leaves": ("churn", "contraction", 150), "forgotten": ("", "new", 70)}
    assert [record.number for it in found for record in it.records] == ["l2", "f"]
    page = log_in(Role.FINANCE).get(f"/revenue/closes/{kept.pk}/")
    text = page.content.decode()
    assert "2 customers corrected since" in text and "forgotten" in text and "l2" in text


def test_changed_definitions_are_told_apart_from_corrections(company):
    order(
        company["stays"], "x", date(2026, 12, 1), 0, kind="cancellation", renews=["s"],
        recurring_amount=None, basis="none", signed_on=date(2026, 10, 15),
        recorded_at=noon(date(2026, 10, 15)),
    )  # fmt: skip
    jobs.fill(day=AS_OF)
    kept = close()
    actions.define("churn_recognition", value="on_notice", by=None, at=NOW)
    end = restated(kept)[-1]
    assert (end.frozen, end.corrections, end.redefined, end.now) == (1300, 0, -1000, 300)
    assert corrected(kept, Book(boss())) == []


def test_the_next_period_starts_where_the_closed_one_ended(company):
    close()
    corrections(company)
    client = log_in(Role.FINANCE)
    page = client.get("/revenue/?period=2026-11")
    shown = page.context
    assert shown["frozen"].end + shown["restatement"] == shown["start"] == 1520
    assert shown["start"] + shown["report"].net == shown["end"]
    assert "End of 2026-10 as closed" in page.content.decode()
    assert "Restatement: +¥220" in page.content.decode()  # its bar
    assert (
        "closed as known on 2026-11-05" in client.get("/revenue/?period=2026-10").content.decode()
    )


@pytest.mark.parametrize(
    ("query", "end"),
    [("&known_at=2026-11-05", 1300), ("&known_at=2026-11-10", 1520), ("", 1520)],
)
def test_each_clock_shows_what_was_known(company, query, end):
    corrections(company)
    client = log_in(Role.FINANCE)
    page = client.get(f"/revenue/?period=2026-10{query}")
    assert page.context["end"] == end
    assert ("<b>As known on" in page.content.decode()) is bool(query)
    behind = client.get(f"/revenue/customers/?period=2026-10{query}").context
    assert behind["total"] == end == sum(payer.state.mrr for payer in behind["payers"])
    movers = client.get(f"/revenue/movers/?period=2026-10{query}").context
    assert movers["total"] == end - 1200
    (row,) = csv.DictReader(
        io.StringIO(
            client.get(f"/revenue/movements.csv?period=2026-10{query}").content.decode("utf-8-sig")
        )
    )
    assert row["end"] == f"{end}.00" and row["known_at"] == query[-10:]


def test_a_wrong_close_is_replaced_and_stays(company):
    first = close()
    corrections(company)
    second = close(known_on=AS_OF, at=NOW + timedelta(minutes=1))
    assert Close.objects.count() == 2 and is_intact(first) and is_intact(second)
    client = log_in(Role.LEADER)
    assert (
        "A later close of the same period"
        in client.get(f"/revenue/closes/{first.pk}/").content.decode()
    )
    page = client.get("/revenue/closes/")
    told = [(frozen.end, frozen.in_force, end.change) for frozen, end in page.context["closes"]]
    assert told == [(1520, True, 0), (1300, False, 220)]
    november = client.get("/revenue/?period=2026-11").context
    assert november["frozen"].pk == second.pk and november["restatement"] == 0


@pytest.mark.parametrize(
    ("known_on", "label", "says"),
    [
        (AS_OF, "2026-11", "is not over"),
        (date(2026, 10, 30), "2026-10", "on its last day or later"),
        (NOW.date(), "2026-10", "today is not over"),
    ],
)
def test_what_is_not_settled_is_not_closed(company, known_on, label, says):
    period = OCTOBER if label == "2026-10" else period_of(AS_OF, Grain.MONTH)
    with pytest.raises(InputRefused, match=r"\{period\}|today") as refused:
        close(known_on=known_on, period=period)
    assert says in refused.value.message and not Close.objects.exists()


def test_unknown_figures_are_not_frozen(company):
    order(company["comes"], "usd", date(2026, 10, 5), 10, currency="USD")
    page = log_in(Role.FINANCE).post(
        "/revenue/closes/", {"period": "2026-10", "known_on": "2026-11-05"}
    )
    assert page.status_code == 422
    assert "An exchange rate is missing." in page.content.decode()
    assert not Close.objects.exists()


def test_finance_closes_through_the_page(company):
    client = log_in(Role.FINANCE)
    page = client.get("/revenue/closes/?period=2026-10")
    assert "Nothing is closed yet" in page.content.decode()
    data = {"period": "2026-10", "known_on": "2026-11-05", "note": "sent to the board"}
    answer = client.post("/revenue/closes/", data)
    kept = Close.objects.get()
    assert answer.headers["Location"] == f"/revenue/closes/{kept.pk}/"
    text = client.get(answer.headers["Location"]).content.decode()
    assert "sent to the board" in text and kept.fingerprint in text


@pytest.mark.parametrize(
    ("role", "reads"),
    [
        (Role.ADMIN, 200), (Role.FINANCE, 200), (Role.LEADER, 200),
        (Role.CSM, 403), (Role.SUPPORT, 403), (Role.VIEWER, 403),
    ],
)  # fmt: skip
def test_closes_are_the_companys(company, role, reads):
    kept = close()
    client = log_in(role)
    for path in ("", f"{kept.pk}/", f"{kept.pk}/customers.csv", f"{kept.pk}/restatement.csv"):
        assert client.get(f"/revenue/closes/{path}").status_code == reads
    decides = role in (Role.ADMIN, Role.FINANCE)
    whole = client.get(f"/revenue/closes/{kept.pk}/close.json")
    assert whole.status_code == (200 if decides else 403)
    posted = client.post("/revenue/closes/", {"period": "2026-10", "known_on": "2026-11-06"})
    assert posted.status_code == (302 if decides else 403)


def test_a_close_that_is_not_there_is_not_found(company):
    assert log_in(Role.ADMIN).get("/revenue/closes/4711/").status_code == 404


def rows(client: Client, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(path).content.decode("utf-8-sig"))))


def test_a_leader_sees_the_close_but_no_names_of_other_teams(company):
    kept = close()
    corrections(company)
    client = log_in(Role.LEADER)
    User.objects.update(team=Team.objects.create(name="East"))
    west = User.objects.create(email="w@x.invalid", team=Team.objects.create(name="West"))
    Customer.objects.update(owner=west)
    for path in (f"/revenue/closes/{kept.pk}/", f"/revenue/closes/{kept.pk}/customers.csv",
                 f"/revenue/closes/{kept.pk}/restatement.csv"):  # fmt: skip
        text = client.get(path).content.decode()
        assert "another team" in text
        assert not [word for word in ("forgotten", ">stays", "order l2") if word in text]


def test_the_file_of_a_close_is_the_frozen_one(company):
    kept = close()
    corrections(company)
    OrderLine.objects.filter(order_id="s").delete()
    jobs.fill(day=AS_OF)
    client = log_in(Role.FINANCE)
    told = {
        row["customer_id"]: row["after_mrr"]
        for row in rows(client, f"/revenue/closes/{kept.pk}/customers.csv")
    }
    assert told == {"stays": "1000.00", "comes": "300.00", "leaves": "0.00"}
    changed = rows(client, f"/revenue/closes/{kept.pk}/restatement.csv")
    assert {row["customer_id"]: row["change"] for row in changed} == {
        "stays": "-1000.00", "leaves": "150.00", "forgotten": "70.00",
    }  # fmt: skip

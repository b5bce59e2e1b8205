"""Both clocks through HTTP: every page shows what was known on the day that it names."""

from __future__ import annotations

import csv
import io
from datetime import date
from fractions import Fraction

import pytest
import time_machine

from perennial.contracts.models import Invoice
from perennial.customers.models import Customer
from perennial.revenue import actions, jobs
from perennial.revenue.engine import FastBook
from perennial.revenue.queries import Book
from perennial.revenue.queries.differences import differences
from perennial.revenue.queries.restatements import corrected, restated
from perennial.revenue.queries.sources import source
from perennial.revenue.rules import Report
from perennial.revenue.tests.roads import kept as rates_of
from perennial.revenue.tests.roads import told
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
)
from perennial.team.models import Role, User
from perennial.units.period import Grain, periods_between

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def company() -> dict[str, Customer]:
    return company_of_october()


def test_the_links_of_a_page_keep_its_clocks(company):
    page = log_in(Role.FINANCE).get("/revenue/?period=2026-11&known_at=2026-11-05&as_of=2026-11-03")
    text = page.content.decode()
    assert page.context["shown"].period.last_on == date(2026, 11, 3)
    assert "&amp;as_of=2026-11-03&amp;known_at=2026-11-05" in text
    assert text.count("known_at=2026-11-05") > 15


def test_what_changed_since_is_told_movement_by_movement(company):
    corrections(company)
    book = Book(boss(), KNOWN)
    changes = {row.name: row.change for row in differences(User.objects.get(), book, OCTOBER)}
    assert changes == {
        "start": 0, "new": 70, "expansion": 0, "reactivation": 0, "contraction": -50,
        "churn": 200, "end": 220,
    }  # fmt: skip


def test_known_today_is_the_kept_road(company):
    """K = today from the ledger equals what the day keeps, figure by figure."""
    corrections(company)
    user = boss()
    kept, worked_out = Book(user), Book(user, stands_on=source(NOW.date()))
    assert kept.source.is_kept and not worked_out.source.is_kept
    for period in periods_between(date(2025, 1, 1), AS_OF, Grain.MONTH):
        assert told(kept.movements(period)) == told(worked_out.movements(period))
        assert rates_of(kept.retention(period)) == rates_of(worked_out.retention(period))


def test_a_past_days_knowledge_is_the_same_on_both_roads(company):
    """What pages show of it comes by the fast road; one customer is in arrears."""
    corrections(company)
    Invoice.objects.create(
        external_id="i", customer=company["stays"], issued_on=date(2026, 8, 1), amount=100,
        due_on=date(2026, 9, 1), currency="CNY", recorded_at=noon(date(2026, 8, 1)),
    )  # fmt: skip
    book = Book(boss(), KNOWN)
    assert isinstance(book.figures, FastBook)
    for period in periods_between(date(2025, 1, 1), AS_OF, Grain.MONTH):
        for report in Report:
            exact = book.histories.movements(period, report)
            assert told(book.movements(period, report)) == told(exact)
            assert len(book.ranked(period, None, report)) == sum(exact.counts.values())
        between = period.eve_on, period.last_on
        assert rates_of(book.retention(period)) == rates_of(book.histories.retention(*between))
        assert book.states(period.last_on) == book.histories.states(period.last_on)


def test_a_payment_does_not_change_what_was_known_before_it(company):
    """In arrears on the day of the close; the payment comes later and restates it."""
    owed = Invoice.objects.create(
        external_id="i", customer=company["stays"], issued_on=date(2026, 8, 1), amount=100,
        due_on=date(2026, 9, 1), currency="CNY", recorded_at=noon(date(2026, 8, 1)),
    )  # fmt: skip
    jobs.fill(day=AS_OF)
    kept = actions.close_period(OCTOBER, known_on=KNOWN, by=None, at=NOW)
    client = log_in(Role.FINANCE)
    before = client.get("/revenue/?period=2026-10&known_at=2026-11-05").context["report"]
    owed.paid_on, owed.recorded_at = date(2026, 11, 12), noon(date(2026, 11, 12))
    owed.save()
    jobs.fill(day=AS_OF)
    after = client.get("/revenue/?period=2026-10&known_at=2026-11-05").context["report"]
    assert before == after and before.end == 300
    assert restated(kept)[-1].change == 0  # it came back in November, not in October
    assert client.get("/revenue/?period=2026-11").context["report"].amounts["reactivation"] == 1000


def test_an_imported_correction_changes_nothing_that_was_known_before(company, perennial, tmp_path):
    """Imported on 22 November, effective in October; the commands and the page agree."""
    kept = actions.close_period(OCTOBER, known_on=KNOWN, by=None, at=NOW)
    file = tmp_path / "orders.csv"
    file.write_text(
        "order_id,customer_id,kind,start_on,mrr,currency\nB,comes,addon,2026-10-12,33.33,CNY\n"
    )
    done = perennial("import", "orders", file, "--recorded", "now", "--json")
    assert done.code == 0, done.err
    jobs.fill(day=AS_OF)
    client = log_in(Role.FINANCE)
    for query, flags, end in (
        ("&known_at=2026-11-21", ["--known-at", "2026-11-21"], "1300.00"),
        ("", [], "1333.33"),
    ):
        (row,) = csv.DictReader(
            io.StringIO(
                client.get(f"/revenue/movements.csv?period=2026-10{query}").content.decode(
                    "utf-8-sig"
                )
            )
        )
        told = perennial(
            "revenue", "movements", "--from", "2026-10", "--to", "2026-10", *flags, "--json"
        ).document["periods"][0]
        assert row["end"] == told["end"] == end
        assert row["new"] == told["new"] and row["nrr"] == f"{told['nrr']:.6f}"
    assert {row.name: row.corrections for row in restated(kept)}["new"] == Fraction("33.33")
    (found,) = corrected(kept, Book(boss()))
    assert [record.number for record in found.records] == ["B"]

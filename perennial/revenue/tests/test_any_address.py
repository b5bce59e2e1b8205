"""No address, role or state of the ledger makes a revenue page fail."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest
import time_machine
from django.utils.http import urlencode

from perennial.customers.models import Customer
from perennial.revenue import jobs
from perennial.revenue.models import Definition
from perennial.revenue.tests.scene import (
    AS_OF,
    NOW,
    company_of_october,
    customer,
    log_in,
    order,
)
from perennial.team.models import Role

pytestmark = pytest.mark.django_db
PAGES = (
    "", "movers/", "customers/", "movements.csv", "movers.csv", "cohorts/", "cohorts.csv",
    "closes/", "definitions/", "expansion/", "expansion.csv", "planner/", "planner.csv",
    "renewals/", "renewals.csv", "renewal-rates.csv", "economics/", "economics.csv",
    "renewals/exclusion/", "expansion/credit/",
)  # fmt: skip
DAYS = (
    "0001-01-01", "9999-12-31", "1900-01-01", "8999-12-31", "2024-02-29", "2025-02-29",
    "2026-10-31", "2026-W01-1", "20261031", "x", "", "\0",
)  # fmt: skip
VALUES = {
    "as_of": DAYS, "known_at": DAYS, "grain": ("month", "quarter", "year", "day", "x" * 9999),
    "period": ("2026-10", "2026-Q3", "2024-02", "1900", "9999-12", "0000", "2026-Q5", "२०२६"),
    "report": ("net", "activity", "?"), "kind": ("new", "churn", "\0"), "at": ("start", "?"),
    "page": ("0", "-1", "9" * 30, "NaN", "2"), "metric": ("logo", "grr", "?"),
    "cohort": ("month", "year", "day"), "by": ("cycle", "industry", "product", "?"),
    "status": ("lost", "excluded", "upsold", "?"), "tier": ("S", "none", "<b>", "\0"),
    "list": ("csm", "unworked", "space", "?"), "months": ("3", "0", "1e9"),
    "view": ("service", "lifetime", "costs", "?"), "order": ("s", "?", "x" * 9999, "\0"),
    "renewal": ("1e400", "NaN", "-1", "１２", "9" * 400), "years": ("0", "10", "1/0"),
}  # fmt: skip

BEFORE = "?known_at=2020-01-01&as_of=2024-02-29&view=lifetime&list=space&by=cycle"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize("role", [Role.FINANCE, Role.CSM])
def test_any_question_has_an_answer(role):
    company = company_of_october()
    client = log_in(role)
    Customer.objects.filter(pk=company["stays"].pk).update(owner=client.session["_auth_user_id"])
    random = Random(f"{role}")
    for path in PAGES:
        for _round in range(3):
            names = random.sample(sorted(VALUES), random.randint(1, 7))
            query = urlencode([(name, random.choice(VALUES[name])) for name in names])
            answer = client.get(f"/revenue/{path}?{query}")
            assert answer.status_code in (200, 302, 403, 404), (path, query)


def trials() -> None:
    order(customer("tries"), "t", date(2026, 9, 1), 0, kind="trial", end_on=date(2026, 12, 1))


def zeros() -> None:
    order(customer("free"), "z", date(2026, 9, 1), 0)


def future() -> None:
    order(customer("signed"), "f", date(2027, 1, 1), 100, signed_on=date(2026, 11, 1),
          recorded_at=NOW)  # fmt: skip


def leap() -> None:
    order(customer("leap"), "l", date(2024, 2, 29), 100, end_on=date(2025, 2, 28))


@pytest.mark.parametrize("made", [list, trials, zeros, future, leap])
def test_every_page_opens_whatever_the_ledger_holds(made):
    made()
    jobs.fill(day=AS_OF)
    client = log_in(Role.FINANCE)
    for path in PAGES[:-2]:
        for query in ("", BEFORE):
            assert client.get(f"/revenue/{path}{query}").status_code == 200, (path, query)


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("definitions/grace_days/", {"value": "number", "number": "9" * 400}),
        ("definitions/grace_days/", {"value": "number", "number": "-1"}),
        ("definitions/grace_days/", {"value": "number", "number": "NaN"}),
        ("definitions/pause_policy/", {"value": "x" * 10_000}),
        ("definitions/nothing/", {"value": "1"}),
        ("rates/", {"currency": "USD", "rate": "NaN"}),
        ("rates/", {"currency": "USD", "rate": "1e400"}),
        ("rates/", {"currency": "\0\0\0", "rate": "7"}),
        ("closes/", {"period": "2026-10", "known_on": "9999-12-31"}),
        ("closes/", {"period": "9999", "known_on": "0001-01-01", "note": "x" * 10_000}),
        ("expansion/credit/?order=up", {"credited_to": "csm", "reason": "x" * 10_000}),
        ("renewals/exclusion/?order=up", {"reason": "closed", "evidence": "x" * 10_000}),
    ],
)
def test_what_cannot_be_decided_is_refused_in_words(path, given):
    of = customer("of")
    order(of, "up", date(2026, 2, 1), 5, kind="addon")
    jobs.fill(day=AS_OF)
    answer = log_in(Role.FINANCE).post(f"/revenue/{path}", given)
    assert answer.status_code == 422
    assert not Definition.objects.exists()

"""Facts of one customer in a few words, for tests of measures; days are counted back from DAY."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from perennial.contracts.models import Basis, Invoice, OrderKind, OrderLine
from perennial.customers.models import Customer, Person, Touch
from perennial.health.inputs.cases import Cases, Column
from perennial.health.inputs.reading import gather
from perennial.health.models import Opinion, Said
from perennial.health.tests.events import noon
from perennial.surveys.models import Answer, SurveyKind
from perennial.tickets.models import Ticket

DAY = date(2026, 6, 30)
START = date(2026, 1, 10)


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def read(source: str, customer: Customer, on: date = DAY, *, known: bool = False) -> Column:
    cases = Cases.of([customer.pk], [customer.external_id], [on], known=known)
    return gather(cases, [source])[source]


def value_of(column: Column) -> float | None:
    assert column.connected[0]
    return None if np.isnan(column.value[0]) else float(column.value[0])


def person(customer: Customer, key: str = "p1", **more: Any) -> Person:
    fields = {"name": key, "grade": "S", "recorded_at": noon(START)} | more
    return Person.objects.create(external_id=key, customer=customer, **fields)


def touched(customer: Customer, days: int, whom: Person | None = None) -> Touch:
    at = noon(ago(days))
    return Touch.objects.create(customer=customer, happened_at=at, person=whom, recorded_at=at)


def ticket(customer: Customer, opened: int, closed: int | None = None, kind: str = "bug") -> Ticket:
    return Ticket.objects.create(
        external_id=f"t{Ticket.objects.count()}",
        customer=customer,
        kind=kind,
        opened_at=noon(ago(opened)),
        closed_at=None if closed is None else noon(ago(closed)),
        recorded_at=noon(ago(opened)),
    )


def answered(customer: Customer, days: int, score: int, who: str, kind: SurveyKind) -> Answer:
    return Answer.objects.create(
        external_id=f"a{Answer.objects.count()}",
        customer=customer,
        kind=kind,
        score=score,
        person_id_text=who,
        answered_at=noon(ago(days)),
        recorded_at=noon(ago(days)),
    )


def invoiced(customer: Customer, due: int, paid: int | None = None) -> Invoice:
    return Invoice.objects.create(
        external_id=f"i{Invoice.objects.count()}",
        customer=customer,
        issued_on=ago(due + 30),
        due_on=ago(due),
        amount=Decimal(10),
        currency="CNY",
        paid_on=None if paid is None else ago(paid),
        recorded_at=noon(ago(due + 30)),
    )


def ordered(customer: Customer, start: int, seats: int, amount: int = 1200) -> OrderLine:
    return OrderLine.objects.create(
        order_id=f"o{OrderLine.objects.count()}",
        customer=customer,
        kind=OrderKind.NEW,
        seats=seats,
        start_on=ago(start),
        end_on=ago(start - 400),
        signed_on=ago(start),
        recurring_amount=Decimal(amount),
        basis=Basis.ARR,
        currency="CNY",
        recorded_at=noon(ago(start)),
    )


def said(
    customer: Customer, measure: Said, days: int, value: int, on: Person | None = None
) -> Opinion:
    return Opinion.objects.create(
        customer=customer,
        measure=measure,
        value=value,
        said_on=ago(days),
        person=on,
        recorded_at=noon(ago(days)),
    )


def company(name: str) -> Customer:
    return Customer.objects.create(
        external_id=name, name=name, created_on=START, recorded_at=noon(START)
    )

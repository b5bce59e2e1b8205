"""A small office for the tests of the desk: a book of three customers, and somebody outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from perennial.customers.models import Customer, Person
from perennial.customers.pinyin import search_key
from perennial.desk.models import CustomerFigures
from perennial.desk.queries import AS_OF
from perennial.team.models import InstallationFact, Role, Team, User
from perennial.work.models import Lane, Reason, WorkItem

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
ON = date(2026, 11, 21)


@dataclass(frozen=True, slots=True)
class Office:
    owner: User
    outsider: User
    leader: User
    admin: User
    viewer: User
    beijing: Customer
    shenzhen: Customer
    quiet: Customer
    person: Person
    item: WorkItem


def user(name: str, role: Role, team: Team | None = None) -> User:
    return User.objects.create(email=f"{name}@example.com", name=name, role=role, team=team)


def customer(name: str, owner: User | None, **figures: Any) -> Customer:
    """A customer with its figures; `name_en` stays empty."""
    one = Customer.objects.create(
        external_id=name,
        name=name,
        pinyin=search_key(name),
        owner=owner,
        tier=figures.pop("tier", ""),
        industry=figures.pop("industry", ""),
        recorded_at=NOW,
    )
    CustomerFigures.objects.create(customer=one, **figures)
    return one


def healthy(owner: User) -> Customer:
    return customer(
        "北京卓泽",
        owner,
        tier="S",
        arr=Decimal(480_000),
        mrr=Decimal(40_000),
        score=81.0,
        band="green",
        renewal_on=ON + timedelta(days=30),
        renewal_amount=Decimal(480_000),
        last_touch_on=ON,
        trend=[3, 4, 5],
    )


def falling(owner: User) -> Customer:
    return customer(
        "深圳铭森",
        owner,
        tier="A",
        arr=Decimal(120_000),
        score=38.0,
        score_before=49.0,
        score_change=-12.0,
        band="red",
        usage_trend_rate=-0.4,
        renewal_on=ON + timedelta(days=300),
        renewal_amount=Decimal(120_000),
    )


def office() -> Office:
    team = Team.objects.create(name="East")
    owner = user("owner", Role.CSM, team)
    beijing, shenzhen = healthy(owner), falling(owner)
    quiet = customer("Quiet Ltd", owner, stage="steady")
    InstallationFact.objects.create(name=AS_OF, value=ON.isoformat())
    return Office(
        owner=owner,
        outsider=user("outsider", Role.CSM),
        leader=user("leader", Role.LEADER, team),
        admin=user("admin", Role.ADMIN),
        viewer=user("viewer", Role.VIEWER),
        beijing=beijing,
        shenzhen=shenzhen,
        quiet=quiet,
        person=Person.objects.create(
            external_id="p1", customer=beijing, name="黄志强", grade="S", recorded_at=NOW
        ),
        item=work_item(shenzhen),
    )


def work_item(
    customer: Customer, *, rank_value: float = 5400.0, severity_rate: float = 0.6
) -> WorkItem:
    return WorkItem.objects.create(
        customer=customer,
        reason=Reason.RENEWAL_DUE,
        lane=Lane.RENEWAL,
        params={"days": 300, "amount": "120000", "currency": "CNY"},
        terms={
            "stake": "120000",
            "severity_rate": severity_rate,
            "chance_rate": 0.3,
            "urgency_rate": 0.5,
            "effort_hours": 2.0,
        },
        money_at_risk=Decimal(120_000),
        currency="CNY",
        rank_value=rank_value,
        due_on=ON + timedelta(days=300),
        raised_on=ON,
        last_fired_on=ON,
    )

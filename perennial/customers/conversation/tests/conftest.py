"""A customer with its CSM, a leader, and somebody who sees none of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from perennial.customers.models import Customer
from perennial.team.models import Role, Team, User

NOW = datetime(2026, 7, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Office:
    owner: User
    leader: User
    outsider: User
    viewer: User
    customer: Customer

    @property
    def talk(self) -> str:
        return f"/customers/{self.customer.pk}/talk/customer/{self.customer.pk}/"


def user(name: str, role: str = Role.CSM, team: Team | None = None) -> User:
    email = f"{name.lower()}@example.com"
    return User.objects.create(email=email, name=name, role=role, team=team)


@pytest.fixture
def office(db: None) -> Iterator[Office]:
    with time_machine.travel(NOW, tick=False):
        east = Team.objects.create(name="East")
        owner = user("Lin", team=east)
        customer = Customer.objects.create(
            external_id="c1", name="北京卓泽", owner=owner, recorded_at=NOW
        )
        yield Office(
            owner,
            user("Linda", Role.LEADER, east),
            user("Oscar"),
            user("Vera", Role.VIEWER),
            customer,
        )


@pytest.fixture
def as_user() -> Callable[[User], Client]:
    def log_in(one: User) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(one)
        return client

    return log_in

"""Time stands at the morning of 22 November 2026, in English."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.test import Client

from perennial.desk.tests.scene import NOW, Office
from perennial.desk.tests.scene import office as build_office
from perennial.team.models import User


@pytest.fixture
def office(db: None) -> Iterator[Office]:
    with time_machine.travel(NOW, tick=False):
        yield build_office()


@pytest.fixture
def as_user() -> Callable[[User], Client]:
    def log_in(user: User) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(user)
        return client

    return log_in

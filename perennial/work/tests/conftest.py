"""Time stands at nine in the morning of 1 July 2026 for those who ask for the office."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.test import Client

from perennial.team.models import User
from perennial.work.tests.scene import NOW, Office
from perennial.work.tests.scene import office as build_office


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

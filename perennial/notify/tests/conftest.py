from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from perennial.notify.tests.receiver import Receiver, receiving


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """A receiver on this machine, which the settings allow as a private host."""
    settings.PERENNIAL_ALLOW_PRIVATE_HOSTS = "127.0.0.1"
    settings.PERENNIAL_URL = "https://cs.example"
    with receiving() as box:
        yield box

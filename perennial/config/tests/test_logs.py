"""What is written down, and what never is."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from perennial.config.logs import Discreet
from perennial.team.actions import create_link


@pytest.mark.django_db
def test_a_log_in_link_that_still_works_is_not_written_down(
    client: Client, caplog: pytest.LogCaptureFixture
):
    token = create_link(None, by=None, at=datetime.now(UTC))
    answer = client.post(reverse("team:link", args=[token]), {"password": "short"})
    assert answer.status_code == 422
    assert token in caplog.text  # Django names the address of what it refuses …
    written = [Discreet().format(record) for record in caplog.records]
    assert written
    assert token not in "".join(written)  # … and our logs do not


def test_both_places_that_logs_go_to_are_discreet():
    handlers = [it for it in logging.getLogger().handlers if it.name in {"file", "stderr"}]
    assert len(handlers) == 2
    assert all(isinstance(it.formatter, Discreet) for it in handlers)

"""A lease has one holder, whoever asks at the same time, and none once the holder is gone."""

from __future__ import annotations

import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from perennial.team.lease import hold, holder_of, release, take
from perennial.team.models import Lease
from perennial.units.errors import Busy

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HERE = socket.gethostname()


@pytest.mark.django_db
def test_only_one_of_two_takes_a_free_lease():
    assert take("day", holder="north:1:0:0", at=NOW)
    assert not take("day", holder="south:1:0:0", at=NOW)
    assert Lease.objects.get(name="day").holder == "north:1:0:0"


@pytest.mark.django_db
def test_a_lease_of_another_machine_is_free_once_it_was_not_renewed():
    take("day", holder="north:1:0:0", at=NOW)
    assert not take("day", holder="south:1:0:0", at=NOW + timedelta(seconds=119))
    assert take("day", holder="south:1:0:0", at=NOW + timedelta(seconds=121))


@pytest.mark.django_db
def test_a_process_that_died_on_this_machine_loses_its_lease_at_once():
    take("day", holder=f"{HERE}:999999999:5:0", at=NOW)
    assert take("day", holder="south:1:0:0", at=NOW)


@pytest.mark.django_db
def test_a_released_lease_is_free_at_once():
    take("day", holder="north:1:0:0", at=NOW)
    release("day", holder="north:1:0:0")
    assert take("day", holder="south:1:0:0", at=NOW)


@pytest.mark.django_db
def test_a_nested_hold_leaves_the_outer_one_standing():
    with hold("day"):
        with hold("day"):
            pass
        assert holder_of("day")
    assert holder_of("day") is None


@pytest.mark.django_db
def test_a_lease_is_given_back_when_the_work_fails():
    with pytest.raises(RuntimeError), hold("day"):
        raise RuntimeError
    assert holder_of("day") is None


@pytest.mark.django_db(transaction=True)
def test_another_thread_of_the_same_process_is_somebody_else():
    outcomes: list[str] = []

    def other() -> None:
        try:
            with hold("day"):
                outcomes.append("held")
        except Busy as busy:
            outcomes.append(busy.code)
        finally:
            connection.close()

    with hold("day"):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert outcomes == ["busy"]

"""What is to be told is told once, whoever asks at the same time."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction

from perennial.alerts.actions import claim_changes
from perennial.alerts.models import Alert, AlertChange, Rule
from perennial.customers.models import Customer

NOW = datetime(2026, 7, 1, tzinfo=UTC)
DAY = date(2026, 6, 30)
CHANGES = 20


def changes() -> None:
    for number in range(CHANGES):
        customer = Customer.objects.create(
            external_id=f"c{number}", name=f"客户{number}", recorded_at=NOW
        )
        alert = Alert.objects.create(
            customer=customer, rule=Rule.SILENT, metric="event_count", severity=1,
            since_on=DAY, raised_on=DAY, last_fired_on=DAY,
        )  # fmt: skip
        AlertChange.objects.create(alert=alert, changed_on=DAY, step="raised")


def in_a_file(folder: Path) -> Path:
    """The test's database in a file: one in memory locks whole tables between connections."""
    file = folder / "copy.sqlite3"
    with closing(sqlite3.connect(file)) as copy:
        connection.ensure_connection()
        connection.connection.backup(copy)
    return file


@pytest.mark.django_db(transaction=True)
def test_of_two_tellers_at_once_each_change_has_one(tmp_path: Path):
    changes()
    wanted = sorted(AlertChange.objects.values_list("pk", flat=True))
    file = in_a_file(tmp_path) if connection.vendor == "sqlite" else None
    won: list[list[int]] = []
    together = Barrier(2)

    def tell() -> None:
        own = connection.settings_dict
        if file:
            own = {**own, "NAME": str(file)}
        connection.settings_dict = own
        together.wait()
        won.append([change.pk for change in claim_changes(NOW)])
        connection.close()

    tellers = [Thread(target=tell) for _ in range(2)]
    for teller in tellers:
        teller.start()
    for teller in tellers:
        teller.join()
    assert len(won) == 2
    assert sorted(won[0] + won[1]) == wanted


@pytest.mark.django_db
def test_a_teller_that_dies_gives_them_back():
    changes()
    with pytest.raises(RuntimeError), transaction.atomic():
        assert len(claim_changes(NOW)) == CHANGES
        raise RuntimeError
    assert len(claim_changes(NOW)) == CHANGES

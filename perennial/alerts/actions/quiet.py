"""Quiet windows: own holidays, and single customers of whom little use is expected."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from perennial.alerts.actions.own import refuse
from perennial.alerts.models import QuietWindow
from perennial.alerts.rules.definitions import WindowDefinition, faults_of_window
from perennial.customers.models import Customer
from perennial.team.audit import record
from perennial.team.models import User
from perennial.units.errors import InputRefused, RowError
from perennial.units.sentence import sentence


def window_faults(it: WindowDefinition) -> list[RowError]:
    """What is wrong with a quiet window, by field."""
    found = list(faults_of_window(it))
    if it.customer and not Customer.objects.filter(external_id=it.customer).exists():
        text = sentence("There is no customer “{value}”.")
        params = {"value": it.customer[:80]}
        found.append(RowError("no_customer", text, column="customer", params=params))
    return found


@transaction.atomic
def keep_window(it: WindowDefinition, *, by: User | None, at: datetime) -> None:
    """Announce quiet days; the same window again changes nothing. Raises InputRefused."""
    refuse(window_faults(it))
    whose = Customer.objects.get(external_id=it.customer) if it.customer else None
    same = {"name": it.title, "from_on": it.from_on, "to_on": it.to_on, "customer": whose}
    if not QuietWindow.objects.filter(**same).exists():
        QuietWindow.objects.create(**same, recorded_at=at, by=by)
        _note("quiet_window_announced", it, by=by, at=at)


@transaction.atomic
def drop_window(it: WindowDefinition, *, by: User | None, at: datetime) -> None:
    """Take quiet days back. Raises InputRefused when there are none such."""
    rows = QuietWindow.objects.filter(name=it.title, from_on=it.from_on, to_on=it.to_on)
    rows = (
        rows.filter(customer__external_id=it.customer)
        if it.customer
        else rows.filter(customer__isnull=True)
    )
    if not rows.exists():
        text = sentence("There is no quiet window “{value}”.")
        raise InputRefused(text, code="no_window", params={"value": it.title})
    rows.delete()
    _note("quiet_window_dropped", it, by=by, at=at)


def _note(action: str, it: WindowDefinition, *, by: User | None, at: datetime) -> None:
    detail = {
        "from_on": it.from_on.isoformat(),
        "to_on": it.to_on.isoformat(),
        "customer": it.customer,
    }
    record(
        action,
        object_type="quiet_window",
        object_id=it.name,
        summary=it.title,
        detail=detail,
        by=by,
        at=at,
    )

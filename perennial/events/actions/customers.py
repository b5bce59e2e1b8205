"""Making customers of ids that events name and nobody knew, when an administrator says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction

from perennial.customers.models import Customer
from perennial.customers.pinyin import search_key
from perennial.events.queries.orphans import names_said
from perennial.team.audit import record
from perennial.team.models import User
from perennial.units.errors import InputRefused
from perennial.units.moment import business_day
from perennial.units.sentence import sentence

AT_ONCE: Final = 200
LETTERS: Final = 200


@transaction.atomic
def add_customers(external_ids: Sequence[str], *, by: User | None, at: datetime) -> list[Customer]:
    """Customers with these ids, named as group calls named them, else by their id; their events
    count as theirs from now on. Raises InputRefused when none of the ids is new."""
    wanted = list(dict.fromkeys(it for it in external_ids if 0 < len(it) <= LETTERS))[:AT_ONCE]
    held = set(
        Customer.objects.filter(external_id__in=wanted).values_list("external_id", flat=True)
    )
    names = names_said(wanted)
    new = [it for it in wanted if it not in held]
    if not new:
        raise InputRefused(sentence("These customers are here already."), code="nothing_new")
    made = Customer.objects.bulk_create(
        _customer(external_id, names.get(external_id, ""), at) for external_id in new
    )
    for customer in made:
        record(
            "customer.added",
            object_type="customer",
            object_id=customer.pk,
            summary=customer.name,
            detail={"external_id": customer.external_id, "from": "events"},
            by=by,
            at=at,
        )
    return made


def _customer(external_id: str, said: str, at: datetime) -> Customer:
    name = (said.strip() or external_id)[:LETTERS]
    return Customer(
        external_id=external_id,
        name=name,
        pinyin=search_key(name)[:300],
        created_on=business_day(at, settings.PERENNIAL_TIME_ZONE),
        recorded_at=at,
    )

"""What goals are now: their sources, read as a scorecard reads its measures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.utils.translation import gettext_noop

from perennial.customers.models import Customer
from perennial.health.inputs.cases import Cases, Column
from perennial.health.inputs.reading import gather

NOT_CONNECTED = gettext_noop("its data is not connected")
NO_VALUE = gettext_noop("no value for this customer")
TOO_OLD = gettext_noop("too old to count")
# What we think of a customer, or what it pays: never shown to it, whatever is ticked.
INTERNAL = frozenset(
    {"executive_use", "process_embedding", "sentiment", "value_perception", "key_contact"}
    | {"any_touch", "key_people_left", "overdue", "due_in", "seats_change", "value_change"}
)


@dataclass(frozen=True, slots=True)
class Measured:
    """`value` None: unknown, and `why` (an English sentence for gettext)."""

    value: float | None
    why: str = ""


def measure(asked: Iterable[tuple[int, str]], *, day: date) -> dict[tuple[int, str], Measured]:
    """(customer, source) → its value at the end of `day`; all of them in one reading."""
    wanted = set(asked)
    if not wanted:
        return {}
    customers = sorted({pk for pk, _source in wanted})
    ids = dict(Customer.objects.filter(pk__in=customers).values_list("pk", "external_id"))
    pks = [pk for pk in customers if pk in ids]
    cases = Cases.of(pks, [ids[pk] for pk in pks], [day] * len(pks))
    columns = gather(cases, sorted({source for _pk, source in wanted}))
    place = {pk: at for at, pk in enumerate(pks)}
    return {(pk, source): _at(columns[source], place[pk]) for pk, source in wanted if pk in place}


def _at(column: Column, at: int) -> Measured:
    value = float(column.value[at])
    if column.stale[at]:
        return Measured(None, TOO_OLD)
    if not np.isnan(value):
        return Measured(value)
    if column.why:
        return Measured(None, column.why)
    return Measured(None, NO_VALUE if column.connected[at] else NOT_CONNECTED)

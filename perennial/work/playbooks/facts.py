"""What conditions and completions read of customers: the state at the end of a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from perennial.alerts.models import Alert, Rule
from perennial.alerts.signals import columns as alerts
from perennial.alerts.signals.facts import read as read_day
from perennial.contracts.queries import next_due
from perennial.customers.filters import Field, Kind, parse
from perennial.customers.matching import matches
from perennial.customers.models import Customer
from perennial.health.inputs import Served, served
from perennial.health.inputs.cases import Cases
from perennial.health.inputs.catalogue import NO_FEATURE, NO_METRIC
from perennial.health.inputs.reading import NO_SOURCE, gather
from perennial.health.inputs.served import GRACE_DAYS
from perennial.work.playbooks.rules.completion import Completion

FIELDS: Final[tuple[Field, ...]] = (
    *alerts.FIELDS,
    Field("tags", _("Tags"), Kind.SEVERAL, "tags"),
    Field("products", _("Products"), Kind.SEVERAL, "products"),
    Field("alert", _("Open alerts"), Kind.SEVERAL, "alert", tuple(Rule.choices)),
    Field("age_days", _("Days since the start"), Kind.NUMBER, "age_days"),
    Field("due_in_days", _("Days to the next due date"), Kind.NUMBER, "due_in_days"),
)
FEW: Final = 3  # customers whose contracts are read alone, not with everybody's
GONE: Final = frozenset({NO_METRIC, NO_FEATURE, NO_SOURCE})


class Facts:
    """The facts of some customers on one day, read when they are first asked for."""

    def __init__(self, customers: Collection[int], day: date) -> None:
        self.day = day
        self._wanted = frozenset(customers)
        self._table: alerts.Table | None = None
        self._served: dict[int, Served] | None = None
        self._fitting: dict[str, frozenset[int]] = {}

    @property
    def served(self) -> Mapping[int, Served]:
        """Everybody asked for; who is served no more has neither contract nor usage."""
        if self._served is None:
            known = {it.pk: it for it in served(self.day) if it.pk in self._wanted}
            rest = Customer.objects.filter(pk__in=self._wanted - known.keys())
            names = ("pk", "external_id", "created_on", "observed_until")
            for pk, external_id, created_on, until in rest.values_list(*names):
                known[pk] = Served(pk, external_id, created_on, until, None, None, False)
            self._served = known
        return self._served

    def renewal_of(self, pk: int) -> date | None:
        """When the contract that nobody has renewed yet falls due; None: there is none."""
        if self._served is None and len(self._wanted) <= FEW:
            due = next_due([pk], self.day, grace_days=GRACE_DAYS).get(pk)
            return due.due_on if due and not due.renewed else None
        found = self.served.get(pk)
        open_due = found.open_due if found else None
        return open_due.due_on if open_due else None

    def fitting(self, text: str) -> frozenset[int]:
        """Whom a filter means; empty means everybody. Raises FilterRefused."""
        if not text:
            return self._wanted
        if text not in self._fitting:
            tree, table = parse(text), self.table
            flags = matches(tree, FIELDS, table.columns, as_of=table.as_of)
            self._fitting[text] = frozenset(np.array(table.pks, np.int64)[flags].tolist())
        return self._fitting[text]

    @property
    def table(self) -> alerts.Table:
        """The columns of FIELDS."""
        if self._table is None:
            day = read_day(
                list(self.served.values()), day=self.day, unjudged=frozenset(), silent=False
            )
            found = alerts.table(day)
            more = _more(found.pks, self.served, self.day)
            self._table = alerts.Table(found.pks, found.as_of, {**found.columns, **more})
        return self._table


def _more(pks: list[int], known: Mapping[int, Served], day: date) -> dict[str, NDArray[Any]]:
    rows = Customer.objects.filter(pk__in=pks).values_list("pk", "tags", "products")
    record = {pk: (tuple(tags), tuple(products)) for pk, tags, products in rows}
    alerting: dict[int, list[str]] = defaultdict(list)
    opened = Alert.objects.filter(resolved_on__isnull=True, raised_on__lte=day)
    for pk, rule in opened.order_by("rule").values_list("customer_id", "rule"):
        if pk is not None:
            alerting[pk].append(rule)
    due = {pk: it.open_due for pk, it in known.items()}
    return {
        "tags": _objects(record[pk][0] for pk in pks),
        "products": _objects(record[pk][1] for pk in pks),
        "alert": _objects(tuple(alerting.get(pk, ())) for pk in pks),
        "age_days": _numbers(
            (day - it).days if (it := known[pk].started_on) else None for pk in pks
        ),
        "due_in_days": _numbers(
            (open_due.due_on - day).days if (open_due := due[pk]) else None for pk in pks
        ),
    }


def _objects(values: Iterable[Any]) -> NDArray[np.object_]:
    listed = list(values)
    found = np.empty(len(listed), object)
    found[:] = listed
    return found


def _numbers(values: Iterable[float | None]) -> NDArray[np.float64]:
    return np.array([np.nan if it is None else it for it in values], np.float64)


@dataclass(frozen=True, slots=True)
class Asked:
    """Something that a step waits for at a customer. `since_on`: the day it started."""

    customer_id: int
    completion: Completion
    since_on: date


@dataclass(frozen=True, slots=True)
class Measured:
    """`is_gone`: nobody can measure it any more."""

    value: float | None
    is_met: bool
    is_gone: bool = False


NOTHING: Final = Measured(None, is_met=False)


def measure(
    asked: Collection[Asked], *, day: date, known: Mapping[int, Served]
) -> dict[Asked, Measured]:
    """What was waited for, at the end of a day: one read per source."""
    groups: dict[str, list[Asked]] = defaultdict(list)
    found: dict[Asked, Measured] = {}
    for it in asked:
        if it.completion.event and it.since_on > day:
            found[it] = NOTHING
        else:
            groups[_source(it, day)].append(it)
    for source, group in groups.items():
        cases = Cases.of(
            [it.customer_id for it in group],
            [known[it.customer_id].external_id for it in group],
            [day] * len(group),
        )
        column = gather(cases, [source])[source]
        gone = column.why in GONE
        for it, number in zip(group, column.value.tolist(), strict=True):
            value = None if np.isnan(number) else float(number)
            found[it] = Measured(value, it.completion.is_met(value), gone)
    return found


def _source(it: Asked, day: date) -> str:
    """An event counts from the day on which its step started."""
    if not it.completion.event:
        return it.completion.source
    days = (day - it.since_on).days + 1
    return f"metric:event_count;window={days};event={it.completion.event}"

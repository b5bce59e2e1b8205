"""What own rules may ask of a customer: fields of the slices below, as columns of one day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from perennial.alerts.signals.facts import Facts
from perennial.contracts.queries import overdue_invoices
from perennial.customers.filters import Field, Kind
from perennial.customers.matching import Columns
from perennial.customers.models import Customer, Fit, Stage, Tier
from perennial.customers.segments.queries import SEGMENT_FIELD, names_of_each
from perennial.health.models import Band, CurrentHealth
from perennial.revenue.queries import mrr_on
from perennial.surveys.queries import latest_nps
from perennial.tickets.queries import open_counts


def _choices(of: type[TextChoices]) -> tuple[tuple[str, str | Promise], ...]:
    return tuple((str(value), label) for value, label in of.choices)


FIELDS: Final[tuple[Field, ...]] = (
    Field("tier", _("Tier"), Kind.CHOICE, "tier", _choices(Tier)),
    Field("stage", _("Stage"), Kind.CHOICE, "stage", _choices(Stage)),
    Field("fit", _("Fit"), Kind.CHOICE, "fit", _choices(Fit)),
    Field("industry", _("Industry"), Kind.TEXT, "industry"),
    Field("region", _("Region"), Kind.TEXT, "region"),
    Field("size", _("Size"), Kind.TEXT, "size"),
    Field("owner", _("CSM"), Kind.USER, "owner"),
    Field("since", _("Customer since"), Kind.DATE, "since"),
    Field("band", _("Health"), Kind.CHOICE, "band", _choices(Band)),
    Field("score", _("Health score"), Kind.NUMBER, "score"),
    Field("score_change", _("Score change, 30 d"), Kind.NUMBER, "score_change"),
    Field("arr", _("ARR"), Kind.NUMBER, "arr", is_money=True),
    Field("renewal", _("Renewal"), Kind.DATE, "renewal"),
    Field("renewal_amount", _("Amount due"), Kind.NUMBER, "renewal_amount", is_money=True),
    Field("overdue_days", _("Days overdue"), Kind.NUMBER, "overdue_days"),
    Field("uses", _("Uses, 28 d"), Kind.NUMBER, "uses"),
    Field("usage", _("Usage, 28 d"), Kind.NUMBER, "usage", is_rate=True),
    Field("active_days", _("Active days, 28 d"), Kind.NUMBER, "active_days"),
    Field("people", _("Active people, 28 d"), Kind.NUMBER, "people"),
    Field("seats", _("Seats used"), Kind.NUMBER, "seats", is_rate=True),
    Field("seen", _("Last seen"), Kind.DATE, "seen"),
    Field("touch", _("Last touch"), Kind.DATE, "touch"),
    Field("nps", _("NPS"), Kind.NUMBER, "nps"),
    Field("tickets", _("Open tickets"), Kind.NUMBER, "tickets"),
    SEGMENT_FIELD,
)


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` by field, one value per customer of `pks`, as of one day."""

    pks: list[int]
    as_of: NDArray[np.datetime64]
    columns: Columns


def table(facts: Facts) -> Table:
    """Everything that FIELDS name of the served customers: a query per source."""
    pks = sorted(facts.customers)
    as_of = np.full(len(pks), np.datetime64(facts.day, "D"))
    columns = {
        **_records(pks),
        **_health(pks),
        **_contracts(pks, facts),
        **_usage(pks, facts),
        "touch": _dates(facts.touched_on.get(pk) for pk in pks),
        "nps": _numbers(pks, latest_nps(before=facts.end)),
        "tickets": _numbers(pks, open_counts(at=facts.end), absent=0),
        "segment": names_of_each(np.array(pks, np.int64), as_of),
    }
    return Table(pks, as_of, columns)


def _records(pks: list[int]) -> dict[str, NDArray[Any]]:
    names = ("tier", "stage", "fit", "industry", "region", "size")
    rows = Customer.objects.values_list("pk", *names, "owner_id", "created_on")
    known = {row[0]: row[1:] for row in rows}
    found: dict[str, NDArray[Any]] = {
        name: np.array([known[pk][place] for pk in pks], object) for place, name in enumerate(names)
    }
    found["owner"] = np.array([known[pk][-2] or -1 for pk in pks], np.int64)
    found["since"] = _dates(known[pk][-1] for pk in pks)
    return found


def _health(pks: list[int]) -> dict[str, NDArray[Any]]:
    rows = CurrentHealth.objects.values_list("pk", "band", "score", "score_30d_ago")
    known = {pk: (band, score, past) for pk, band, score, past in rows}
    scores = {pk: float(score) for pk, (_band, score, _past) in known.items() if score is not None}
    changes = {
        pk: round(scores[pk] - float(past), 4)
        for pk, (_band, _score, past) in known.items()
        if pk in scores and past is not None
    }
    return {
        "band": np.array([known[pk][0] if pk in known else "" for pk in pks], object),
        "score": _numbers(pks, scores),
        "score_change": _numbers(pks, changes),
    }


def _contracts(pks: list[int], facts: Facts) -> dict[str, NDArray[Any]]:
    due = {pk: it.open_due for pk, it in facts.customers.items()}
    amounts = {pk: it.amount for pk, it in due.items() if it and it.amount is not None}
    late = {
        pk: (facts.day - bill.oldest_due_on).days
        for pk, bill in overdue_invoices(None, facts.day).items()
    }
    yearly = {pk: mrr * 12 for pk, mrr in mrr_on(None, facts.day).items()}
    return {
        "arr": _numbers(pks, yearly),
        "renewal": _dates(it.due_on if (it := due[pk]) else None for pk in pks),
        "renewal_amount": _numbers(pks, amounts),
        "overdue_days": _numbers(pks, late, absent=0),
    }


def _usage(pks: list[int], facts: Facts) -> dict[str, NDArray[Any]]:
    rows = facts.usage
    seats = {pk: it.seats for pk, it in facts.customers.items() if it.seats}
    people = {pk: it.active_people_28d for pk, it in rows.items() if it.people_known}
    trends = {pk: trend for pk, it in rows.items() if (trend := it.usage_trend_rate) is not None}
    return {
        "uses": _numbers(pks, {pk: it.events_28d for pk, it in rows.items()}),
        "usage": _numbers(pks, trends),
        "active_days": _numbers(pks, {pk: it.active_days_28d for pk, it in rows.items()}),
        "people": _numbers(pks, people),
        "seats": _numbers(pks, {pk: people[pk] / n for pk, n in seats.items() if pk in people}),
        "seen": _dates(rows[pk].last_seen_on if pk in rows else None for pk in pks),
    }


def _numbers(
    pks: Iterable[int], known: Mapping[int, Any], *, absent: float = np.nan
) -> NDArray[np.float64]:
    return np.array([float(known[pk]) if pk in known else absent for pk in pks], np.float64)


def _dates(values: Iterable[date | None]) -> NDArray[np.datetime64]:
    return np.array([np.datetime64(it or "NaT", "D") for it in values], "datetime64[D]")

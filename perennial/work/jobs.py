"""The day's queue: one active item per customer and reason; the same day again changes nothing.

What people did is kept: a closed item stays closed for its cool-down, a snoozed one sleeps, and
a cause that is gone closes its item by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from perennial.customers.queries import STANDS_AT, standing
from perennial.units.moment import day_end
from perennial.units.progress import Progress, silent
from perennial.work.actions.making import kept
from perennial.work.assumptions.queries import bases
from perennial.work.cause import Cause
from perennial.work.causes import Book, gather
from perennial.work.models import Outcome, Reason, State, WorkItem
from perennial.work.onboarding import jobs as onboarding
from perennial.work.plans import jobs as plans
from perennial.work.playbooks import jobs as playbooks
from perennial.work.rules import (
    ASSUMPTIONS,
    Basis,
    stand_in,
    task_severity,
    task_urgency,
    terms_for,
    type_of,
    urgency,
)

BATCH = 500
DERIVED = (
    "kind",
    "params",
    "terms",
    "money_at_risk",
    "currency",
    "rank_value",
    "due_on",
    "last_fired_on",
    "fired_days",
)
Key = tuple[int, str, str]  # customer, reason, what it is about


def fill(*, day: date, progress: Progress = silent) -> dict[str, int]:
    """Bring the queue to the end of `day`. An older day than the newest changes nothing."""
    newest = WorkItem.objects.filter(is_derived=True).aggregate(fired=Max("last_fired_on"))["fired"]
    if newest and newest > day:
        return {"raised": 0, "resolved": 0, "active": _active_count()}
    onboarding.fill(day=day)
    plans.fill(day=day)
    playbooks.fill(day=day)
    book = gather(day)
    progress(1, 2)
    middle, believed = stand_in(book.yearly.values()), bases()
    wanted = {
        (cause.customer_id, cause.reason.value, cause.about): _values(
            cause, book, middle=middle, ranked_by=believed[cause.reason], day=day
        )
        for cause in book.causes
    }
    with transaction.atomic():
        resolved = _refresh(wanted, day=day)
        _rank_made(book, believed, middle=middle, day=day)
        raised = _raise(wanted, believed, day=day)
    progress(2, 2)
    return {"raised": raised, "resolved": resolved, "active": _active_count()}


def _active_count() -> int:
    return WorkItem.objects.exclude(state=State.DONE).count()


def _values(
    cause: Cause, book: Book, *, middle: Decimal | None, ranked_by: Basis, day: date
) -> dict[str, Any]:
    """What an item says about a cause today."""
    due = book.due.get(cause.customer_id)
    stake = book.yearly.get(cause.customer_id)
    if cause.reason == Reason.RENEWAL_DUE and due:
        stake = due.amount
    elif cause.reason == Reason.INVOICE_OVERDUE:
        owed = Decimal(str(cause.params["amount"]))
        stake = book.exchange.amount(owed, str(cause.params["currency"]))
    near = due if due and not due.renewed else None
    terms = terms_for(
        cause.reason,
        stake=stake,
        stand_in=middle,
        severity=cause.severity,
        urgency=urgency(
            age_days=(day - cause.since_on).days,
            due_in_days=(near.due_on - day).days if near else None,
            notice_given=bool(near and near.notice_on),
        ),
        ranked_by=ranked_by,
    )
    return {
        "kind": cause.kind,
        "params": dict(cause.params),
        "terms": kept(terms),
        "money_at_risk": stake,
        "currency": due.currency if due else settings.PERENNIAL_CURRENCY if stake else "",
        "rank_value": terms.rank_value,
        "due_on": cause.due_on or (near.due_on if near else None),
    }


def _refresh(wanted: dict[Key, dict[str, Any]], *, day: date) -> int:
    """Bring active items up to date, wake those that slept; close those whose cause is gone."""
    WorkItem.objects.filter(state=State.SNOOZED, snoozed_until__lte=day + timedelta(days=1)).update(
        state=State.OPEN, snoozed_until=None, snoozed_reason=""
    )
    changed, gone, held, under = [], [], set[Key](), standing()
    derived = WorkItem.objects.filter(is_derived=True).exclude(state=State.DONE)
    # The customer's own items before those of whom it absorbed: a reason stands there once.
    for item in sorted(derived, key=lambda it: it.customer_id in under):
        at = under.get(item.customer_id, item.customer_id)
        values = wanted.get((at, item.reason, item.about))
        if values is None or (at, item.reason, item.about) in held:
            gone.append(item.pk)
            continue
        held.add((at, item.reason, item.about))
        before = tuple(getattr(item, name) for name in DERIVED)
        for name, value in values.items():
            setattr(item, name, value)
        if item.last_fired_on < day:
            item.fired_days += 1
            item.last_fired_on = day
        if before != tuple(getattr(item, name) for name in DERIVED):
            changed.append(item)
    # An upsert by key: thousands of rows in one statement each, where bulk_update takes seconds.
    WorkItem.objects.bulk_create(
        changed,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=list(DERIVED),
    )
    return WorkItem.objects.filter(pk__in=gone).update(
        state=State.DONE,
        outcome=Outcome.AUTO_RESOLVED,
        snoozed_until=None,
        closed_on=day,
        closed_at=day_end(day, settings.PERENNIAL_TIME_ZONE),
        undo={},
    )


def _rank_made(
    book: Book, believed: Mapping[str, Basis], *, middle: Decimal | None, day: date
) -> None:
    """What people and playbooks made is ranked like the rest: by today's money and due day."""
    changed = []
    morning = day + timedelta(days=1)  # on which the queue is read
    under = standing()
    for item in WorkItem.objects.filter(is_derived=False).exclude(state=State.DONE):
        stake = book.yearly.get(under.get(item.customer_id, item.customer_id))
        terms = terms_for(
            item.reason,
            stake=stake,
            stand_in=middle,
            severity=task_severity(item.priority),
            urgency=task_urgency((item.due_on - morning).days if item.due_on else None),
            ranked_by=believed[item.reason],
        )
        if item.rank_value != terms.rank_value or item.money_at_risk != stake:
            item.terms, item.rank_value, item.money_at_risk = kept(terms), terms.rank_value, stake
            item.currency = settings.PERENNIAL_CURRENCY if stake else ""
            changed.append(item)
    fields = ["terms", "rank_value", "money_at_risk", "currency"]
    WorkItem.objects.bulk_update(changed, fields, batch_size=BATCH)


def _raise(wanted: dict[Key, dict[str, Any]], believed: Mapping[str, Basis], *, day: date) -> int:
    """Items for new causes, unless somebody has closed the same reason a short while ago."""
    key = ("place", "reason", "about")  # under whom it stands now
    rows = WorkItem.objects.annotate(place=STANDS_AT)
    active = set(rows.exclude(state=State.DONE).values_list(*key))
    by_people = rows.filter(state=State.DONE, closed_by__isnull=False).order_by()
    closed = {
        (pk, reason, about): closed_on
        for pk, reason, about, closed_on in by_people.values_list(*key).annotate(Max("closed_on"))
    }
    fresh = [
        WorkItem(
            customer_id=key[0],
            reason=key[1],
            about=key[2],
            lane=ASSUMPTIONS[key[1]].lane,
            type=type_of(key[1]),
            raised_on=day,
            last_fired_on=day,
            **values,
        )
        for key, values in wanted.items()
        if key not in active and not _cooling(closed.get(key), believed[key[1]], day=day)
    ]
    WorkItem.objects.bulk_create(fresh, batch_size=BATCH)
    return len(fresh)


def _cooling(closed_on: date | None, believed: Basis, *, day: date) -> bool:
    cool_down = timedelta(days=believed.cool_down_days)
    return closed_on is not None and closed_on > day - cool_down

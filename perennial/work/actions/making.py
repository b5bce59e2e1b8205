"""Calls to action that a person or a playbook makes; only people close them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from perennial.customers.models import Customer
from perennial.customers.queries import visible_customers
from perennial.revenue.queries import contracted_mrr_on
from perennial.team import audit
from perennial.team.models import Team, User
from perennial.units.moment import business_day
from perennial.units.money import round_half_up
from perennial.work.actions.changing import CannotDoThat, change, must_be_active, named
from perennial.work.actions.given import tell_given
from perennial.work.assumptions.queries import bases
from perennial.work.models import Priority, Reason, State, Type, WorkItem
from perennial.work.rules import ASSUMPTIONS, Basis, Terms, task_severity, task_urgency, terms_for

LONGEST_TEXT = 20_000
BATCH = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """One call to action to make. `about` tells steps apart; empty: a task of its own."""

    customer: Customer
    title: str
    text: str = ""
    type: str = Type.OBJECTIVE
    reason: str = Reason.TASK
    due_on: date | None = None
    owner: User | None = None
    team: Team | None = None
    priority: int = Priority.NORMAL
    about: str = ""


def make_item(
    customer: Customer,
    *,
    title: str,
    text: str = "",
    type: str = Type.OBJECTIVE,
    reason: str = Reason.TASK,
    due_on: date | None = None,
    owner: User | None = None,
    team: Team | None = None,
    priority: int = Priority.NORMAL,
    about: str = "",
    by: User | None,
    at: datetime,
) -> WorkItem:
    """One call to action; ranked at once as the day ranks it. `owner` and `team` None: the
    customer's CSM. Raises CannotDoThat for a colleague who cannot see the customer, for a due
    day in the past, and when `about` is open at this customer already."""
    wanted = Wanted(customer, title, text, type, reason, due_on, owner, team, priority, about)
    return make_items([wanted], by=by, at=at)[0]


@transaction.atomic
def make_items(wanted: Sequence[Wanted], *, by: User | None, at: datetime) -> list[WorkItem]:
    """Many at once, in the order given, with one audit line; all of them or none."""
    today = business_day(at, settings.PERENNIAL_TIME_ZONE)
    for one in wanted:
        _check(one, by=by, today=today)
    yearly = yearly_of({one.customer.pk for one in wanted}, on=today)
    middle, believed = _stand_in(), bases()
    terms = [
        task_terms(
            one.reason,
            priority=one.priority,
            due_on=one.due_on,
            stake=yearly.get(one.customer.pk),
            middle=middle,
            on=today,
            ranked_by=believed[one.reason],
        )
        for one in wanted
    ]
    pairs = zip(wanted, terms, strict=True)
    items = [_item(one, ranked, by=by, today=today) for one, ranked in pairs]
    try:
        with transaction.atomic():
            made = WorkItem.objects.bulk_create(items, batch_size=BATCH)
    except IntegrityError:
        raise CannotDoThat(gettext_noop("The same reason is open again already.")) from None
    _line(made, by=by, at=at)
    _tell_owners(made, by=by, at=at)
    return made


@dataclass(frozen=True, slots=True)
class Edit:
    """What a person may change of an item; a day-made one keeps its own title, text and type."""

    title: str
    text: str
    type: str
    priority: int
    due_on: date | None


def edit_item(item: WorkItem, edit: Edit, *, version: int, by: User, at: datetime) -> WorkItem:
    """Change what an item says. Raises AlreadyChanged when `version` is no longer the newest."""
    must_be_active(item)
    if item.is_derived:
        raise CannotDoThat(gettext_noop("What the day found says itself what it is."))
    today = business_day(at, settings.PERENNIAL_TIME_ZONE)
    if edit.due_on and edit.due_on != item.due_on and edit.due_on < today:
        raise CannotDoThat(gettext_noop("The due day lies in the past."))
    if len(edit.text) > LONGEST_TEXT:
        raise CannotDoThat(gettext_noop("The text is longer than 20,000 characters."))
    values: dict[str, Any] = asdict(edit)
    terms = task_terms(
        item.reason,
        priority=edit.priority,
        due_on=edit.due_on,
        stake=item.money_at_risk,
        middle=_stand_in(),
        on=today,
        ranked_by=bases()[item.reason],
    )
    values |= {"terms": kept(terms), "rank_value": terms.rank_value}
    item.version = version
    return change(item, "work.edited", values=values, by=by, at=at)


def yearly_of(customer_ids: set[int], *, on: date) -> dict[int, Decimal]:
    """What each of these customers pays a year; unknown amounts are absent."""
    monthly = contracted_mrr_on(customer_ids, on)
    return {pk: round_half_up(mrr * 12) for pk, mrr in monthly.items() if mrr}


def task_terms(
    reason: str,
    *,
    priority: int,
    due_on: date | None,
    stake: Decimal | None,
    middle: Decimal | None,
    on: date,
    ranked_by: Basis,
) -> Terms:
    """The rank of what a person or a playbook made: its priority, and how near its due day."""
    return terms_for(
        reason,
        stake=stake,
        stand_in=middle,
        severity=task_severity(priority),
        urgency=task_urgency((due_on - on).days if due_on else None),
        ranked_by=ranked_by,
    )


def kept(terms: Terms) -> dict[str, Any]:
    """Terms as the item's row keeps them."""
    found = asdict(terms)
    return {name: str(it) if isinstance(it, Decimal) else it for name, it in found.items()}


def _item(one: Wanted, terms: Terms, *, by: User | None, today: date) -> WorkItem:
    return WorkItem(
        customer=one.customer,
        reason=one.reason,
        about=one.about or f"task-{secrets.token_hex(8)}",
        lane=ASSUMPTIONS[one.reason].lane,
        type=one.type,
        priority=one.priority,
        is_derived=False,
        title=one.title,
        text=one.text,
        due_on=one.due_on,
        owner=one.owner,
        team=one.team,
        made_by=by,
        terms=kept(terms),
        money_at_risk=terms.stake,
        currency=settings.PERENNIAL_CURRENCY if terms.stake else "",
        rank_value=terms.rank_value,
        raised_on=today,
        last_fired_on=today,
    )


def _stand_in() -> Decimal | None:
    """The median that the day last ranked customers of unknown value by."""
    known = WorkItem.objects.filter(is_derived=True).exclude(state=State.DONE)
    found = known.exclude(terms__stand_in=None).values_list("terms__stand_in", flat=True).first()
    return Decimal(found) if found else None


def _check(one: Wanted, *, by: User | None, today: date) -> None:
    # A step's day follows from its playbook, also when a person's act starts it late.
    chosen = by is not None and one.reason != Reason.STEP
    if chosen and one.due_on and one.due_on < today:
        raise CannotDoThat(gettext_noop("The due day lies in the past."))
    if len(one.text) > LONGEST_TEXT:
        raise CannotDoThat(gettext_noop("The text is longer than 20,000 characters."))
    if one.owner:
        must_see(one.owner, one.customer.pk)


def must_see(owner: User, customer_id: int) -> None:
    """Raises CannotDoThat when the colleague could not open the customer."""
    if not visible_customers(owner).filter(pk=customer_id).exists():
        raise CannotDoThat(
            gettext_noop("{name} cannot see this customer."), params={"name": owner.name}
        )


def _tell_owners(made: list[WorkItem], *, by: User | None, at: datetime) -> None:
    """Tasks that were made for a colleague by name; steps of playbooks speak for themselves."""
    given = [it for it in made if it.owner and it.reason == Reason.TASK]
    for owner in dict.fromkeys(it.owner for it in given if it.owner):
        theirs = [it for it in given if it.owner == owner]
        tell_given(theirs, to=owner, by=by, at=at)


def _line(made: list[WorkItem], *, by: User | None, at: datetime) -> None:
    if not made:
        return
    first = made[0]
    audit.record(
        "work.made",
        object_type="work_item" if len(made) == 1 else "work_items",
        object_id=first.pk if len(made) == 1 else len(made),
        summary=named(first),
        detail={"items": {str(it.pk): it.customer_id for it in made}},
        by=by,
        at=at,
    )

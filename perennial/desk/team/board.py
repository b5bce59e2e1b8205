"""A leader's board: who carries what, what is overdue, what nobody looks after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, FloatField, Max, Q, QuerySet, Sum, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse

from perennial.customers.models import Customer, Tier
from perennial.customers.queries import assignable_owners, visible_customers
from perennial.desk.queries import visible_figures
from perennial.desk.team.rules import full_rate, share, tone, working_days
from perennial.desk.today import falls_due
from perennial.team.models import Absence, User
from perennial.work.models import State, WorkItem
from perennial.work.queries import visible_items
from perennial.work.rules import CADENCE_DAYS

LONG_SNOOZE_DAYS = 14
SHOWN = 8  # unassigned customers that are named


@dataclass(frozen=True, slots=True)
class Row:
    """One colleague. Amounts in the company's currency; `rate` is load ÷ room of the next seven
    days; `spoken_rate` of S and A customers, None when there is none."""

    user: User
    customers: int
    arr: Decimal
    at_risk: Decimal
    due: int
    items: int
    load_hours: float
    room_hours: float
    rate: float | None
    tone: str
    overdue: int
    snoozed_long: int
    spoken: int
    to_speak: int
    spoken_rate: float | None
    last_touch_on: date | None
    absence: Absence | None
    customers_url: str
    items_url: str
    overdue_url: str
    snoozed_url: str
    silent_url: str

    @property
    def bar(self) -> float:
        return 1.0 if self.rate is None else min(self.rate, 1.0)


@dataclass(frozen=True, slots=True)
class Unassigned:
    """Customers without a CSM who works here, and open items that nobody answers for."""

    customers: int
    arr: Decimal
    named: tuple[Customer, ...]
    items: int
    customers_url: str
    assign_url: str
    items_url: str
    left: tuple[tuple[User, int, str], ...]  # who has left, with how many customers, to assign


@dataclass(frozen=True, slots=True)
class Board:
    rows: tuple[Row, ...]
    unassigned: Unassigned
    absences: tuple[Absence, ...]
    totals: Mapping[str, Any] = field(default_factory=dict)


def board(user: User, *, on: date, today: date) -> Board:
    """All of it through the user's gate, in a fixed number of questions."""
    colleagues = list(assignable_owners(user))
    books, work = _books(user, on), _work(user, today)
    absences = _absences(user, today)
    away: dict[int, list[Absence]] = defaultdict(list)
    for absence in absences:
        away[absence.user_id].append(absence)
    rows = [
        _row(one, books.get(one.pk, {}), work.get(one.pk, {}), away, today) for one in colleagues
    ]
    rows = [it for it in rows if it.customers or it.items or it.user.role == "csm"]
    rows.sort(key=lambda it: (-(it.rate if it.rate is not None else 99), it.user.name))
    return Board(tuple(rows), _unassigned(user, books), tuple(absences), _totals(rows))


def _books(user: User, on: date) -> dict[int | None, dict[str, Any]]:
    """Per CSM: customers, revenue, what falls due, who of S and A was spoken to."""
    late = Q()
    graded = Q(customer__tier__in=(Tier.S, Tier.A))
    for tier in (Tier.S, Tier.A):
        since = on - timedelta(days=CADENCE_DAYS[tier])
        late |= Q(customer__tier=tier, last_touch_on__gte=since)
    rows = (
        visible_figures(user)
        .order_by()
        .values("customer__owner")
        .annotate(
            customers=Count("pk"),
            sum_arr=Sum("arr"),
            at_risk=Sum("money_at_risk"),
            due=Count("pk", filter=falls_due(on)),
            graded=Count("pk", filter=graded),
            spoken=Count("pk", filter=late),
            touched=Max("last_touch_on"),
        )
    )
    return {row["customer__owner"]: row for row in rows}


def _work(user: User, today: date) -> dict[int | None, dict[str, Any]]:
    """Per owner of what is open: items, hours, overdue, asleep for long. What a colleague who
    has left had counts for the customer's CSM; a department's queue for nobody here."""
    answers = Case(
        When(owner__is_active=True, then=F("owner")),
        When(team__isnull=False, then=None),
        default=F("customer__owner"),
    )
    asleep = Q(state=State.SNOOZED)
    long = asleep & Q(snoozed_until__gt=today + timedelta(days=LONG_SNOOZE_DAYS))
    hours = Cast(KT("terms__effort_hours"), FloatField())
    rows = (
        _open(user)
        .order_by()
        .annotate(who=answers)
        .values("who")
        .annotate(
            items=Count("pk", filter=~asleep),
            hours=Coalesce(Sum(hours, filter=~asleep), 0.0),
            overdue=Count("pk", filter=Q(due_on__lt=today) & ~asleep),
            long=Count("pk", filter=long),
        )
    )
    return {row["who"]: row for row in rows}


def _open(user: User) -> QuerySet[WorkItem]:
    return visible_items(user).exclude(state=State.DONE)


def _absences(user: User, today: date) -> list[Absence]:
    """Who is away now or within a week."""
    until = today + timedelta(days=7)
    found = Absence.objects.filter(
        user__in=assignable_owners(user),
        ended_at__isnull=True,
        from_on__lt=until,
        until_on__gt=today,
    )
    return list(found.select_related("user", "stand_in").order_by("from_on", "pk"))


def _row(
    one: User,
    book: Mapping[str, Any],
    work: Mapping[str, Any],
    away: Mapping[int, list[Absence]],
    today: date,
) -> Row:
    gone = away.get(one.pk, [])
    days = working_days(today, ((it.from_on, it.until_on) for it in gone))
    load, room = float(work.get("hours", 0)), float(days * one.capacity_hours)
    rate = full_rate(load, room)
    graded, spoken = book.get("graded", 0), book.get("spoken", 0)
    customers, items = reverse("desk:customers"), reverse("work:list")
    return Row(
        one,
        book.get("customers", 0),
        book.get("sum_arr") or Decimal(0),
        book.get("at_risk") or Decimal(0),
        book.get("due", 0),
        work.get("items", 0),
        load,
        room,
        rate,
        tone(rate) if load else "good",
        work.get("overdue", 0),
        work.get("long", 0),
        spoken,
        graded,
        share(spoken, graded),
        book.get("touched"),
        gone[0] if gone else None,
        f"{customers}?filter=1;owner.in.{one.pk}",
        f"{items}?tab=all&owner={one.pk}",
        f"{items}?tab=overdue&owner={one.pk}",
        f"{items}?tab=snoozed&owner={one.pk}",
        f"{customers}?filter=1;owner.in.{one.pk};tier.in.S,A&sort=touch",
    )


def _unassigned(user: User, books: Mapping[int | None, Mapping[str, Any]]) -> Unassigned:
    """What stands without somebody who works here."""
    gone = {
        it.pk: it for it in User.objects.filter(is_active=False, pk__in=[pk for pk in books if pk])
    }
    ids = [None, *gone]
    found = [books[it] for it in ids if it in books]
    missing = Q(owner__isnull=True) | Q(owner__is_active=False)
    customers, assign = reverse("desk:customers"), reverse("desk:assign")
    named = visible_customers(user).filter(missing).order_by("-figures__arr", "name")[:SHOWN]
    no_owner = Q(owner__isnull=True) | Q(owner__is_active=False)
    no_csm = Q(customer__owner__isnull=True) | Q(customer__owner__is_active=False)
    items = _open(user).filter(no_owner & no_csm, team__isnull=True)
    only = "1;owner.empty"
    return Unassigned(
        sum(it["customers"] for it in found),
        sum((it["sum_arr"] or Decimal(0) for it in found), Decimal(0)),
        tuple(named),
        items.count(),
        f"{customers}?filter={only}",
        f"{assign}?all=1&filter={only}" if None in books else "",
        f"{reverse('work:list')}?tab=all&owner=none",
        tuple(
            (it, books[pk]["customers"], f"{assign}?all=1&filter=1;owner.in.{pk}")
            for pk, it in gone.items()
        ),
    )


def _totals(rows: Iterable[Row]) -> dict[str, Any]:
    found = list(rows)
    room, load = sum(it.room_hours for it in found), sum(it.load_hours for it in found)
    to_speak, spoken = sum(it.to_speak for it in found), sum(it.spoken for it in found)
    return {
        "customers": sum(it.customers for it in found),
        "arr": sum((it.arr for it in found), Decimal(0)),
        "at_risk": sum((it.at_risk for it in found), Decimal(0)),
        "items": sum(it.items for it in found),
        "overdue": sum(it.overdue for it in found),
        "load_hours": load,
        "room_hours": room,
        "rate": full_rate(load, room),
        "spoken_rate": share(spoken, to_speak),
        "spoken": spoken,
        "to_speak": to_speak,
    }

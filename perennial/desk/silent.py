"""Silent customers (沉默用户): who, since when, what was tried, why, and who came back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Max, Q, QuerySet, Sum

from perennial.alerts.models import Alert, Rule
from perennial.customers.models import Customer, Silence, SilenceReason, Touch
from perennial.customers.queries import STANDS_AT, at_customer, visible_records
from perennial.desk.models import CustomerFigures
from perennial.desk.queries import visible_figures
from perennial.team.access import sees_money
from perennial.team.models import User
from perennial.units.moment import day_start

LOOKED_BACK_DAYS = 365
MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Quiet:
    """A silent customer. `touches`: how often somebody spoke to it since it was last seen."""

    customer: Customer
    seen_on: date | None
    days: int | None
    arr: Decimal | None
    renewal_on: date | None
    touches: int
    touched_on: date | None
    why: Silence | None


@dataclass(frozen=True, slots=True)
class Back:
    """A silence that ended with use."""

    customer: Customer
    silent_on: date
    back_on: date
    days: int
    after_contact: bool


@dataclass(frozen=True, slots=True)
class Recovery:
    """Silences of the last year: how many there were, and how many ended with use."""

    silences: int
    back: int
    contacted: int
    back_after_contact: int
    shown: list[Back]

    @property
    def rate(self) -> float | None:
        return self.back / self.silences if self.silences else None

    @property
    def rate_after_contact(self) -> float | None:
        return self.back_after_contact / self.contacted if self.contacted else None


def silent(user: User) -> QuerySet[CustomerFigures]:
    """Who is silent now, of those that have not left."""
    return visible_figures(user).filter(is_silent=True).exclude(stage="churned")


def totals(user: User) -> dict[str, Any]:
    """How many, their ARR (None without money), and how many have no reason yet."""
    found = silent(user).aggregate(
        n=Count("pk"),
        sum_arr=Sum("arr"),
        unasked=Count("pk", filter=~Q(pk__in=_asked().values("customer"))),
    )
    arr = (found["sum_arr"] or Decimal(0)) if sees_money(user) else None
    return {"customers": found["n"], "arr": arr, "unasked": found["unasked"]}


def _asked() -> QuerySet[Silence]:
    """Reasons that were given for a silence that still goes on."""
    return Silence.objects.filter(
        Q(silent_since_on__isnull=True)
        | Q(customer__figures__last_seen_on__isnull=True)
        | Q(silent_since_on__gte=F("customer__figures__last_seen_on"))
    )


def listed(user: User, *, on: date, reason: str = "") -> list[Quiet]:
    """The silent ones, the largest first, with what was tried since they were last seen."""
    money = sees_money(user)
    rows = silent(user).select_related("customer__owner")
    if reason == "none":
        rows = rows.exclude(pk__in=_asked().values("customer"))
    elif reason:
        rows = rows.filter(pk__in=_asked().filter(reason=reason).values("customer"))
    order = F("arr").desc(nulls_last=True) if money else F("last_seen_on").asc(nulls_last=True)
    page = list(rows.order_by(order, "pk")[:MOST_SHOWN])
    said: dict[int, Silence] = {}
    newest = Silence.objects.filter(at_customer([row.pk for row in page])).select_related(
        "by", "customer__merged_into"
    )
    for one in newest.order_by("recorded_at"):
        said[one.customer.pk] = one
    tried = _tried(page)
    return [
        Quiet(
            customer=row.customer,
            seen_on=row.last_seen_on,
            days=(on - row.last_seen_on).days if row.last_seen_on else None,
            arr=row.arr if money else None,
            renewal_on=row.renewal_on,
            touches=tried.get(row.pk, (0, None))[0],
            touched_on=tried.get(row.pk, (0, None))[1],
            why=_still(said.get(row.pk), row.last_seen_on),
        )
        for row in page
    ]


def _still(said: Silence | None, seen_on: date | None) -> Silence | None:
    """A reason of this silence; not one of before it was last seen."""
    if said is None or (seen_on and said.silent_since_on and said.silent_since_on < seen_on):
        return None
    return said


def _tried(rows: list[CustomerFigures]) -> dict[int, tuple[int, date | None]]:
    """Touches since each was last seen: how many, the last day."""
    found: dict[int, tuple[int, date | None]] = {}
    seen = {row.pk: row.last_seen_on for row in rows}
    touches = Touch.objects.filter(at_customer(list(seen))).order_by("happened_at")
    for pk, at in touches.annotate(place=STANDS_AT).values_list("place", "happened_at"):
        day, last = at.date(), seen[pk]
        if last is None or day > last:
            found[pk] = (found.get(pk, (0, None))[0] + 1, day)
    return found


def reasons(user: User) -> list[tuple[str, str, int]]:
    """Reasons of the silences that go on: value, title, customers; the commonest first."""
    newest = _asked().filter(customer__in=silent(user).values("pk"))
    last = dict(
        newest.order_by()
        .values_list("customer")
        .annotate(last=Max("recorded_at"))
        .values_list("customer", "last")
    )
    rows = newest.values_list("customer", "recorded_at", "reason")
    counts = Counter(reason for pk, at, reason in rows if last.get(pk) == at)
    return [(value, str(SilenceReason(value).label), n) for value, n in counts.most_common()]


def recovery(user: User, *, on: date) -> Recovery:
    """The silences of the last year and how they went: back is who was seen after."""
    since = on - timedelta(days=LOOKED_BACK_DAYS)
    alerts = Alert.objects.filter(
        rule=Rule.SILENT, raised_on__gt=since, customer__in=visible_records(user)
    ).select_related("customer__figures", "customer__merged_into__figures")
    rows = list(alerts.order_by("-raised_on"))
    start = day_start(since, settings.PERENNIAL_TIME_ZONE)
    touched: dict[int, list[date]] = {}
    spoken = Touch.objects.filter(
        at_customer({row.customer.pk for row in rows if row.customer}), happened_at__gte=start
    )
    for pk, at in spoken.annotate(place=STANDS_AT).values_list("place", "happened_at"):
        touched.setdefault(pk, []).append(at.date())
    found, contacted, after = [], 0, 0
    for row in rows:
        end = row.resolved_on or on
        spoke = any(
            row.raised_on <= day <= end
            for day in touched.get(row.customer.pk if row.customer else 0, ())
        )
        contacted += spoke
        if row.resolved_on and row.customer and _was_seen(row.customer, row.raised_on):
            after += spoke
            days = (row.resolved_on - row.since_on).days
            found.append(Back(row.customer, row.raised_on, row.resolved_on, days, spoke))
    return Recovery(len(rows), len(found), contacted, after, found[:20])


def _was_seen(customer: Customer, after: date) -> bool:
    figures = getattr(customer, "figures", None)
    return bool(figures and figures.last_seen_on and figures.last_seen_on > after)

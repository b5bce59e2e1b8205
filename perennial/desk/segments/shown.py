"""What the pages of segments show; every count is of the customers that the reader sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q, QuerySet

from perennial.customers.filter_words import in_words, part_in_words
from perennial.customers.filters import AllOf, Field, FilterRefused, compile_filter, parse
from perennial.customers.models import Customer, Segment, SegmentMember
from perennial.customers.queries import visible_customers
from perennial.customers.segments.queries import segments_for
from perennial.desk.facets import owner_names
from perennial.desk.fields import fields_for
from perennial.desk.models import CustomerFigures
from perennial.desk.queries import visible_figures
from perennial.team.access import books
from perennial.team.models import User
from perennial.web.formats import named

LATELY_DAYS = (7, 30, 90)
MOST_SHOWN = 50
TREND_WEEKS = 13


@dataclass(frozen=True, slots=True)
class Listed:
    """A segment in the list, counted within what the reader sees."""

    segment: Segment
    title: str
    words: str
    count: int
    came: int
    left: int
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody who came or left; `why`: the conditions that do not hold any more."""

    customer: Customer
    on: date
    why: str


def readable(user: User, fields: Sequence[Field]) -> set[str]:
    """The segments that this user may read: all their fields are open to the role."""
    del user
    return {name for field in fields if field.name == "segment" for name, _title in field.choices}


def listed(user: User, *, on: date, retired: bool = False) -> list[Listed]:
    """The user's segments with how many stand in them, came and left in 30 days: two queries."""
    fields = fields_for(user)
    known, owners = {it.name: it for it in fields}, owner_names(user)
    names = readable(user, fields)
    since = on - timedelta(days=LATELY_DAYS[1])
    seen = SegmentMember.objects.filter(customer__in=visible_customers(user)).order_by()
    counts = {
        row["segment"]: row
        for row in seen.values("segment").annotate(
            now=Count("pk", filter=_now(on)),
            came=Count("pk", filter=Q(from_on__gt=since, from_on__lte=on) & _now(on)),
            left=Count("pk", filter=Q(until_on__gt=since, until_on__lte=on)),
        )
    }
    nothing = {"now": 0, "came": 0, "left": 0}
    found = []
    for segment in segments_for(user, retired=retired):
        if segment.name in names:
            of = counts.get(segment.pk, nothing)
            title = named(segment.title_zh, segment.title_en)
            told = words(segment, known, owners)
            mine = segment.owner_id == user.pk
            found.append(Listed(segment, title, told, of["now"], of["came"], of["left"], mine))
    return found


def words(segment: Segment, known: Mapping[str, Field], owners: Mapping[int, str]) -> str:
    """Its filter in words; the text itself where a field is gone."""
    try:
        return in_words(parse(segment.filter), known, owners)
    except (FilterRefused, KeyError):
        return segment.filter


def _now(on: date) -> Q:
    return Q(from_on__lte=on) & (Q(until_on__isnull=True) | Q(until_on__gt=on))


def seen_members(user: User, segment: Segment) -> QuerySet[SegmentMember]:
    """All rows of a segment at customers that the reader sees."""
    return SegmentMember.objects.filter(segment=segment, customer__in=visible_customers(user))


def figures_of(user: User, segment: Segment, *, on: date) -> QuerySet[CustomerFigures]:
    """The figures of those who stand in it."""
    inside = SegmentMember.objects.filter(_now(on), segment=segment)
    return visible_figures(user).filter(pk__in=inside.values("customer"))


def came(user: User, segment: Segment, *, on: date, days: int) -> list[Moved]:
    """Who came in the days up to `on` and is still in, the latest first."""
    rows = seen_members(user, segment).filter(_now(on), from_on__gt=on - timedelta(days=days))
    newest = rows.select_related("customer").order_by("-from_on", "customer__name")[:MOST_SHOWN]
    return [Moved(row.customer, row.from_on, "") for row in newest]


def left(
    user: User, segment: Segment, *, on: date, days: int, fields: Sequence[Field]
) -> list[Moved]:
    """Who left in the days up to `on` and is not back, with what does not hold any more."""
    span = Q(until_on__gt=on - timedelta(days=days), until_on__lte=on)
    back = seen_members(user, segment).filter(_now(on)).values("customer")
    rows = seen_members(user, segment).filter(span).exclude(customer__in=back)
    newest = list(
        rows.select_related("customer").order_by("-until_on", "customer__name")[:MOST_SHOWN]
    )
    why = _unmet(user, segment, [row.customer_id for row in newest], on=on, fields=fields)
    return [
        Moved(row.customer, row.until_on, why.get(row.customer_id, ""))
        for row in newest
        if row.until_on
    ]


def _unmet(
    user: User, segment: Segment, ids: Sequence[int], *, on: date, fields: Sequence[Field]
) -> dict[int, str]:
    """Per customer the first condition that it does not meet now: a query per condition."""
    known, owners = {it.name: it for it in fields}, owner_names(user)
    rows = visible_figures(user).filter(pk__in=ids)
    found: dict[int, str] = {}
    for part in parse(segment.filter).parts if ids else ():
        wanted = compile_filter(
            AllOf((part,)), fields, as_of=on, user_id=user.pk, books=books(user)
        )
        meet = set(rows.filter(wanted).values_list("pk", flat=True))
        told = part_in_words(part, known, owners)
        found |= {pk: told for pk in ids if pk not in meet and pk not in found}
    return found


def sizes(user: User, segment: Segment, *, on: date) -> list[int]:
    """How many stood in it at the end of each of the last weeks, oldest first; of the weeks
    since it was made."""
    rows = list(seen_members(user, segment).values_list("from_on", "until_on"))
    days = [on - timedelta(weeks=weeks) for weeks in reversed(range(TREND_WEEKS))]
    made = segment.made_at.date()
    return [
        sum(begin <= day and (end is None or end > day) for begin, end in rows)
        for day in days
        if day >= made or day == on
    ]

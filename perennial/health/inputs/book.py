"""What the score is made from: the facts of all customers on one day, a query per source.

Readings are set-based: about a dozen queries, whatever the number of customers. With
`known_at` only what was recorded before that moment counts (backtests, point in time).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Min, Q, QuerySet

from perennial.contracts.models import Invoice, OrderLine, Pause
from perennial.contracts.queries import Due, entitlements, next_due
from perennial.customers.models import Customer, Person, Touch
from perennial.events.queries.quality import feed_state
from perennial.health.rules import Params, Reading
from perennial.metrics.queries import UsageRow, customer_metrics
from perennial.surveys.models import Answer, SurveyKind
from perennial.tickets.models import Ticket
from perennial.units.moment import day_end

NPS_DAYS = 365
GRACE_DAYS = 30  # an order may be signed this long after the due day
TICKET_DAYS = 28
BREADTH_FEATURES = 3  # a feed with one or two events says nothing about breadth

Readings = dict[int, dict[str, Reading]]


@dataclass(frozen=True, slots=True)
class Served:
    """A customer whose service has not ended, or ended within the grace of an open renewal.

    `due`: what falls due next, or fell due and is not renewed. Unknown seats are None.
    """

    pk: int
    external_id: str
    started_on: date | None
    observed_until: date | None
    seats: int | None
    due: Due | None
    is_paused: bool

    @property
    def open_due(self) -> Due | None:
        """What falls due and nobody has renewed yet."""
        return self.due if self.due and not self.due.renewed else None


@dataclass(slots=True)
class Book:
    """All readings of one day. `connected`: measures whose source exists here at all."""

    day: date
    customers: list[Served]
    readings: Readings = field(default_factory=lambda: defaultdict(dict))
    connected: set[str] = field(default_factory=set)


def _known(rows: QuerySet[Any], known_at: datetime | None) -> QuerySet[Any]:
    return rows if known_at is None else rows.filter(recorded_at__lt=known_at)


def served(day: date, *, known_at: datetime | None = None) -> list[Served]:
    """Every customer but merged ones and those whose last order has run out by `day`."""
    lines = _known(OrderLine.objects.filter(void=False), known_at).order_by()
    starts = {
        pk: (first, last)
        for pk, first, last in lines.values_list("customer_id").annotate(
            Min("start_on"), Max("start_on")
        )
    }
    live = entitlements(None, day)
    due = next_due(None, day, grace_days=GRACE_DAYS)
    paused = set(_paused(day, known_at=known_at))
    customers = Customer.objects.filter(merged_into__isnull=True).order_by("pk")
    return [
        Served(
            pk,
            external_id,
            starts[pk][0] if pk in starts else created_on,
            observed_until,
            live[pk].seats if pk in live else None,
            due.get(pk),
            pk in paused,
        )
        for pk, external_id, created_on, observed_until in customers.values_list(
            "pk", "external_id", "created_on", "observed_until"
        )
        if pk in live
        or pk not in starts
        or starts[pk][1] > day
        or (pk in due and not due[pk].renewed and not due[pk].notice_on)
    ]


def _paused(day: date, *, known_at: datetime | None) -> Iterable[int]:
    """Customers all of whose service rests on this day, by the newest row of each pause."""
    pauses = _known(Pause.objects.filter(start_on__lte=day, order_id=""), known_at)
    newest = {
        (pk, start_on): end_on
        for pk, start_on, end_on in pauses.order_by("recorded_at", "pk").values_list(
            "customer_id", "start_on", "end_on"
        )
    }
    return (pk for (pk, _), end_on in newest.items() if end_on is None or end_on > day)


def gather(day: date, *, known_at: datetime | None = None) -> Book:
    """Everything that the scores of `day` need."""
    book = Book(day, served(day, known_at=known_at))
    end = day_end(day, settings.PERENNIAL_TIME_ZONE)
    _usage(book)
    _relationship(book, end=end, known_at=known_at)
    _support(book, end=end, known_at=known_at)
    _voice(book, end=end, known_at=known_at)
    _payment(book, known_at=known_at)
    return book


def _usage(book: Book) -> None:
    usage = customer_metrics(as_of=book.day)
    if not usage:
        return
    feed_on = max(row.last_seen_on for row in usage.values())
    feeds = feed_state(as_of=book.day)
    book.connected |= {"active_days", "volume_trend", "last_seen", "people_trend"}
    if any(row.features_known >= BREADTH_FEATURES for row in usage.values()):
        book.connected.add("breadth")
    if any(customer.seats for customer in book.customers):
        book.connected.add("seat_use")
    for customer in book.customers:
        row = usage.get(customer.external_id)
        if row is None or customer.is_paused:
            continue  # usage of a paused service says nothing
        as_of = min(filter(None, (feed_on, customer.observed_until)), default=None)
        found = usage_readings(row, day=book.day, as_of=as_of, seats=customer.seats)
        if feeds.is_silent(customer.external_id):  # the silence may be the feed's: unknown, not 0
            found = {name: replace(it, is_stale=True) for name, it in found.items()}
        book.readings[customer.pk].update(found)


def usage_readings(
    row: UsageRow, *, day: date, as_of: date | None, seats: int | None
) -> dict[str, Reading]:
    """The six usage measures of one customer; rates rounded to four digits, so that a replay
    from the history gives the same score."""
    quiet_days = (day - row.last_seen_on).days
    volume = row.usage_trend_rate
    if row.events_28d == 0:
        volume = -1.0  # it has a past, and nothing is left of it
    # Events that name nobody leave people unknown; no events at all mean nobody.
    people_now = row.active_people_28d if row.people_known or not row.events_28d else None
    people_before = row.active_people_prior_28d
    people = -1.0 if people_now == 0 else None
    if people_now is not None and people_before:
        people = people_now / people_before - 1
    breadth = row.feature_breadth_28d / row.features_known if row.features_known else None
    seat_use = people_now / seats if seats and people_now is not None else None
    month, usual = round(row.events_28d), round(row.events_prior_84d / 3)
    used, features = row.feature_breadth_28d, row.features_known
    return {
        "active_days": _at(row.active_days_28d, as_of, {"days": row.active_days_28d}),
        "volume_trend": _at(volume, as_of, {"count": month, "usual": usual}),
        "last_seen": _at(quiet_days, as_of, {"days": quiet_days}),
        "breadth": _at(breadth, as_of, {"count": used, "features": features}),
        "seat_use": _at(seat_use, as_of, {"people": people_now, "seats": seats}),
        "people_trend": _at(people, as_of, {"people": people_now, "before": people_before}),
    }


def _at(value: float | None, as_of: date | None, params: Params) -> Reading:
    return Reading(None if value is None else round(value, 4), as_of, params)


def _local_day(at: datetime) -> date:
    return at.astimezone(settings.PERENNIAL_TIME_ZONE).date()


def _relationship(book: Book, *, end: datetime, known_at: datetime | None) -> None:
    touches = _known(Touch.objects.filter(happened_at__lt=end), known_at).order_by()
    last = dict(touches.values_list("customer_id").annotate(Max("happened_at")))
    if not last:
        return
    book.connected.add("any_touch")
    present = Q(from_on__isnull=True) | Q(from_on__lte=book.day)
    present &= Q(to_on__isnull=True) | Q(to_on__gt=book.day)
    graded = Person.objects.filter(present, grade="S").values_list("customer_id", "from_on")
    sponsors: dict[int, date | None] = dict(_known(graded, known_at))
    if sponsors:
        book.connected.add("key_contact")
    reached = dict(
        touches.filter(person__grade="S").values_list("customer_id").annotate(Max("happened_at"))
    )
    for customer in book.customers:
        any_days = _gap(last.get(customer.pk), book.day, since_on=customer.started_on)
        found = {"any_touch": Reading(any_days, None, {"days": any_days})}
        if customer.pk in sponsors:
            since_on = sponsors[customer.pk] or customer.started_on
            days = _gap(reached.get(customer.pk), book.day, since_on=since_on)
            found["key_contact"] = Reading(days, None, {"days": days})
        book.readings[customer.pk].update(found)


def _gap(touched_at: datetime | None, day: date, *, since_on: date | None) -> int | None:
    """Days without contact: since the last one, or since there was somebody to contact."""
    since = _local_day(touched_at) if touched_at else since_on
    return None if since is None else max((day - since).days, 0)


def _support(book: Book, *, end: datetime, known_at: datetime | None) -> None:
    tickets = _known(Ticket.objects.filter(opened_at__lt=end), known_at).order_by()
    if not tickets.exists():
        return
    book.connected.add("support_load")
    still = Q(closed_at__isnull=True) | Q(closed_at__gte=end)
    recent = Q(opened_at__gte=end - timedelta(days=TICKET_DAYS))
    counts = {
        pk: (still_open, opened)
        for pk, still_open, opened in tickets.filter(still | recent)
        .values_list("customer_id")
        .annotate(still=Count("pk", filter=still), opened=Count("pk", filter=recent))
    }
    for customer in book.customers:
        still_open, opened = counts.get(customer.pk, (0, 0))
        load = still_open + opened / 2
        book.readings[customer.pk]["support_load"] = Reading(
            load, None, {"open": still_open, "opened": opened}
        )


def _voice(book: Book, *, end: datetime, known_at: datetime | None) -> None:
    answers = _known(Answer.objects.filter(kind=SurveyKind.NPS, answered_at__lt=end), known_at)
    if not answers.exists():
        return
    book.connected.add("nps")
    latest: dict[int, dict[str, tuple[float, date]]] = defaultdict(dict)
    for pk, person, key, score, at in answers.order_by("answered_at", "pk").values_list(
        "customer_id", "person_id_text", "external_id", "score", "answered_at"
    ):
        latest[pk][person or key] = (float(score), _local_day(at))
    for pk, by_person in latest.items():
        newest_on = max(on for _, on in by_person.values())
        recent = [s for s, on in by_person.values() if (newest_on - on).days <= NPS_DAYS]
        mean = round(sum(recent) / len(recent), 4)
        book.readings[pk]["nps"] = Reading(
            mean, newest_on, {"score": round(mean, 1), "answers": len(recent)}
        )


def _payment(book: Book, *, known_at: datetime | None) -> None:
    invoices = _known(Invoice.objects.filter(issued_on__lte=book.day), known_at).order_by()
    billed = set(invoices.values_list("customer_id", flat=True))
    if not billed:
        return
    book.connected.add("overdue")
    unpaid = invoices.filter(due_on__lt=book.day).filter(
        Q(paid_on__isnull=True) | Q(paid_on__gt=book.day)
    )
    oldest = dict(unpaid.values_list("customer_id").annotate(Min("due_on")))
    for pk in billed:
        days = (book.day - oldest[pk]).days if pk in oldest else 0
        book.readings[pk]["overdue"] = Reading(days, None, {"days": days})

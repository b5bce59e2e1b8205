"""More tickets than a customer of this size used to have."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count, Q

from perennial.alerts.candidates import Candidate
from perennial.alerts.models import Rule
from perennial.alerts.rules.signals import (
    OPEN_TICKETS,
    OPENED_AGAINST_USUAL,
    OPENED_TICKETS,
    TICKET_DAYS,
)
from perennial.alerts.signals.facts import Facts
from perennial.customers.queries import STANDS_AT
from perennial.tickets.models import Ticket

PAST_MONTHS = 3


def support_loads(facts: Facts) -> list[Candidate] | None:
    """Many open at once, or twice as many opened in four weeks as in the twelve before."""
    past = Ticket.objects.filter(opened_at__lt=facts.end)
    if not past.exists():
        return None
    recent = facts.end - timedelta(days=TICKET_DAYS)
    earlier = recent - timedelta(days=PAST_MONTHS * TICKET_DAYS)
    still = Q(closed_at__isnull=True) | Q(closed_at__gte=facts.end)
    counts = (
        past.filter(still | Q(opened_at__gte=earlier))
        .order_by()
        .annotate(place=STANDS_AT)
        .values_list("place")
        .annotate(
            still=Count("pk", filter=still),
            opened=Count("pk", filter=Q(opened_at__gte=recent)),
            before=Count("pk", filter=Q(opened_at__gte=earlier, opened_at__lt=recent)),
        )
    )
    found = []
    for pk, waiting, opened, before in counts:
        usual = before / PAST_MONTHS
        against = opened / usual if usual else float(opened)
        many = OPENED_TICKETS.enters(opened) and OPENED_AGAINST_USUAL.enters(against)
        still_many = OPENED_TICKETS.holds(opened) and OPENED_AGAINST_USUAL.holds(against)
        if OPEN_TICKETS.holds(waiting) or still_many:
            enters = many or OPEN_TICKETS.enters(waiting)
            found.append(_candidate(facts, pk, waiting, opened, usual, enters=enters))
    return found


def _candidate(
    facts: Facts, pk: int, waiting: int, opened: int, usual: float, *, enters: bool
) -> Candidate:
    return Candidate(
        pk,
        Rule.SUPPORT_LOAD,
        "tickets",
        round(min(0.2 + 0.05 * (waiting + opened), 0.9), 4),
        facts.day - timedelta(days=TICKET_DAYS - 1),
        expected=round(usual, 4),
        observed=float(opened),
        params={"open": waiting, "opened": opened, "usual": round(usual, 1)},
        enters=enters,
    )

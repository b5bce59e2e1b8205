"""Handovers and promises as the pages show them, through the gate."""

from __future__ import annotations

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from perennial.customers.models import Person
from perennial.customers.queries import at_customer, visible_customers
from perennial.team.models import User
from perennial.work.models import Handover, Promise
from perennial.work.onboarding.queries.reach import offered_to, visible_handovers
from perennial.work.onboarding.rules.promises import Promised, over_promised

_STATE = Handover.State
OPEN = "open"
STATES = (OPEN, *_STATE.values)
WHO = ("", "to_me", "from_me")


def narrowed(user: User, *, state: str, who: str) -> QuerySet[Handover]:
    """What waits first, then what came back, then drafts, then the rest; newest first."""
    found = offered_to(user) if who == "to_me" else visible_handovers(user)
    if who == "from_me":
        found = found.filter(from_user=user)
    if state == OPEN:
        found = found.exclude(state=_STATE.ACCEPTED)
    elif state in _STATE.values:
        found = found.filter(state=state)
    order = {_STATE.OFFERED: 0, _STATE.RETURNED: 1, _STATE.DRAFT: 2}
    rank = Case(
        *(When(state=state, then=Value(place)) for state, place in order.items()),
        default=Value(3),
        output_field=IntegerField(),
    )
    unknown = Q(promises__verdict=Promise.Verdict.UNKNOWN)
    return found.annotate(
        rank=rank, promised=Count("promises"), unjudged=Count("promises", filter=unknown)
    ).order_by("rank", "-offered_at", "-pk")


def counts(user: User) -> dict[str, int]:
    found = dict(visible_handovers(user).order_by().values_list("state").annotate(Count("pk")))
    open_ones = sum(n for state, n in found.items() if state != _STATE.ACCEPTED)
    return found | {OPEN: open_ones, "to_me": offered_to(user).count()}


def seen_customers(user: User, handovers: list[Handover]) -> set[int]:
    """Those whose page the user may open: a receiver sees the handover before the customer."""
    wanted = {it.customer.pk for it in handovers}
    return set(visible_customers(user).filter(pk__in=wanted).values_list("pk", flat=True))


def promised(user: User) -> list[Promised]:
    """By salesperson, over the handovers that the user may see; drafts promise nothing yet."""
    rows = Promise.objects.filter(handover__in=visible_handovers(user)).exclude(
        handover__state=_STATE.DRAFT
    )
    names = ("promised_by", "handover__from_name", "handover__from_user__name", "verdict")
    return over_promised(
        (by or name or user_name or "", verdict)
        for by, name, user_name, verdict in rows.values_list(*names)
    )


def people_of(handover: Handover) -> list[Person]:
    """The people named in it who still are this customer's, in the order of their grades."""
    rows = Person.objects.filter(at_customer(handover.customer.pk), pk__in=handover.people)
    return list(rows.order_by("to_on", "-grade", "name"))

"""Key contacts (grades S and A): who left, whom we do not reach, who stopped using it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Max, Q

from perennial.alerts.candidates import Candidate
from perennial.alerts.models import Rule
from perennial.alerts.rules.lives import Threshold
from perennial.alerts.rules.signals import (
    CONTACT_HABIT_DAYS,
    CONTACT_HABIT_TOUCHES,
    CONTACT_LEFT_DAYS,
    CONTACT_NEWS_DAYS,
    CONTACT_SEVERITY,
    CONTACT_UNREACHED_DAYS,
    CONTACT_UNUSED_DAYS,
)
from perennial.alerts.signals.facts import Facts, local_day
from perennial.alerts.signals.logins import OFTEN_DAYS, Login, logins
from perennial.customers.models import Person, Touch

SILENT_SHARE = 0.75  # of the severity of leaving: they are still there


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody of grade S or A who is there. `touches`: with them in a year. `login` None: not
    seen in 112 days, or no user."""

    customer_id: int
    name: str
    grade: str
    touched_on: date | None
    touches: int
    login: Login | None


def contacts_left(facts: Facts) -> list[Candidate] | None:
    graded = Person.objects.filter(grade__in=CONTACT_SEVERITY)
    if not graded.exists():
        return None
    left = graded.filter(
        to_on__gt=facts.day - timedelta(days=CONTACT_LEFT_DAYS), to_on__lte=facts.day
    )
    return [
        Candidate(
            person.customer_id,
            Rule.CONTACT_LEFT,
            "people",
            CONTACT_SEVERITY[person.grade],
            person.to_on or facts.day,
            params={
                "name": person.name,
                "role": person.role,
                "grade": person.grade,
                "left_on": (person.to_on or facts.day).isoformat(),
            },
        )
        for person in left.order_by("pk")
    ]


def contacts_silent(facts: Facts) -> list[Candidate] | None:
    """Not reached for long, or not logged in for four weeks while the company goes on."""
    contacts = _contacts(facts)
    touched = any(it.touched_on for it in contacts)
    if not touched and not any(it.login for it in contacts):
        return None
    found = []
    for it in contacts:
        if touched and (unreached := _unreached(it, facts)):
            found.append(unreached)
        if it.login and (unused := _unused(it, it.login, facts)):
            found.append(unused)
    return found


def _contacts(facts: Facts) -> list[Contact]:
    here = Q(to_on__isnull=True) | Q(to_on__gt=facts.day)
    graded = Person.objects.filter(here, grade__in=CONTACT_SEVERITY).order_by("pk")
    people = list(graded.values_list("pk", "customer_id", "external_id", "name", "grade"))
    year = facts.end - timedelta(days=CONTACT_HABIT_DAYS)
    touches = Touch.objects.filter(happened_at__gte=year, happened_at__lt=facts.end)
    counted = touches.order_by().values_list("person_id").annotate(Max("happened_at"), Count("pk"))
    touched = {pk: (local_day(at), count) for pk, at, count in counted if pk}
    seen = logins({user for _, pk, user, *_ in people if pk in facts.usage}, day=facts.day)
    return [
        Contact(customer_id, name, grade, last_on, lately, seen.get(user))
        for pk, customer_id, user, name, grade in people
        if customer_id in facts.customers
        for last_on, lately in [touched.get(pk, (None, 0))]
    ]


def _unreached(it: Contact, facts: Facts) -> Candidate | None:
    if it.touched_on is None or it.touches < CONTACT_HABIT_TOUCHES:
        return None
    limit, days = CONTACT_UNREACHED_DAYS[it.grade], (facts.day - it.touched_on).days
    if not limit.holds(days):
        return None
    news = days <= CONTACT_NEWS_DAYS
    return _silent(it, "unreached", days=days, limit=limit, since_on=it.touched_on, news=news)


def _unused(it: Contact, login: Login, facts: Facts) -> Candidate | None:
    usage = facts.usage.get(it.customer_id)
    days = (facts.day - login.last_on).days
    if usage is None or not usage.events_7d or login.days < OFTEN_DAYS:
        return None
    if not CONTACT_UNUSED_DAYS.holds(days):
        return None
    return _silent(it, "unused", days=days, limit=CONTACT_UNUSED_DAYS, since_on=login.last_on)


def _silent(
    it: Contact, way: str, *, days: int, limit: Threshold, since_on: date, news: bool = True
) -> Candidate:
    return Candidate(
        it.customer_id,
        Rule.CONTACT_SILENT,
        "people",
        round(CONTACT_SEVERITY[it.grade] * SILENT_SHARE, 4),
        since_on,
        expected=limit.enter,
        observed=float(days),
        params={"way": way, "name": it.name, "grade": it.grade, "days": days},
        enters=news and limit.enters(days),
    )

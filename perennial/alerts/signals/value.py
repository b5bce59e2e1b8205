"""Decision makers whose view of the value nobody knows when the renewal comes near (D2)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from django.db.models import Q

from perennial.alerts.candidates import Candidate
from perennial.alerts.models import Rule
from perennial.alerts.rules.signals import RENEWAL_DAYS, VALUE_VALID_DAYS
from perennial.alerts.signals.facts import Facts
from perennial.alerts.signals.renewals import near
from perennial.customers.models import Person
from perennial.customers.queries import STANDS_AT
from perennial.health.models import Opinion, Said

DECIDING = ("S", "A")


def values_unknown(facts: Facts) -> list[Candidate] | None:
    """None known before the stage 'pre-renewal' is itself a risk; one known view ends it."""
    said = Opinion.objects.filter(measure=Said.VALUE_PERCEPTION, said_on__lte=facts.day)
    if not said.exists():
        return None  # nobody here asks for it: that says nothing about a single customer
    valid = said.filter(said_on__gt=facts.day - timedelta(days=VALUE_VALID_DAYS))
    known = set(valid.annotate(place=STANDS_AT).values_list("place", flat=True))
    here = Q(to_on__isnull=True) | Q(to_on__gt=facts.day)
    deciding = Person.objects.filter(here, grade__in=DECIDING).annotate(place=STANDS_AT)
    people = Counter(deciding.values_list("place", flat=True))
    return [
        Candidate(
            pk,
            Rule.VALUE_UNKNOWN,
            "value_perception",
            0.4,
            due.due_on - timedelta(days=RENEWAL_DAYS),
            params={"ahead": ahead, "people": people[pk], "due_on": due.due_on.isoformat()},
        )
        for pk, due, ahead in near(facts, days=RENEWAL_DAYS)
        if pk not in known
    ]

"""What a touch may belong to, and what the figures learn of one."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Max

from perennial.customers.models import About, Customer, Touch
from perennial.desk.models import CustomerFigures
from perennial.team.access import sees_money
from perennial.team.models import User
from perennial.tickets.queries import tickets_of
from perennial.units.moment import business_day
from perennial.work import shown
from perennial.work.models import State
from perennial.work.plans.queries import plans_of
from perennial.work.queries import of_customer

MOST = 8


def abouts(user: User, customer: Customer) -> list[tuple[str, str]]:
    """Open calls to action, plans and open tickets of a customer, as (ABOUT:ID, words)."""
    money = sees_money(user)
    items = of_customer(user, customer).exclude(state=State.DONE).order_by("-rank_value", "pk")
    found = [
        (About.WORK_ITEM, it.pk, it.title or shown.why(it, money=money)) for it in items[:MOST]
    ]
    found += [(About.PLAN, it.pk, it.title) for it in plans_of(user, customer)[:MOST]]
    tickets = tickets_of(user, customer).filter(closed_at__isnull=True)
    found += [(About.TICKET, it.pk, it.subject or it.external_id) for it in tickets[:MOST]]
    labels = dict(About.choices)
    return [(f"{kind}:{pk}", f"{labels[kind]} · {words}"[:90]) for kind, pk, words in found]


def learn(customer: Customer) -> None:
    """The last touch of the list and the customer's page, at once."""
    last = Touch.objects.filter(customer=customer).aggregate(at=Max("happened_at"))["at"]
    on = business_day(last, settings.PERENNIAL_TIME_ZONE) if last else None
    CustomerFigures.objects.filter(pk=customer.pk).update(last_touch_on=on)

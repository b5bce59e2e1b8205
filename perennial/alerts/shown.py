"""The list as its page shows it: one card per customer, filters in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from perennial.alerts.models import Alert, Rule, Verdict
from perennial.alerts.panels import row
from perennial.customers.models import Customer
from perennial.customers.queries import STANDS_AT, at_customer, in_books
from perennial.team.access import Scope, books, scope, sees_money
from perennial.team.models import User

STATES = ("open", "resolved")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; whatever is not known there counts as nothing."""

    state: str
    rule: str
    whose: str

    @classmethod
    def of(cls, given: Mapping[str, str], user: User) -> Asked:
        state = given.get("state", "")
        rule, whose = given.get("rule", ""), given.get("scope", "")
        return cls(
            state if state in STATES else STATES[0],
            rule if rule in Rule.values else "",
            whose if whose in scopes(user) else scopes(user)[-1],
        )


@dataclass(frozen=True, slots=True)
class Card:
    """A customer's alerts, the gravest first; None: about all customers."""

    customer: Customer | None
    rows: tuple[dict[str, Any], ...]

    @property
    def tone(self) -> str:
        return str(self.rows[0]["tone"])


def scopes(user: User) -> tuple[str, ...]:
    """Which tabs a user has: own, then as far as the role reaches."""
    reach = scope(user).scope
    if reach is Scope.ALL:
        return ("own", "team", "all") if user.team_id else ("own", "all")
    return ("own", "team") if reach is Scope.TEAM else ("own",)


def narrowed(alerts: QuerySet[Alert], asked: Asked, user: User) -> QuerySet[Alert]:
    """By scope and state; those of all customers stand in every scope."""
    found = alerts.filter(resolved_on__isnull=asked.state == "open")
    if asked.whose == "own":
        return found.filter(in_books(books(user)) | Q(customer__isnull=True))
    if asked.whose == "team":
        ours = Q(customer__owner__team=user.team_id) | Q(customer__team=user.team_id)
        return found.filter(ours | Q(customer__isnull=True))
    return found


def ranked(alerts: QuerySet[Alert]) -> QuerySet[Alert, Any]:
    """Customers in the order of their cards: the gravest alert first, then the newest."""
    cards = (
        alerts.order_by()
        .values(place=STANDS_AT)
        .annotate(worst=Max("severity"), newest=Max("raised_on"), n=Count("pk"))
    )
    return cards.order_by("-worst", "-newest", "place")


def cards(alerts: QuerySet[Alert], customers: Sequence[int | None], user: User) -> list[Card]:
    """The cards of these customers with all that was asked for about them."""
    known = [pk for pk in customers if pk is not None]
    wanted = at_customer(known)
    if None in customers:
        wanted |= Q(customer__isnull=True)
    found: dict[int | None, list[Alert]] = {pk: [] for pk in customers}
    for alert in alerts.filter(wanted).order_by("-severity", "-raised_on", "pk"):
        found[alert.customer.pk if alert.customer else None].append(alert)
    verdicts = said_by(user, [alert for each in found.values() for alert in each])
    money = sees_money(user)
    return [
        Card(
            each[0].customer,
            tuple(row(it, money=money) | {"said": verdicts.get(it.pk)} for it in each),
        )
        for each in found.values()
        if each
    ]


def said_by(user: User, alerts: Sequence[Alert]) -> dict[int, bool]:
    """What this user said about alerts: right or wrong."""
    said = Verdict.objects.filter(by=user, alert__in=[it.pk for it in alerts])
    return dict(said.values_list("alert_id", "was_right"))

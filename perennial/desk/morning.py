"""Once the newest day is there: everybody's digest, and at once what weighs most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from perennial.alerts.actions import claim_changes
from perennial.alerts.models import Alert, AlertChange
from perennial.alerts.wording import sentence
from perennial.desk import digest
from perennial.desk.models import CustomerFigures
from perennial.desk.queries import AS_OF
from perennial.desk.rows import display_name
from perennial.notify import actions, email, wording
from perennial.notify.actions import News, Said, in_languages
from perennial.notify.models import Topic
from perennial.notify.rules import INSTANT_A_DAY, instant_from
from perennial.team.access import Page, can, sees_money
from perennial.team.models import InstallationFact, User
from perennial.units.moment import last_complete_day

TOLD = "morning_told"  # the newest day whose digests are out


@dataclass(frozen=True, slots=True)
class Weighty:
    """An alert that its CSM hears of at once, and the money that stands behind it."""

    alert: Alert
    owner: User
    stake: Decimal


def tell_the_morning(*, at: datetime) -> int:
    """Tell what the newest day brought; how many notices. The same again tells nothing.

    Only while the day is the last complete one: a home that is put at a day long past, or makes
    up for missed days, tells of none of them.
    """
    newest = InstallationFact.objects.filter(name=AS_OF).values_list("value", flat=True).first()
    told = InstallationFact.objects.filter(name=TOLD).values_list("value", flat=True).first()
    day = last_complete_day(at, settings.PERENNIAL_TIME_ZONE)
    if newest != day.isoformat():
        return 0
    waits = AlertChange.objects.filter(told_at__isnull=True).exists()  # a look takes no lock
    found = _tell_weighty(day, at=at) if waits else 0
    if told != newest:
        found += _tell_digests(day, at=at)
        InstallationFact.objects.update_or_create(name=TOLD, defaults={"value": newest})
    return found


def _tell_digests(day: date, *, at: datetime) -> int:
    """One colleague after the other: who was told already when it stopped is not told again."""
    found = 0
    for user in User.objects.filter(is_active=True).select_related("team").order_by("pk"):
        if can(user, Page.EDIT_CUSTOMERS) and (news := digest.news(user, on=day)):
            with transaction.atomic():
                found += actions.tell([news], at=at)
                if email.is_set_up():
                    actions.post([digest.letter(user, on=day)], at=at)
    return found


@transaction.atomic
def _tell_weighty(day: date, *, at: datetime) -> int:
    """Alerts that this day raised, where most is at stake. Claimed with what is told, so that a
    crash in between gives them back."""
    raised = [
        it.alert
        for it in claim_changes(at)
        if it.step == AlertChange.Step.RAISED and it.changed_on == day
    ]
    weighty = _weightiest([it for it in raised if it.customer_id])
    return actions.tell([_news(it) for it in weighty], at=at)


def _weightiest(alerts: Sequence[Alert]) -> list[Weighty]:
    """Per CSM the alerts of customers in the highest tenth of the own book, three at most."""
    by_owner: dict[User, list[Alert]] = defaultdict(list)
    for alert in alerts:
        owner = alert.customer.owner if alert.customer else None
        if owner is not None and owner.is_active and sees_money(owner):
            by_owner[owner].append(alert)
    found = []
    for owner, own in by_owner.items():
        stakes = _stakes(CustomerFigures.objects.filter(customer__owner=owner))
        least = instant_from(stakes.values())
        if least is None:
            continue
        heavy = [Weighty(it, owner, stakes.get(it.customer_id or 0, Decimal(0))) for it in own]
        heavy = [it for it in heavy if it.stake >= least]
        found += sorted(heavy, key=lambda it: (-it.stake, it.alert.pk))[:INSTANT_A_DAY]
    return found


def _stakes(figures: QuerySet[CustomerFigures]) -> dict[int, Decimal]:
    rows: Iterable[tuple[int, Decimal | None]] = figures.values_list("pk", "arr")
    return {pk: arr for pk, arr in rows if arr}


def _news(it: Weighty) -> News:
    return News(
        it.owner,
        Topic.ALERT,
        f"alert:{it.alert.pk}",
        in_languages(lambda: _said(it, money=True)),
        reverse("desk:customer", args=[it.alert.customer_id]),
        customer_id=it.alert.customer_id,
        discreet=in_languages(lambda: _said(it, money=False)),
    )


def _said(it: Weighty, *, money: bool) -> Said:
    customer = it.alert.customer
    name = display_name(customer.name, customer.name_en) if customer else ""
    title = f"{name} · {it.alert.get_rule_display()}"
    return Said(title, sentence(it.alert, money=money), wording.csm_of(name))

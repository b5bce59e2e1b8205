"""Once the newest day is there: everybody's digest, and at once what weighs most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation

from perennial.alerts.actions import claim_changes
from perennial.alerts.models import Alert, AlertChange
from perennial.alerts.wording import sentence
from perennial.desk import digest
from perennial.desk.models import CustomerFigures
from perennial.desk.queries import AS_OF
from perennial.desk.rows import display_name
from perennial.notify import actions, email, queries, wording
from perennial.notify.actions import News, Said, in_languages
from perennial.notify.models import Channel, How, Topic
from perennial.notify.rules import INSTANT_A_DAY, instant_from
from perennial.team.access import Page, can, sees_money
from perennial.team.models import InstallationFact, Role, User
from perennial.units.moment import last_complete_day

TOLD = "morning_told"  # the newest day whose digests are out
WAITS_FOR_DIGEST = timedelta(hours=2)


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
        news = digest.news(user, on=day) if can(user, Page.EDIT_CUSTOMERS) else None
        with transaction.atomic():
            found += actions.tell([news], at=at) if news else 0
            if email.is_set_up():
                _mail_digest(user, day, has_news=news is not None, at=at)
    for channel in queries.channels_of(Topic.DIGEST):
        found += _tell_channel(channel, day, at=at)
    return found


def _mail_digest(user: User, day: date, *, has_news: bool, at: datetime) -> None:
    """The digest, if it is wished, and what the reader wished to hear of in it."""
    is_wanted = has_news and queries.how_of(user, Topic.DIGEST) != How.OFF
    with translation.override(user.language or wording.DEFAULT_LANGUAGE):
        waiting = [queries.line(it) for it in queries.waiting_for_digest(user)]
    if is_wanted or waiting:
        letter = digest.letter(user, on=day, is_wanted=is_wanted, waiting=waiting)
        actions.post([letter], at=at)
        actions.digest_sent(user, at=at)


def _tell_channel(channel: Channel, day: date, *, at: datetime) -> int:
    """A team's digest as its leader sees it, a company's as an administrator does; without
    amounts, for nobody knows who reads along."""
    readers = User.objects.filter(is_active=True).order_by("pk")
    if channel.team_id is None:
        reader = readers.filter(role=Role.ADMIN).first()
    else:
        reader = readers.filter(role=Role.LEADER, team=channel.team_id).first()
    if reader is None:
        return 0
    with translation.override(channel.language or wording.DEFAULT_LANGUAGE):
        said = digest.for_channel(reader, on=day)
    if said is None:
        return 0
    return actions.announce(
        channel,
        key=f"digest:{day}",
        topic=Topic.DIGEST,
        said=said,
        url=reverse("desk:today"),
        at=at,
    )


def mail_what_waits(*, at: datetime) -> int:
    """What waits for a digest that does not come, because the day failed or there is none, leaves
    by itself two hours after the day's hour; how many mails."""
    zone = settings.PERENNIAL_TIME_ZONE
    local = at.astimezone(zone)
    due = datetime.combine(local.date(), settings.PERENNIAL_DAY_AT, zone)
    if not email.is_set_up() or local < due + WAITS_FOR_DIGEST:
        return 0
    found = 0
    for user in queries.waiting_since_before(due):
        with transaction.atomic(), translation.override(user.language or wording.DEFAULT_LANGUAGE):
            waiting = [queries.line(it) for it in queries.waiting_for_digest(user)]
            if waiting:
                letter = digest.letter(user, on=local.date(), is_wanted=False, waiting=waiting)
                found += actions.post([replace(letter, key=f"waited:{local.date()}")], at=at)
            actions.digest_sent(user, at=at)
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
        heavy = [
            Weighty(it, owner, stakes.get(it.customer.pk if it.customer else 0, Decimal(0)))
            for it in own
        ]
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
        reverse("desk:customer", args=[it.alert.customer.pk if it.alert.customer else 0]),
        customer_id=it.alert.customer.pk if it.alert.customer else None,
        discreet=in_languages(lambda: _said(it, money=False)),
    )


def _said(it: Weighty, *, money: bool) -> Said:
    customer = it.alert.customer
    name = display_name(customer.name, customer.name_en) if customer else ""
    title = f"{name} · {it.alert.get_rule_display()}"
    return Said(title, sentence(it.alert, money=money), wording.csm_of(name))

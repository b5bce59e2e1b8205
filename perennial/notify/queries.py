"""Reads of one's own inbox and wishes, and of mails and channels for administrators."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any, Protocol, cast

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.http import Http404
from django.utils.translation import get_language

from perennial.notify import wording
from perennial.notify.models import (
    Channel,
    ChannelKind,
    Delivery,
    How,
    Mail,
    Notice,
    Topic,
    TopicWish,
    Wish,
)
from perennial.notify.rules import STANDARD, Quiet, after_quiet
from perennial.team.models import User
from perennial.units.sentence import sentence

NOT_VISIBLE = sentence("Its readers may no longer see this customer.")
GONE = sentence("The colleague works here no more.")


class Reach(Protocol):
    """The gate of customers. This slice stands below them: a setting names the module."""

    def customers_of(self, user: User) -> QuerySet[Any]: ...
    def customers_of_team(self, team_id: int | None) -> QuerySet[Any]: ...


def _reach() -> Reach:
    return cast(Reach, import_module(settings.NOTIFY_REACH))


@dataclass(frozen=True, slots=True)
class Line:
    """A notice in the reader's language."""

    notice: Notice
    title: str
    body: str
    why: str


def inbox(user: User) -> QuerySet[Notice]:
    """The gate: one's own notices, the newest first; of customers only those still in reach."""
    seen = _reach().customers_of(user).values("pk")
    found = Notice.objects.filter(Q(customer_id__isnull=True) | Q(customer_id__in=seen), user=user)
    return found.order_by("-told_at", "-pk")


def unread(user: User) -> int:
    return inbox(user).filter(read_at__isnull=True).count()


def unread_by_topic(user: User) -> dict[str, int]:
    rows = inbox(user).filter(read_at__isnull=True).order_by().values_list("topic")
    return dict(rows.annotate(Count("pk")))


def waiting_for_digest(user: User) -> QuerySet[Notice]:
    """What the reader wished to hear of in the next digest."""
    return inbox(user).filter(waits_for_digest=True)


def waiting_since_before(moment: datetime) -> list[User]:
    """Colleagues for whom something waits for a digest since before this moment."""
    notices = Notice.objects.filter(waits_for_digest=True, told_at__lt=moment)
    return list(User.objects.filter(is_active=True, pk__in=notices.values("user")).order_by("pk"))


def notice_for(user: User, pk: int) -> Notice:
    """One of the user's own, or Http404."""
    found = inbox(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def line(notice: Notice) -> Line:
    language = get_language() or "en"
    said = notice.said.get(language) or notice.said.get("en") or {}
    why = said.get("why") or wording.standard(notice.topic)
    return Line(notice, said.get("title", ""), said.get("body", ""), why)


def hows(user_ids: Collection[int]) -> dict[tuple[int, str], How]:
    """How each topic reaches each of these users."""
    found = {(pk, topic): How(how) for pk in user_ids for topic, how in STANDARD.items()}
    rows = TopicWish.objects.filter(user__in=user_ids).values_list("user", "topic", "how")
    return found | {(pk, topic): How(how) for pk, topic, how in rows}


def how_of(user: User, topic: Topic) -> How:
    return hows([user.pk])[user.pk, topic]


def wish_of(user: User) -> Wish:
    return Wish.objects.filter(user=user).first() or Wish(user=user)


def quiet_hours(user_ids: Collection[int]) -> dict[int, Quiet]:
    """The quiet hours of those of these users who have any."""
    return {it.pk: quiet_of(it) for it in Wish.objects.filter(user__in=user_ids)}


def quiet_of(wish: Wish) -> Quiet:
    return Quiet(wish.quiet_from, wish.quiet_until, wish.quiet_weekends)


def leaves_at(moment: datetime, quiet: Quiet | None) -> datetime:
    """When what is due at `moment` may leave to somebody with these quiet hours."""
    return after_quiet(moment, quiet, settings.PERENNIAL_TIME_ZONE) if quiet else moment


def may_reach(user: User, customers: Collection[int]) -> bool:
    """Whether the user may still hear of all these customers."""
    if not user.is_active:
        return False
    named = set(customers)
    return not named or _reach().customers_of(user).filter(pk__in=named).count() == len(named)


def may_reach_channel(channel: Channel, customer_id: int | None) -> bool:
    """Whether this customer is still the channel's team's."""
    if customer_id is None:
        return True
    return _reach().customers_of_team(channel.team_id).filter(pk=customer_id).exists()


def mails() -> QuerySet[Mail]:
    """Every mail, for administrators, the newest first."""
    return Mail.objects.select_related("user").order_by("-made_at", "-pk")


def mail_counts() -> dict[str, int]:
    """How many wait after a failure, and how many were given up."""
    return Mail.objects.aggregate(
        stuck=Count("pk", filter=Q(state=Mail.State.WAITING, attempts__gt=0)),
        given_up=Count("pk", filter=Q(state=Mail.State.GIVEN_UP)),
    )


def channels() -> QuerySet[Channel]:
    """Every channel, for administrators, with what waits and what was given up."""
    waiting = Q(deliveries__state=Delivery.State.WAITING)
    given_up = Q(deliveries__state=Delivery.State.GIVEN_UP)
    return (
        Channel.objects.select_related("team")
        .annotate(
            waiting=Count("deliveries", filter=waiting),
            given_up=Count("deliveries", filter=given_up),
        )
        .order_by("name")
    )


def channels_of(topic: Topic) -> list[Channel]:
    """Channels at work that take this topic."""
    rows = Channel.objects.filter(is_paused=False).select_related("team").order_by("pk")
    return [it for it in rows if topic in it.topics]


def webhooks() -> QuerySet[Channel]:
    """Webhooks that a step of a playbook may call."""
    return Channel.objects.filter(kind=ChannelKind.WEBHOOK).order_by("name")


def deliveries(channel: Channel) -> QuerySet[Delivery]:
    """What was sent to a channel, the newest first."""
    return Delivery.objects.filter(channel=channel).order_by("-made_at", "-pk")


def address(path: str) -> str:
    """A link as it can stand in a mail; empty while nobody said where this installation is."""
    return settings.PERENNIAL_URL.rstrip("/") + path if settings.PERENNIAL_URL and path else ""

"""The company's channels: administrators enter, test, pause and remove them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from perennial.notify import carriers, webhook, wording
from perennial.notify.actions import sending
from perennial.notify.models import Channel, ChannelKind, Delivery, Topic
from perennial.notify.sealing import seal
from perennial.team.audit import record
from perennial.team.models import Team, User
from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence


@dataclass(frozen=True, slots=True)
class Terms:
    """What an administrator says of a channel. `team` None: everybody's."""

    name: str
    team: Team | None
    topics: Sequence[str]
    language: str


@dataclass(frozen=True, slots=True)
class Added:
    """A new channel; `secret` of a webhook is shown now and never again."""

    channel: Channel
    secret: str


@transaction.atomic
def add_channel(
    terms: Terms,
    *,
    kind: ChannelKind,
    address: str,
    secret: str = "",
    by: User | None,
    at: datetime,
) -> Added:
    """A new channel. Raises InputRefused for an address that we do not call."""
    carriers.check(kind, address)
    shown_once = webhook.new_secret() if kind is ChannelKind.WEBHOOK else ""
    _refuse_twin(terms.name)
    channel = Channel.objects.create(
        name=terms.name,
        kind=kind,
        team=terms.team,
        topics=list(terms.topics),
        language=terms.language,
        address=seal(address),
        secret=seal(shown_once or (secret if kind in carriers.SIGNED else "")),
        shown=carriers.masked(address),
        made_at=at,
    )
    _line("channel_added", channel, by=by, at=at)
    return Added(channel, shown_once)


@transaction.atomic
def change_channel(
    channel: Channel,
    terms: Terms,
    *,
    address: str = "",
    secret: str = "",
    version: int,
    by: User | None,
    at: datetime,
) -> Channel:
    """Change a channel; an empty address or secret stays what it is. Raises InputRefused, also
    when somebody else changed it since `version`."""
    _refuse_twin(terms.name, but=channel)
    values: dict[str, object] = {
        "name": terms.name,
        "team": terms.team,
        "topics": list(terms.topics),
        "language": terms.language,
        "version": F("version") + 1,
    }
    if address:
        carriers.check(channel.kind, address)
        values |= {"address": seal(address), "shown": carriers.masked(address)}
    if secret and channel.kind in carriers.SIGNED:
        values["secret"] = seal(secret)
    if not Channel.objects.filter(pk=channel.pk, version=version).update(**values):
        raise InputRefused(
            sentence("Somebody else has changed this channel since you opened it."),
            code="conflict",
        )
    channel.refresh_from_db()
    _line("channel_changed", channel, by=by, at=at)
    return channel


@transaction.atomic
def pause_channel(channel: Channel, *, is_paused: bool, by: User | None, at: datetime) -> None:
    """Nothing new is laid out for a paused channel; what waits goes on waiting."""
    Channel.objects.filter(pk=channel.pk).update(is_paused=is_paused)
    _line("channel_paused" if is_paused else "channel_resumed", channel, by=by, at=at)


@transaction.atomic
def remove_channel(channel: Channel, *, by: User | None, at: datetime) -> None:
    """The channel, its secret and its deliveries go."""
    _line("channel_removed", channel, by=by, at=at)
    channel.delete()


def send_test(channel: Channel, *, by: User, at: datetime) -> Delivery:
    """Send a first message now, and say what came of it; a failed test is not tried again."""
    with translation.override(channel.language or wording.DEFAULT_LANGUAGE):
        message = {
            "title": _("Perennial: a test"),
            "body": _("{name} set up this channel. Messages will look like this.").format(name=by),
            "why": wording.rule_of_channel(channel, Topic.SYSTEM),
            "url": "",
        }
    delivery = Delivery.objects.create(
        channel=channel,
        key=f"test:{uuid.uuid4()}",
        topic=Topic.SYSTEM,
        message=message,
        made_at=at,
        due_at=at + sending.LEASE,
    )
    if not sending.send(delivery, now=at):
        Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.GIVEN_UP)
    delivery.refresh_from_db()
    record(
        "channel_tested",
        object_type="channel",
        object_id=channel.pk,
        summary=channel.name,
        detail={"sent": delivery.state == Delivery.State.SENT},
        by=by,
        at=at,
    )
    return delivery


@transaction.atomic
def send_again(delivery: Delivery, *, by: User | None, at: datetime) -> None:
    """Send a delivery once more, with the id it had: also one that arrived."""
    delivery.state, delivery.attempts, delivery.due_at = Delivery.State.WAITING, 0, at
    delivery.save(update_fields=["state", "attempts", "due_at"])
    record(
        "delivery_sent_again",
        object_type="channel",
        object_id=delivery.channel_id,
        summary=delivery.channel.name,
        detail={"message_id": str(delivery.message_id)},
        by=by,
        at=at,
    )


def _refuse_twin(name: str, *, but: Channel | None = None) -> None:
    others = Channel.objects.exclude(pk=but.pk) if but else Channel.objects.all()
    if others.filter(name=name).exists():
        raise InputRefused(sentence("There is a channel of this name."), code="name_taken")


def _line(action: str, channel: Channel, *, by: User | None, at: datetime) -> None:
    record(
        action,
        object_type="channel",
        object_id=channel.pk,
        summary=channel.name,
        detail={"kind": channel.kind, "topics": list(channel.topics), "address": channel.shown},
        by=by,
        at=at,
    )
